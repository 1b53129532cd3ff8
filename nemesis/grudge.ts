/** Which links a partition cuts: pure sets of directed links. (Jepsen's word is "grudge".) */
import type { NodeName, Value } from '../harness/operation.ts';
import { CLIENT_SIDE, NAME_SERVER } from '../harness/packet-rules.ts';
import type { Draws } from '../harness/random.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import { requireNodes } from './selector.ts';

/** Every link between two groups, both ways. */
export function between(some: readonly NodeName[], others: readonly NodeName[]): readonly Link[] {
  return [...oneWay(some, others), ...oneWay(others, some)];
}

/** Every link from one group to the other: the other still reaches the first, and hears nothing back. */
export function oneWay(from: readonly NodeName[], to: readonly NodeName[]): readonly Link[] {
  return from.flatMap((a) => to.filter((b) => b !== a).map((b) => ({ from: a, to: b })));
}

/** The two halves of the nodes in this order; the first is the smaller. */
export function halves(
  nodes: readonly NodeName[],
): readonly [readonly NodeName[], readonly NodeName[]] {
  const middle = Math.floor(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}

/** Two halves that cannot reach each other, and one node (the first) that reaches both. */
export function bridge(nodes: readonly NodeName[]): readonly Link[] {
  const [some, others] = halves(nodes.slice(1));
  return between(some, others);
}

/**
 * Every node sees a majority (itself included), and no two see the same one. Nodes stand in a ring and see their
 * neighbours, as far as a majority needs; seeing is mutual, so that connections work. Of three nodes that is a line,
 * whose middle sees all.
 */
export function majoritiesRing(nodes: readonly NodeName[]): readonly Link[] {
  return cutUnless(nodes, (a, b) => isNear(ringDistance(a, b, nodes.length), a, b, nodes.length));
}

function isNear(distance: number, a: number, b: number, count: number): boolean {
  if (count <= 3) return Math.abs(a - b) <= 1;
  const needed = Math.floor(count / 2);
  if (distance <= Math.floor(needed / 2)) return true;
  if (needed % 2 === 0) return false;
  // An odd number of neighbours: the node opposite, or with no node opposite one more to each side.
  return count % 2 === 0 ? distance === count / 2 : distance === Math.floor(needed / 2) + 1;
}

function ringDistance(a: number, b: number, count: number): number {
  const around = Math.abs(a - b);
  return Math.min(around, count - around);
}

function cutUnless(
  nodes: readonly NodeName[],
  sees: (a: number, b: number) => boolean,
): readonly Link[] {
  return nodes.flatMap((from, a) =>
    nodes.flatMap((to, b) => (a === b || sees(a, b) ? [] : [{ from, to }])),
  );
}

/**
 * A random graph: each pair of nodes is parted with this chance, both ways, and one pair at least.
 * @param share in [0, 1]
 */
export function randomGraph(
  nodes: readonly NodeName[],
  share: number,
  draws: Draws,
): readonly Link[] {
  const pairs = draws.shuffle(pairsOf(nodes));
  const parted = pairs.filter(() => draws.next() < share);
  const chosen = parted.length === 0 ? pairs.slice(0, 1) : parted;
  return pairsOf(nodes).flatMap(([a, b]) =>
    chosen.some(([one, other]) => one === a && other === b) ? between([a], [b]) : [],
  );
}

/** Every two nodes once, in the order of the nodes. */
export function pairsOf(nodes: readonly NodeName[]): readonly (readonly [NodeName, NodeName])[] {
  return nodes.flatMap((a, index) => nodes.slice(index + 1).map((b) => [a, b] as const));
}

/** Every link between two groups of these; nodes in none reach all. */
export function amongGroups(groups: readonly (readonly NodeName[])[]): readonly Link[] {
  return groups.flatMap((group, index) => between(group, groups.slice(index + 1).flat()));
}

/** Fewer than a third of the nodes, but one at least. (Jepsen's "minority third".) */
export function lessThanThird(count: number): number {
  return Math.max(1, Math.ceil(count / 3) - 1);
}

/** Whether the end of a link is a node, not the clients' side or a name server. */
export function isNodeEnd(end: NodeName): boolean {
  return !end.startsWith('@');
}

const OTHER_ENDS: readonly NodeName[] = [CLIENT_SIDE, NAME_SERVER];

/**
 * Links as a schedule writes them: `["n1->n2", "n2->n1"]`.
 * @param nodes those there are; null: not known yet
 * @throws when it is no such list, or names a node that does not exist
 */
export function parseLinks(value: Value, nodes: readonly NodeName[] | null): readonly Link[] {
  const wrong = (seen: Value): Error =>
    new Error(`links: expected a list such as ["n1->n2"], got ${JSON.stringify(seen)}`);
  if (!Array.isArray(value) || value.length === 0) throw wrong(value);
  return (value as readonly Value[]).map((item) => {
    const [from, to, ...more] = typeof item === 'string' ? item.split('->') : [];
    if (from === undefined || to === undefined || more.length > 0) throw wrong(item);
    if (from === to) throw new Error(`links: ${from} is at both ends of ${JSON.stringify(item)}`);
    const ends = [from, to].filter((end) => !OTHER_ENDS.includes(end));
    if (ends.length === 0 || ends.some((end) => end === '')) throw wrong(item);
    if (nodes !== null) requireNodes(ends, nodes);
    return { from, to };
  });
}

/** Links in the form that `parseLinks` reads. */
export function formatLinks(links: readonly Link[]): readonly string[] {
  return links.map(linkKey);
}

/** Which links a partition cuts: pure sets of directed links. (Jepsen's word is "grudge".) */
import type { NodeName, Value } from '../harness/operation.ts';
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
 * Links as a schedule writes them: `["n1->n2", "n2->n1"]`.
 * @throws when it is no such list, or names a node that does not exist
 */
export function parseLinks(value: Value, nodes: readonly NodeName[]): readonly Link[] {
  const wrong = (seen: Value): Error =>
    new Error(`links: expected a list such as ["n1->n2"], got ${JSON.stringify(seen)}`);
  if (!Array.isArray(value) || value.length === 0) throw wrong(value);
  return (value as readonly Value[]).map((item) => {
    const [from, to, ...more] = typeof item === 'string' ? item.split('->') : [];
    if (from === undefined || to === undefined || more.length > 0 || from === to) throw wrong(item);
    requireNodes([from, to], nodes);
    return { from, to };
  });
}

/** Links in the form that `parseLinks` reads. */
export function formatLinks(links: readonly Link[]): readonly string[] {
  return links.map(linkKey);
}

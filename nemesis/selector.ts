/** From a selector to nodes. Choices are draws by index: equal seeds choose equal nodes. */
import { nearestName, unknownName } from '../harness/nearest.ts';
import type { Claim, FaultContext, Selector, Targets } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';

/** The words that stand for nodes. */
export const SELECTORS = ['one', 'minority', 'majority', 'all', 'leader', 'followers'] as const;

/** The draws of a step: keyed by its lane and its `draw`, whatever else the schedule holds. */
export function drawsOf({ random, step }: Pick<FaultContext, 'random' | 'step'>): Draws {
  return random.sequence(`targets/${step.lane}`, step.draw);
}

/**
 * The nodes a selector means now, in the cluster's order. A minority and `one` of a cluster of two is one node. Nodes
 * that another lane has killed or paused come last, so that a fault does not wait for what it could have elsewhere.
 * @returns null when nothing fits: the leader is not known
 * @throws when a node is named that does not exist
 */
export async function selectNodes(
  selector: Selector,
  context: Pick<FaultContext, 'cluster' | 'leader' | 'standing'>,
  draws: Draws,
): Promise<readonly NodeName[] | null> {
  const nodes = context.cluster.nodes.map((node) => node.name);
  if (typeof selector !== 'string') return requireNodes(selector, nodes);
  if (selector === 'leader' || selector === 'followers') {
    const leader = await context.leader();
    if (leader === null) return null;
    return nodes.filter((node) => (node === leader) === (selector === 'leader'));
  }
  const standing = context.standing();
  const drawn = draws.shuffle(nodes);
  const preferred = [
    ...drawn.filter((node) => standing.includes(node)),
    ...drawn.filter((node) => !standing.includes(node)),
  ];
  const chosen = new Set(preferred.slice(0, sizeOf(selector, nodes.length)));
  return nodes.filter((node) => chosen.has(node));
}

/** The nodes that the step's selector means, with these claims on each. */
export async function resolveNodes(
  context: FaultContext,
  resources: readonly Claim['resource'][],
): Promise<Targets | null> {
  const nodes = await selectNodes(context.step.selector, context, drawsOf(context));
  if (nodes === null || nodes.length === 0) return null;
  return {
    nodes,
    claims: nodes.flatMap((node) => resources.map((resource) => ({ node, resource }))),
  };
}

function sizeOf(selector: 'one' | 'minority' | 'majority' | 'all', count: number): number {
  switch (selector) {
    case 'one':
      return 1;
    case 'minority':
      return Math.max(1, Math.floor((count - 1) / 2));
    case 'majority':
      return Math.floor(count / 2) + 1;
    case 'all':
      return count;
  }
}

/** @throws naming the nearest node for the first name that is none */
export function requireNodes(
  wanted: readonly NodeName[],
  nodes: readonly NodeName[],
): readonly NodeName[] {
  const unknown = wanted.find((node) => !nodes.includes(node));
  if (unknown !== undefined) throw new Error(unknownName('node', unknown, nodes));
  return nodes.filter((node) => wanted.includes(node));
}

/** @throws naming the nearest word when this is no selector */
export function requireSelector(word: string): Selector {
  const found = SELECTORS.find((selector) => selector === word);
  if (found !== undefined) return found;
  const nearest = nearestName(word, SELECTORS);
  const hint = nearest === null ? '' : ` (did you mean "${nearest}"?)`;
  throw new Error(
    `unknown selector "${word}"; expected ${SELECTORS.join(', ')} or a list of nodes${hint}`,
  );
}

/** What all faults on a node's means have in common: nodes are chosen, each gets the change, all are one fault. */
import { type MeansByName, type MeansName, Lack, lackOf, meansOf } from '../harness/means.ts';
import type { Armed, Claim, Fault, FaultContext } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { Cluster } from '../harness/testbed.ts';
import { armedTogether } from './armed-together.ts';
import { resolveNodes } from './selector.ts';

/** What is particular to one kind. */
export interface MeansFaultKind<K extends MeansName> extends Pick<
  Fault,
  'kind' | 'summary' | 'selectors' | 'about' | 'parameters' | 'needs'
> {
  readonly means: K;
  /** What the fault holds of each of its nodes. */
  readonly resources: readonly Claim['resource'][];
  /** Makes the change of one node ready. */
  readonly arm: (means: MeansByName[K], context: FaultContext, node: NodeName) => Promise<Armed>;
  /** Whether servers may end by themselves under it. Default: not because of it. */
  readonly endsServers?: boolean;
  /** Why this cluster cannot have it, besides lacking the means. Default: it can. */
  readonly unavailable?: (cluster: Cluster) => string | null;
}

export function meansFault<K extends MeansName>(kind: MeansFaultKind<K>): Fault {
  const { means, resources, arm, unavailable, endsServers = false, ...words } = kind;
  return {
    ...words,
    unavailable: (cluster) => lackOf(cluster, means) ?? unavailable?.(cluster) ?? null,
    resolve: async (context) => {
      const targets = await resolveNodes(context, resources);
      return targets === null || !endsServers ? targets : { ...targets, endsServers };
    },
    prepare: async (context, { nodes }) =>
      armedTogether(
        await Promise.all(nodes.map((node) => arm(required(context, node, means), context, node))),
      ),
  };
}

function required<K extends MeansName>(
  { cluster }: FaultContext,
  node: NodeName,
  name: K,
): MeansByName[K] {
  const found = meansOf(cluster.node(node), name);
  if (found instanceof Lack) throw new Error(found.reason);
  return found;
}

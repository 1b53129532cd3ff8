/** What replicas tell of their roles. */
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { statusOf } from './requests.ts';

/** Asks a replica for its role and view. */
export const roleObserver: Observer = {
  name: 'role',
  periodMs: 500,
  poll: async (node, clock, events, signal) => {
    const notBefore = clock.now();
    const { role, view } = await statusOf(node, signal);
    const seen = { node: node.name, term: view, notBefore, notAfter: clock.now() };
    if (role === 'primary') events({ type: 'leader-seen', ...seen });
    else events({ type: 'role-seen', role, ...seen });
  },
};

/** The primary of the latest view that has one, of the replicas that answer before `signal` is aborted. */
export async function findPrimary(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const statuses = await Promise.allSettled(
    cluster.nodes.map(async (node) => ({ node, ...(await statusOf(node, signal)) })),
  );
  const primaries = statuses.flatMap((status) =>
    status.status === 'fulfilled' && status.value.role === 'primary' ? [status.value] : [],
  );
  primaries.sort((a, b) => b.view - a.view);
  return primaries[0]?.node.name ?? null;
}

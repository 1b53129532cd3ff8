/** Who leads, and who is ready, as model servers say. */
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import type { Node } from '../../harness/testbed.ts';
import { askNode } from './answers.ts';

/** What a server says of its part. */
export interface LeaderStatus {
  readonly term: number;
  readonly leads: boolean;
}

/** Of those that say that they lead, the one of the latest term; servers that do not answer are left out. */
export async function leaderOf(
  nodes: readonly NodeName[],
  statusOf: (node: NodeName) => Promise<LeaderStatus>,
): Promise<NodeName | null> {
  const statuses = await Promise.allSettled(nodes.map(statusOf));
  let leader: NodeName | null = null;
  let latest = -1;
  for (const [index, status] of statuses.entries()) {
    if (status.status === 'rejected' || !status.value.leads || status.value.term <= latest)
      continue;
    leader = nodes[index] ?? null;
    latest = status.value.term;
  }
  return leader;
}

/** Whether the server itself says that it is in order; asked as `{kind: 'ready'}`. */
export async function saysReady(node: Node, signal: AbortSignal): Promise<boolean> {
  return (await askNode(node, { kind: 'ready' }, signal)) === true;
}

/** Asks every server whether it leads. @param among those that may. Default: all */
export function leaderObserver(
  statusOf: (node: Node, signal: AbortSignal) => Promise<LeaderStatus>,
  among: (node: NodeName) => boolean = () => true,
): Observer {
  return {
    name: 'role',
    periodMs: 500,
    polls: among,
    poll: async (node, clock, events, signal) => {
      const notBefore = clock.now();
      const { term, leads } = await statusOf(node, signal);
      const seen = { node: node.name, term, notBefore, notAfter: clock.now() };
      if (leads) events({ type: 'leader-seen', ...seen });
      else events({ type: 'role-seen', role: 'standby', ...seen });
    },
  };
}

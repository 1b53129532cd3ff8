/** What the servers say of themselves: roles, leaders, whether they serve. */
import type { Clock } from '../../harness/clock.ts';
import { realClock } from '../../harness/clock.ts';
import type { EventSink } from '../../harness/event.ts';
import { findClaimant } from '../../harness/leader-claims.ts';
import type { Probe } from '../../harness/nemesis.ts';
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import { connectSession } from './client/connection.ts';
import { epochOf, serverStatus, type ServerStatus } from './client/four-letter-words.ts';

/** True when the server has a role and gives a session, which takes a quorum. */
export async function isReady(node: Node, signal: AbortSignal): Promise<boolean> {
  const status = await serverStatus(node.address, signal);
  if (status === null) return false;
  const connection = await connectSession({ address: node.address }, realClock(), signal);
  await connection.close();
  return true;
}

/**
 * The node that says it leads, by the highest epoch when several do; null when none says so. Servers that are paused
 * or gone are not waited for.
 */
export function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  return findClaimant(cluster.nodes, zxidIfLeading, realClock(), signal);
}

async function zxidIfLeading(node: Node, signal: AbortSignal): Promise<bigint | null> {
  const status = await serverStatus(node.address, signal);
  return status?.mode === 'leader' ? status.zxid : null;
}

/**
 * Polls each server's role. Only a leader's last transaction tells the epoch it leads in; a follower's may still be of
 * an epoch before, so it is not reported.
 */
export const roleObserver: Observer = {
  name: 'zookeeper-role',
  periodMs: 200,
  poll: async (node: Node, clock: Clock, events: EventSink, signal: AbortSignal): Promise<void> => {
    const notBefore = clock.now();
    const status = await serverStatus(node.address, signal);
    const interval = { notBefore, notAfter: clock.now() };
    const role = status?.mode ?? null;
    if (status?.mode !== 'leader') {
      return events({ type: 'role-seen', node: node.name, role, ...interval });
    }
    const term = epochOf(status.zxid);
    events({ type: 'role-seen', node: node.name, role, term, ...interval });
    events({ type: 'leader-seen', node: node.name, term, ...interval });
  },
};

/**
 * `serving`: the server has a role (`srvr` shows a mode). `leading`: that role is leader. Of one node, or of all when
 * none is named. A server that refuses connections does not serve; one that cannot be asked makes the probe throw.
 */
export const PROBES: Readonly<Record<string, Probe>> = {
  serving: probeStatus((status) => status !== null),
  leading: probeStatus((status) => status?.mode === 'leader'),
};

function probeStatus(is: (status: ServerStatus | null) => boolean): Probe {
  return async (cluster, node, signal) => {
    const nodes = node === undefined ? cluster.nodes : [cluster.node(node)];
    const statuses = await Promise.all(nodes.map((each) => statusUnlessRefused(each, signal)));
    return statuses.every(is);
  };
}

async function statusUnlessRefused(node: Node, signal: AbortSignal): Promise<ServerStatus | null> {
  try {
    return await serverStatus(node.address, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return null;
    throw error;
  }
}

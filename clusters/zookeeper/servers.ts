/** What the servers say of themselves: roles, leaders, whether they serve. */
import type { Clock } from '../../harness/clock.ts';
import { realClock } from '../../harness/clock.ts';
import type { EventSink } from '../../harness/event.ts';
import type { Probe } from '../../harness/nemesis.ts';
import { MILLISECOND, type NodeName } from '../../harness/operation.ts';
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

/** Once one server says that it leads, how long the others may take to say that they do, in a later epoch. */
const RIVALS_LIMIT = 200 * MILLISECOND;

/**
 * The node that says it leads, by the highest epoch when several do; null when none says so. Servers that are paused
 * or gone answer nothing until the signal: they are not waited for, as who leads may be another by then.
 */
export async function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const asking = new AbortController();
  const stop = (): void => asking.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const leaders = await askWhoLeads(cluster, asking.signal);
    leaders.sort((a, b) => Number(b.zxid - a.zxid));
    return leaders[0]?.node ?? null;
  } finally {
    signal.removeEventListener('abort', stop);
    asking.abort(new Error('the leader is known'));
  }
}

interface Claimant {
  readonly node: NodeName;
  readonly zxid: bigint;
}

/** Settles when all have answered, or a little after the first that says it leads. */
function askWhoLeads(cluster: Cluster, signal: AbortSignal): Promise<Claimant[]> {
  const clock = realClock();
  const leaders: Claimant[] = [];
  return new Promise((resolve) => {
    const ask = async (node: Node): Promise<void> => {
      const status = await statusIfReachable(node, signal);
      if (status?.mode !== 'leader') return;
      leaders.push({ node: node.name, zxid: status.zxid });
      if (leaders.length === 1) clock.at(clock.now() + RIVALS_LIMIT, () => resolve(leaders));
    };
    void Promise.all(cluster.nodes.map(ask)).then(() => resolve(leaders)); // Never rejects.
  });
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

async function statusIfReachable(node: Node, signal: AbortSignal): Promise<ServerStatus | null> {
  try {
    return await serverStatus(node.address, signal);
  } catch {
    return null; // Whoever cannot be asked is not known to lead.
  }
}

/** What the servers say of themselves: who leads, whether they serve. */
import type { Clock } from '../../harness/clock.ts';
import { realClock } from '../../harness/clock.ts';
import type { EventSink } from '../../harness/event.ts';
import { claimsOf } from '../../harness/leader-claims.ts';
import type { Probe } from '../../harness/nemesis.ts';
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import { type Cluster, isMachine, type Node } from '../../harness/testbed.ts';
import { ask } from '../zookeeper/client/four-letter-words.ts';
import { masterPage } from './rest.ts';
import { isMaster, isZooKeeper } from './roles.ts';

/** Where masters serve clients, workers and (2.x) each other. */
export const RPC_PORT = 19998;
/** Where ZooKeeper serves masters. */
export const ZOOKEEPER_PORT = 2181;
/** Where masters of an embedded journal serve each other. */
export const RAFT_PORT = 19200;
const WORKER_PORT = 29999;

/**
 * A master serves when it leads, or stands by; a worker when it listens, which it does once it is registered; ZooKeeper
 * when it answers.
 */
export async function isReady(node: Node, signal: AbortSignal): Promise<boolean> {
  if (isZooKeeper(node)) return (await ask(node.address, 'ruok', signal)) === 'imok';
  if (isMaster(node)) return (await isLeading(node, signal)) || (await standsBy(node));
  return listens(node, WORKER_PORT);
}

/** A leader's REST service answers, be it with an error (safe mode); nobody else's listens. @throws if it is silent */
async function isLeading(node: Node, signal: AbortSignal): Promise<boolean> {
  try {
    await masterPage(node.address, 'worker_count', signal);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return false;
    throw error;
  }
}

/** A master that stands by listens nowhere in 1.x: what shows is its connection with those who elect it. */
async function standsBy(node: Node): Promise<boolean> {
  // The one that it dials, or, in an embedded journal, the one that its leader dials.
  const peers = `dport = :${ZOOKEEPER_PORT} or dport = :${RAFT_PORT} or sport = :${RAFT_PORT}`;
  return (await sockets(node, ['-Htn', 'state', 'established', `( ${peers} )`])) !== '';
}

async function listens(node: Node, port: number): Promise<boolean> {
  return (await sockets(node, ['-Htnl', `( sport = :${port} )`])) !== '';
}

async function sockets(node: Node, filter: readonly string[]): Promise<string> {
  if (!isMachine(node)) return '';
  const { stdout } = await node.exec(['ss', ...filter]);
  return stdout.trim();
}

/** The master that answers as leader; null when none does, or more than one: they tell no term. */
export async function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const ask = async (node: Node, asking: AbortSignal): Promise<number | null> =>
    (await isLeading(node, asking)) ? 0 : null;
  const claims = await claimsOf(cluster.nodes.filter(isMaster), ask, realClock(), signal);
  return claims.length === 1 ? (claims[0]?.node ?? null) : null;
}

/** Polls each master's role. */
export const roleObserver: Observer = {
  name: 'alluxio-role',
  periodMs: 200,
  polls: (name) => isMaster({ name }),
  poll: async (node: Node, clock: Clock, events: EventSink, signal: AbortSignal): Promise<void> => {
    const notBefore = clock.now();
    const leads = await isLeading(node, signal);
    const interval = { notBefore, notAfter: clock.now() };
    const role = leads ? 'leader' : null;
    events({ type: 'role-seen', node: node.name, role, ...interval });
    if (leads) events({ type: 'leader-seen', node: node.name, ...interval });
  },
};

/**
 * `leading`: the master answers as leader; of one node, or whether any does when none is named. `serving`: as `ready`.
 * One that cannot be asked makes the probe throw.
 */
export const PROBES: Readonly<Record<string, Probe>> = {
  leading: async (cluster, node, signal) =>
    node === undefined
      ? (await findLeader(cluster, signal)) !== null
      : isLeading(cluster.node(node), signal),
  serving: async (cluster, node, signal) => {
    const nodes = node === undefined ? cluster.nodes : [cluster.node(node)];
    const ready = await Promise.all(nodes.map((each) => isReady(each, signal)));
    return ready.every((is) => is);
  },
};

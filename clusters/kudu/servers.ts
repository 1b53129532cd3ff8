/** What masters and tablet servers say of themselves: who leads, who is registered, whether they serve. */
import type { Clock } from '../../harness/clock.ts';
import { realClock } from '../../harness/clock.ts';
import type { EventSink } from '../../harness/event.ts';
import { findClaimant } from '../../harness/leader-claims.ts';
import type { Probe } from '../../harness/nemesis.ts';
import type { NodeName } from '../../harness/operation.ts';
import { nodesOfRole } from '../../harness/roles.ts';
import type { Observer } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import { connectKrpc, type KrpcConnection } from './krpc/connection.ts';
import { consensusState } from './master/administration.ts';
import { connectToMaster, listTabletServers, MASTER_PORT } from './master/requests.ts';
import { isMaster, TABLET_SERVERS } from './node-plan.ts';
import { pingTabletServer, TABLET_SERVER_PORT } from './tablet/requests.ts';

const POLL_PERIOD_MS = 200;
/** Tablet servers report to every master once a second; whoever has not for so long is not there. */
const HEARTBEAT_LIMIT_MS = 4000;

/** Runs `ask` on a connection of its own to the node's server. */
export async function withServer<T>(
  node: Node,
  signal: AbortSignal,
  ask: (connection: KrpcConnection) => Promise<T>,
): Promise<T> {
  const port = isMaster(node) ? MASTER_PORT : TABLET_SERVER_PORT;
  const connection = await connectKrpc({ address: node.address, port }, realClock(), signal);
  try {
    return await ask(connection);
  } finally {
    connection.close();
  }
}

/**
 * A master: it leads and serves, or follows one that it knows. A tablet server: it answers; that it is registered is
 * waited for in set-up.
 */
export function isReady(node: Node, signal: AbortSignal): Promise<boolean> {
  return withServer(node, signal, async (connection) => {
    if (!isMaster(node)) {
      await pingTabletServer(connection);
      return true;
    }
    const { role, error } = await connectToMaster(connection);
    if (role === 'leader') return error === null;
    return role === 'follower' && (await consensusState(connection)).leaderUuid !== null;
  });
}

/** The leader master, by the highest term when several say that they lead; null when none does. */
export function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  return findClaimant(cluster.nodes.filter(isMaster), termIfLeading, realClock(), signal);
}

/** A leader that has not yet loaded the catalog leads as well: it is the one to hit. */
function termIfLeading(node: Node, signal: AbortSignal): Promise<number | null> {
  return withServer(node, signal, async (connection) => {
    const { role } = await connectToMaster(connection);
    return role === 'leader' ? (await consensusState(connection)).term : null;
  });
}

/** Polls each master's role and term. */
export const roleObserver: Observer = {
  name: 'kudu-role',
  periodMs: POLL_PERIOD_MS,
  polls: (name) => isMaster({ name }),
  poll: (node, clock, events, signal) =>
    withServer(node, signal, (connection) => tellRole(node, connection, clock, events)),
};

async function tellRole(
  node: Node,
  connection: KrpcConnection,
  clock: Clock,
  events: EventSink,
): Promise<void> {
  // The term on both sides of the role: a role belongs to a term only if the term did not change meanwhile.
  const before = await consensusState(connection);
  const notBefore = clock.now();
  const { role } = await connectToMaster(connection);
  const interval = { notBefore, notAfter: clock.now() };
  const { term } = await consensusState(connection);
  if (term !== before.term) return;
  events({
    type: 'role-seen',
    node: node.name,
    role: role === 'none' ? null : role,
    term,
    ...interval,
  });
  if (role === 'leader') events({ type: 'leader-seen', node: node.name, term, ...interval });
}

/**
 * `worker-state` of each tablet server as the leader master shows it: registered is who has reported lately. What it
 * declares is where it answers.
 */
export function tabletServerObserver(): Observer {
  const addresses = new Map<NodeName, string>();
  return {
    name: 'kudu-tablet-servers',
    periodMs: 2 * POLL_PERIOD_MS,
    poll: async (node, clock, events, signal) => {
      // Tablet servers are polled first for who they are: nothing is sent, so they are known before a master answers.
      if (!isMaster(node)) return void addresses.set(node.name, node.address);
      await withServer(node, signal, (connection) =>
        tellTabletServers({ node, connection, clock, events, addresses }),
      );
    },
  };
}

interface Telling {
  readonly node: Node;
  readonly connection: KrpcConnection;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly addresses: ReadonlyMap<NodeName, string>;
}

async function tellTabletServers(telling: Telling): Promise<void> {
  const { node, connection, clock, events, addresses } = telling;
  const { role, error } = await connectToMaster(connection);
  if (role !== 'leader' || error !== null) return; // Only who serves is asked who is there.
  const notBefore = clock.now();
  const servers = await listTabletServers(connection);
  const interval = { notBefore, notAfter: clock.now() };
  for (const [worker, address] of addresses) {
    const entries = servers.filter(
      ({ host, sinceHeartbeatMs }) => host === address && sinceHeartbeatMs < HEARTBEAT_LIMIT_MS,
    );
    const declared = { address, port: TABLET_SERVER_PORT };
    events({
      type: 'worker-state',
      observer: node.name,
      worker,
      registered: entries.length > 0,
      ...(entries.length > 0 ? { entries: entries.length } : {}),
      declared,
      shown: entries[0] === undefined ? {} : { address: entries[0].host, port: entries[0].port },
      ...interval,
    });
  }
}

/**
 * `serving`: the server answers (a master: and is the leader, or knows one). `leading`: it is the leader master. Of one
 * node, or of all when none is named. A server that refuses connections does not serve; one that does not answer makes
 * the probe throw: that is not known.
 */
export const PROBES: Readonly<Record<string, Probe>> = {
  serving: probeNodes(isReady),
  leading: probeNodes(async (node, signal) =>
    isMaster(node) ? (await termIfLeading(node, signal)) !== null : false,
  ),
  registered: (cluster, node, signal) => isRegistered(cluster, node, signal),
};

function probeNodes(is: (node: Node, signal: AbortSignal) => Promise<boolean>): Probe {
  return async (cluster, name, signal) => {
    const nodes = name === undefined ? cluster.nodes : [cluster.node(name)];
    const answers = nodes.map((node) => is(node, signal).catch(unlessRefused));
    return (await Promise.all(answers)).every((answer) => answer);
  };
}

/** Whether the leader master has heard of the tablet servers lately: of one, or of all when none is named. */
async function isRegistered(
  cluster: Cluster,
  name: NodeName | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const leader = await findLeader(cluster, signal);
  if (leader === null) return false;
  const servers = await withServer(cluster.node(leader), signal, listTabletServers);
  const wanted =
    name === undefined
      ? nodesOfRole(
          TABLET_SERVERS,
          cluster.nodes.map((node) => node.name),
        )
      : [name];
  return wanted.every((worker) =>
    servers.some(
      ({ host, sinceHeartbeatMs }) =>
        host === cluster.node(worker).address && sinceHeartbeatMs < HEARTBEAT_LIMIT_MS,
    ),
  );
}

function unlessRefused(error: unknown): false {
  const code = (error as { readonly code?: unknown }).code;
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return false;
  throw error;
}

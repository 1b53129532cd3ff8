/** Asking members who leads, and whether they serve. */
import { DefiniteError } from '../../harness/client.ts';
import type { Clock } from '../../harness/clock.ts';
import type { EventSink } from '../../harness/event.ts';
import type { Probe } from '../../harness/nemesis.ts';
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import { Gateway } from './client/gateway.ts';
import { readKey, readStatus, type StatusAnswer } from './client/key-value.ts';

const POLL_PERIOD_MS = 200;

/** Runs `ask` on a connection of its own. */
export async function withGateway<T>(
  address: string,
  signal: AbortSignal,
  ask: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  const gateway = new Gateway(address, signal);
  try {
    return await ask(gateway);
  } finally {
    gateway.close();
  }
}

/** Whether the member answers a linearizable read, which needs a quorum. @throws when it does not answer */
export async function isServing(node: Node, signal: AbortSignal): Promise<boolean> {
  await withGateway(node.address, signal, (gateway) => readKey(gateway, 'ready'));
  return true;
}

/** What one member says. */
export interface Claim extends StatusAnswer {
  readonly node: NodeName;
}

/**
 * The member that a majority follows, known as soon as a majority and the leader itself have answered; without one,
 * whoever claims to lead in the highest term; else null.
 */
export async function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const asking = new AbortController();
  const stop = (): void => asking.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await askEveryone(cluster, asking.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    asking.abort(new Error('the leader is known'));
  }
}

function askEveryone(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  return new Promise((resolve) => {
    const claims: Claim[] = [];
    const ask = async (node: Node): Promise<void> => {
      const status = await withGateway(node.address, signal, readStatus);
      claims.push({ ...status, node: node.name });
      const leader = followedByMajority(claims, cluster.nodes.length);
      if (leader !== null) resolve(leader);
    };
    // A member that does not answer makes no claim; that is all there is to know of it.
    void Promise.allSettled(cluster.nodes.map(ask)).then(() => resolve(claimant(claims)));
  });
}

/** Null while no majority of the answers agrees on a leader that has itself answered. */
export function followedByMajority(claims: readonly Claim[], members: number): NodeName | null {
  for (const leader of claims) {
    if (leader.leaderId !== leader.memberId) continue;
    const followers = claims.filter(
      (claim) => claim.leaderId === leader.memberId && claim.raftTerm === leader.raftTerm,
    );
    if (followers.length > members / 2) return leader.node;
  }
  return null;
}

function claimant(claims: readonly Claim[]): NodeName | null {
  const leaders = claims.filter((claim) => claim.leaderId === claim.memberId);
  return leaders.sort((a, b) => b.raftTerm - a.raftTerm)[0]?.node ?? null;
}

/** What each member says of its role and term, without a quorum: a deposed leader that is cut off still says leader. */
export const statusObserver: Observer = {
  name: 'etcd-status',
  periodMs: POLL_PERIOD_MS,
  poll: pollStatus,
};

async function pollStatus(
  node: Node,
  clock: Clock,
  events: EventSink,
  signal: AbortSignal,
): Promise<void> {
  const notBefore = clock.now();
  const status = await withGateway(node.address, signal, readStatus);
  const interval = { notBefore, notAfter: clock.now() };
  const role = roleOf(status);
  events({ type: 'role-seen', node: node.name, role, term: status.raftTerm, ...interval });
  if (role === 'leader') {
    events({ type: 'leader-seen', node: node.name, term: status.raftTerm, ...interval });
  }
}

function roleOf(status: StatusAnswer): string | null {
  if (status.learner) return 'learner';
  if (status.leaderId === null) return null;
  return status.leaderId === status.memberId ? 'leader' : 'follower';
}

/**
 * `serving`: the member knows a leader and answers a linearizable read. `leading`: it is the leader, as it says. Of one
 * member, or of all when none is named. A member that refuses connections, or that says it has no leader, does not
 * serve; one that does not answer makes the probe throw: that is not known.
 */
export const PROBES: Readonly<Record<string, Probe>> = {
  serving: probeMembers(async (gateway) => {
    const { leaderId } = await readStatus(gateway);
    if (leaderId === null) return false;
    await readKey(gateway, 'ready');
    return true;
  }),
  leading: probeMembers(async (gateway) => roleOf(await readStatus(gateway)) === 'leader'),
};

function probeMembers(is: (gateway: Gateway) => Promise<boolean>): Probe {
  return async (cluster, node, signal) => {
    const nodes = node === undefined ? cluster.nodes : [cluster.node(node)];
    const answers = nodes.map((each) => withGateway(each.address, signal, is).catch(unlessRefused));
    return (await Promise.all(answers)).every((answer) => answer);
  };
}

function unlessRefused(error: unknown): false {
  if (error instanceof DefiniteError && error.reason === 'refused') return false;
  throw error;
}

/**
 * ZOOKEEPER-4925: a follower that is sent transactions while it joins a new leader keeps a list of committed ones with a
 * hole in it; when it leads later, whom it brings up to date never gets what belongs into the hole.
 *
 * Cause (3.9.3 alone, by the rework of ZOOKEEPER-4394 in Learner.syncWithLeader): transactions that are proposed before
 * UPTODATE are logged and applied, but not added to the `committedLog` from which a leader sends what another lacks.
 *
 * Schedule, black box: the leader n3 is cut off and logs writes that nobody confirms; n1 and n2 die. When n3 serves no
 * more the links are healed and n1 alone is started: it gets those writes while it joins, and reads of it see them. n3
 * confirms more writes and dies; n2 comes back, and n1 leads it: n2 has the later writes, and for ever lacks the ones in
 * the hole. Fixed in 3.9.4.
 *
 * A write changes one register of a ring, so that what n2 lacks is not written again before it is looked for; all
 * registers exist before the cut, as a write to one that does not is an error that changes nothing.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { GeneratorLike, LeafContext } from '../harness/generator.ts';
import { any } from '../harness/generators/any.ts';
import { withKey } from '../harness/generators/independent.ts';
import { limit } from '../harness/generators/limit.ts';
import { onThreads } from '../harness/generators/on-threads.ts';
import { stagger } from '../harness/generators/pace.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { SECOND, type Invocation } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { acknowledged, reached, step } from './steps.ts';
import { logged, registersUnder, serving } from './zookeeper-steps.ts';

const NODES = nodeNames(3);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;
/** Two threads a node: thread t talks to node t mod 3. */
const CONCURRENCY = 2 * NODES.length;
/** The one thread that writes, through n3, the leader. */
const WRITER = 2;
const READERS = [0, 1, 3, 4, 5];
/** Operations a second over all readers. */
const READ_RATE = 150;
/** Writes a second, once all registers exist. */
const WRITE_RATE = 10;
/** Registers in the ring: more than are written while all are read once. */
const RING = 100;

/** Found on 3.9.3 in 3 of 3 attempts, on 3.9.4 in none of 2, on two busy cores. */
export const zookeeper4925: Regression = {
  name: 'zookeeper-4925',
  title: 'a server that is brought up to date lacks what its leader got while it joined one itself',
  issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4925',
  seed: '003',
  system: zookeeper,
  affected: ['3.9.3'],
  clean: ['3.9.4'],
  quick: ['3.9.3', '3.9.4'],
  anomalies: ['replica-divergence', 'nonlinearizable'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: CONCURRENCY,
  timeLimit: 60 * SECOND,
  deadline: 2 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  extra: { firstLeader: 'n3' },
  workload: () => registersUnder(operations, NODES.length),
  schedule,
};

const operations: GeneratorLike = any([
  onThreads([WRITER], [limit(RING, write), stagger(SECOND / WRITE_RATE, write)]),
  onThreads(READERS, stagger(SECOND / READ_RATE, read)),
]);

/** Every value is written once, so that a read tells which write it saw. */
function write({ ordinal }: LeafContext): Invocation {
  return { f: 'write', value: withKey(keyAt(ordinal), ordinal + 1) };
}

/** The two threads of a node read one half of the ring each. */
function read({ thread, ordinal }: LeafContext): Invocation {
  const place = 2 * ordinal + (thread < NODES.length ? 0 : 1);
  return { f: 'read', value: withKey(keyAt(place), null) };
}

function keyAt(place: number): string {
  return `r${place % RING}`;
}

function schedule(): readonly FaultStep[] {
  // Between two writes, when both followers have the last one: n1 would otherwise get that one into the hole too, and
  // n2, which has it, a snapshot.
  const served: Trigger = {
    then: [acknowledged('write', RING + 5), { after: (0.5 / WRITE_RATE) * SECOND }],
  };
  const stuck: Trigger = { then: [reached('n1-dies', 'verified'), serving('n3', false)] };
  const joined: Trigger = {
    then: [
      reached('n1-dies', 'healed'),
      serving('n1', true),
      acknowledged('read', RING + 10, 'n1'),
    ],
  };
  const led: Trigger = { then: [reached('n3-dies', 'verified'), serving('n1', false)] };
  const caughtUp: Trigger = {
    then: [reached('n2-dies', 'healed'), acknowledged('read', RING, 'n2')],
  };
  return [
    step('cut', 'partition-one', 'n3', served, stuck),
    step('n1-dies', 'kill', 'n1', logged('cut'), reached('cut', 'healed')),
    step('n2-dies', 'kill', 'n2', logged('cut'), led),
    step('n3-dies', 'kill', 'n3', joined, caughtUp),
  ];
}

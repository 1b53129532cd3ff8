/**
 * ZOOKEEPER-4394: a follower that joins under load fails with a NullPointerException, and has to join again.
 *
 * Cause (Learner.syncWithLeader): the leader may send COMMIT of a transaction that it proposed before the follower had
 * NEWLEADER, once it has the follower's acknowledgement of it and before UPTODATE. The follower has moved what was proposed
 * by then out of the queue in which it looks for it. The service as a whole goes on; one server is missing for longer.
 *
 * Schedule, black box: many writes are in flight all the time; n1 is killed and started again, several times.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { LeafContext } from '../harness/generator.ts';
import { withKey } from '../harness/generators/independent.ts';
import { stagger } from '../harness/generators/pace.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Invocation } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { acknowledged, reached, registersUnder, serving, step } from './zookeeper-steps.ts';

const NODES = nodeNames(3);
const ROUNDS = 8;
const CONCURRENCY = 60;
/** Operations a second over all threads. */
const RATE = 1500;
const DOWN = 700 * MILLISECOND;

export const zookeeper4394: Regression = {
  name: 'zookeeper-4394',
  title: 'a follower that joins under load fails with a NullPointerException',
  issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4394',
  seed: '003',
  system: zookeeper,
  affected: ['3.8.0'],
  clean: ['3.9.4'],
  quick: ['3.8.0', '3.9.4'],
  anomalies: ['follower-failed-joining'],
  rate: 0.9,
  attempts: 3,
  nodes: NODES,
  concurrency: CONCURRENCY,
  timeLimit: 120 * SECOND,
  deadline: 5 * SECOND,
  extra: { firstLeader: 'n3' },
  workload: () => registersUnder(stagger(SECOND / RATE, write), NODES.length),
  schedule: () => Array.from({ length: ROUNDS }, (_, round) => restart(round)),
};

/** Each thread has a register of its own. */
function write({ thread, ordinal }: LeafContext): Invocation {
  return { f: 'write', value: withKey(`r${thread}`, ordinal + 1) };
}

function restart(round: number): FaultStep {
  const joined: Trigger = { then: [serving('n1', true), acknowledged('write', 500)] };
  const begin: Trigger =
    round === 0 ? joined : { then: [reached(`n1-dies-${round - 1}`, 'healed'), joined] };
  return { ...step(`n1-dies-${round}`, 'kill', 'n1', begin, { after: DOWN }), lane: 'n1' };
}

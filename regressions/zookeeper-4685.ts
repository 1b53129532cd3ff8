/**
 * ZOOKEEPER-4685: a follower that joins a new leader can acknowledge a proposal before it acknowledges the leader
 * itself; the leader takes the one for the other, ignores it, and gives up its office a whole initLimit later.
 *
 * Cause (Learner.syncWithLeader, at NEWLEADER): the follower hands the transactions of the DIFF to its SyncThread and
 * then acknowledges NEWLEADER from its QuorumPeer thread. Whichever comes first is taken for the latter. Held between
 * the two, the QuorumPeer thread loses. Fixed in 3.8.5 and 3.9.2 (ZOOKEEPER-4785), reworked by ZOOKEEPER-4394.
 *
 * Schedule: the leader n3 is cut off, logs writes that nobody confirms, and n1 and n2 die. When n3 serves no more the
 * links are healed and n1 alone is started. Its QuorumPeer thread is held at the first packet that it writes after it
 * has set the new epoch, for 0.4 s. n1 and n3 are then a quorum, alive and linked; without the defect they serve within
 * a second or two (2.7 s was the longest seen on a busy machine), with it after initLimit * tickTime, here 10 s.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { acknowledged, reached, step } from './steps.ts';
import { logged, registersWrittenThroughLast, serving } from './zookeeper-steps.ts';

const NODES = nodeNames(3);
/** Two threads a node. */
const CONCURRENCY = 2 * NODES.length;
/** In ticks of 0.5 s: so long a leader waits for followers in vain. */
const INIT_LIMIT = 20;
/** Longer than any healthy recovery, shorter than initLimit. */
const SERVICE_LIMIT = 6 * SECOND;
/** On a busy machine each stall prolongs what is waited for; beyond this the run is not judged. */
const STALL_BOUND_MS = 3_000;
const HELD = 400 * MILLISECOND;
const QUORUM = 'org.apache.zookeeper.server.quorum';

/** Found on 3.8.0 in 10 of 10 attempts, and on 3.9.4 in 0 of 10, on two busy cores. */
export const zookeeper4685: Regression = {
  name: 'zookeeper-4685',
  title: 'a quorum that is alive and linked does not serve for a whole initLimit',
  issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4685',
  seed: '003',
  system: zookeeper,
  affected: ['3.8.0'],
  clean: ['3.9.4'],
  quick: ['3.8.0', '3.9.4'],
  anomalies: ['no-service-with-quorum'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: CONCURRENCY,
  timeLimit: 60 * SECOND,
  deadline: 2 * SECOND,
  recoveryLimit: SERVICE_LIMIT,
  stallBoundMs: STALL_BOUND_MS,
  extra: { firstLeader: 'n3', initLimit: String(INIT_LIMIT) },
  workload: () => registersWrittenThroughLast(NODES.length),
  schedule,
};

function schedule(): readonly FaultStep[] {
  const served = acknowledged('write', 20);
  const stuck: Trigger = { then: [reached('n1-dies', 'verified'), serving('n3', false)] };
  const again = acknowledged('write');
  return [
    { ...step('cut', 'partition-one', 'n3', served, stuck), lane: 'links' },
    step('n1-dies', 'kill', 'n1', logged('cut'), reached('cut', 'healed')),
    step('n2-dies', 'kill', 'n2', logged('cut'), { then: [reached('held', 'healed'), again] }),
    {
      ...step('held', 'jvm-hold', 'n1', reached('n1-dies', 'healing'), {
        then: [reached('held', 'verified'), { after: HELD }],
      }),
      parameters: {
        class: `${QUORUM}.Learner`,
        method: 'writePacket',
        thread: '^QuorumPeer',
        afterClass: `${QUORUM}.QuorumPeer`,
        afterMethod: 'setCurrentEpoch',
      },
    },
  ];
}

/**
 * ZOOKEEPER-4643: a follower that crashes while it joins a new leader can later be elected without transactions that
 * the ensemble had acknowledged, and makes the others truncate them.
 *
 * Cause (Learner.syncWithLeader, at NEWLEADER): the follower raises its `currentEpoch` on disk before it has written
 * the transactions that the leader sent. Killed in between, it has the newest epoch and an old log; elections look at
 * the epoch first, so it wins against a server whose log is complete.
 *
 * Schedule, black box: n1 dies, n2 and n3 acknowledge writes, n2 dies; n1 joins the leader n3 and is killed at the
 * moment it replaces `currentEpoch`; n3 dies; n2 (with the writes) and n1 (with the epoch) come back, and n1 wins.
 * Fixed in 3.8.5, 3.9.2 (ZOOKEEPER-4785).
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { DATA_FILES } from '../clusters/zookeeper/node-plan.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { SECOND, type NodeName } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { acknowledged, reached, step } from './steps.ts';
import { registersWrittenThroughLast, serving } from './zookeeper-steps.ts';

const NODES = nodeNames(3);

/** Found on 3.8.0 and 3.8.4, absent from 3.8.5 and 3.9.4. */
export const zookeeper4643: Regression = {
  name: 'zookeeper-4643',
  title: 'an acknowledged write is lost when a follower crashes while it joins a new leader',
  issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4643',
  seed: '003',
  system: zookeeper,
  affected: ['3.8.0', '3.8.4'],
  clean: ['3.8.5', '3.9.4'],
  quick: ['3.8.4', '3.8.5'],
  anomalies: ['lost-acknowledged-write'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: NODES.length,
  timeLimit: 40 * SECOND,
  deadline: 2 * SECOND,
  extra: { firstLeader: 'n3' },
  workload: () => registersWrittenThroughLast(NODES.length),
  schedule,
};

function schedule(): readonly FaultStep[] {
  return [
    kill('n1', 'n1-dies', acknowledged('write', 20), {
      then: [reached('n2-dies', 'verified'), serving('n3', false)],
    }),
    kill(
      'n1',
      'n1-dies-joining',
      { file: { node: 'n1', directory: DATA_FILES, name: 'currentEpoch' } },
      reached('n2-dies', 'healed'),
    ),
    kill(
      'n2',
      'n2-dies',
      { then: [reached('n1-dies', 'verified'), acknowledged('write', 3)] },
      reached('n3-dies', 'verified'),
    ),
    kill('n3', 'n3-dies', reached('n1-dies-joining', 'verified'), {
      then: [
        reached('n1-dies-joining', 'healed'),
        serving('n1', true),
        acknowledged('strict-read', 20),
      ],
    }),
  ];
}

/** Steps of one node are one lane: each is armed when the one before it has healed. */
function kill(node: NodeName, id: string, trigger: Trigger, heal: Trigger): FaultStep {
  return { ...step(id, 'kill', node, trigger, heal), lane: node };
}

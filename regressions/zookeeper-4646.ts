/**
 * ZOOKEEPER-4646: a follower confirms its new leader before the transactions that it was sent are in its log. A quorum
 * serves that holds them in memory only; when it dies, what the ensemble had acknowledged is lost.
 *
 * Cause (Learner.syncWithLeader, at NEWLEADER): the follower raises its epoch on disk, hands the transactions to its
 * SyncThread, and acknowledges NEWLEADER without waiting for it.
 *
 * Schedule: n1 dies, n2 and n3 acknowledge writes, n2 dies. n1 is started with its SyncThread held where it would append
 * to the log; n1 and n3 are a quorum all the same, and serve. Both are killed; n2 (with the writes, in the old epoch) and
 * n1 (with the new epoch, without the writes) come back. n1 wins, and n2 truncates. Fixed in 3.8.5 and 3.9.2
 * (ZOOKEEPER-4785): a follower appends what it is sent before it confirms, in the thread that reads it.
 *
 * As in ZOOKEEPER-4643 a write is lost by an election that an empty log wins, there by a crash between two files; here
 * nothing crashes before the quorum serves.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { acknowledged, reached, step } from './steps.ts';
import { registersWrittenThroughLast, serving } from './zookeeper-steps.ts';

const NODES = nodeNames(3);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;

/** Found on 3.8.0 in 5 of 5 attempts, on 3.8.5 in none of 2, on 3.9.4 in none of 3, on two busy cores. */
export const zookeeper4646: Regression = {
  name: 'zookeeper-4646',
  title: 'a quorum serves what one of its members has not logged yet, and loses it when it dies',
  issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4646',
  seed: '003',
  system: zookeeper,
  affected: ['3.8.0'],
  clean: ['3.8.5', '3.9.4'],
  quick: ['3.8.0', '3.9.4'],
  anomalies: ['lost-acknowledged-write'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: NODES.length,
  timeLimit: 60 * SECOND,
  deadline: 2 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  extra: { firstLeader: 'n3' },
  workload: () => registersWrittenThroughLast(NODES.length),
  schedule,
};

function schedule(): readonly FaultStep[] {
  const down: Trigger = { then: [reached('n2-dies', 'verified'), serving('n3', false)] };
  const confirmed: Trigger = { then: [reached('n1-dies', 'verified'), acknowledged('write', 3)] };
  const served: Trigger = {
    then: [
      reached('n1-dies', 'healed'),
      { and: [reached('held', 'verified'), serving('n1', true), serving('n3', true)] },
    ],
  };
  const over: Trigger = {
    then: [
      reached('n1-dies-holding', 'healed'),
      serving('n1', true),
      acknowledged('strict-read', 20),
    ],
  };
  return [
    step('n1-dies', 'kill', 'n1', acknowledged('write', 20), down),
    step('n2-dies', 'kill', 'n2', confirmed, reached('n3-dies', 'verified')),
    {
      ...step(
        'held',
        'jvm-hold',
        'n1',
        reached('n1-dies', 'healing'),
        reached('n3-dies', 'verified'),
      ),
      parameters: {
        class: 'org.apache.zookeeper.server.ZKDatabase',
        method: 'append',
        thread: '^SyncThread',
      },
    },
    step('n1-dies-holding', 'kill', 'n1', served, {
      and: [reached('held', 'healed'), reached('n2-dies', 'healed')],
    }),
    step('n3-dies', 'kill', 'n3', reached('n1-dies-holding', 'fired'), over),
  ];
}

/**
 * etcd #17780: the store's revision goes back when a member is killed in a compaction.
 *
 * Cause (3.5.5, server/mvcc/kvstore_compaction.go): a compaction removes revisions in batches and rests 10 ms after each;
 * that it is finished is stored with the last, short one. Killed between the batch that removed a tombstone at the
 * compacted revision and that mark, the member begins again from the highest revision it finds, which is a lower one, and
 * gives revisions out twice.
 *
 * Schedule: a key is put and deleted, nothing follows, and the store is compacted at the delete, a revision a batch
 * (--experimental-compaction-batch-limit=1; with etcd's own 1000 the same takes a thousand revisions); the member is
 * killed some milliseconds after the compaction was asked for, and started again. Several rounds, each a little later.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { compactionInRounds } from '../clusters/etcd/workloads/compaction.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(1);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;
/** How long after the compaction was asked for, in milliseconds. */
const KILLED_AFTER = [20, 24, 28, 32, 36, 40, 44, 50];
const DOWN = 200 * MILLISECOND;
/** Longer than etcd's interval between commits. */
const SETTLE = 150 * MILLISECOND;
/** Until the member serves again. */
const REST = 1 * SECOND;
/** Rounds without a kill before the first. */
const CALM = 3;

/**
 * Found on 3.5.5 in 6 of 6 attempts, on 3.5.35 in none of 3, on two cores under a load of 20 to 60. 3.5.5 shows #18089 as
 * well, told as `watch-gap`, which is not this.
 */
export const etcd17780: Regression = {
  name: 'etcd-17780',
  title: 'the revision goes back when a member is killed in a compaction',
  issue: 'https://github.com/etcd-io/etcd/issues/17780',
  system: etcd,
  affected: ['3.5.5'],
  clean: ['3.5.35'],
  quick: ['3.5.5', '3.5.35'],
  anomalies: ['revision-decreased', 'watch-conflict'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: 1,
  timeLimit: 60 * SECOND,
  deadline: 5 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  rest: 8 * SECOND,
  extra: { compactionBatchLimit: '1' },
  workload: () => compactionInRounds(SETTLE, REST),
  schedule: () => KILLED_AFTER.map(killAfter),
};

function killAfter(milliseconds: number, round: number): FaultStep {
  return {
    id: `kill-${round + 1}`,
    lane: 'kill',
    kind: 'kill',
    selector: NODES,
    trigger: {
      then: [
        { operation: { f: 'compact', type: 'invoke', nth: round === 0 ? CALM + 1 : 1 } },
        { after: milliseconds * MILLISECOND },
      ],
    },
    heal: { after: DOWN },
    draw: round,
  };
}

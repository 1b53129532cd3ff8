/**
 * etcd #18089: a watch that begins with the revision of a delete misses it, when the store is compacted there.
 *
 * Cause (before 3.5.15, server/mvcc/key_index.go): a compaction at the revision of a tombstone removes the tombstone too,
 * though a watch may begin with that very revision.
 *
 * No fault: a key is put and deleted, another is put, the store is compacted at the delete, and watched from there.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { compaction } from '../clusters/etcd/workloads/compaction.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(1);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;
/** Operations a second; one in five is a watch. */
const RATE = 20;

/** Found on 3.5.2 in 3 of 3 attempts, on 3.5.16 in none of 3. */
export const etcd18089: Regression = {
  name: 'etcd-18089',
  title: 'a watch misses the delete that it begins with, when the store is compacted there',
  issue: 'https://github.com/etcd-io/etcd/issues/18089',
  system: etcd,
  affected: ['3.5.2'],
  clean: ['3.5.16'],
  quick: ['3.5.2', '3.5.16'],
  anomalies: ['watch-gap'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: 1,
  timeLimit: 6 * SECOND,
  deadline: 5 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  rest: 6 * SECOND,
  workload: () => compaction.make({ nodes: NODES, concurrency: 1, rate: RATE }),
  schedule: () => [],
};

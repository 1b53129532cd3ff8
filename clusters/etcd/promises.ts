/** What etcd's documentation promises of the operations that workloads use, and what in its log is a failure. */
import type { FailurePattern, SystemPromise } from '../../harness/system.ts';

const GUARANTEES = 'https://etcd.io/docs/v3.5/learning/api_guarantees/';

export const PROMISES: readonly SystemPromise[] = [
  {
    operation: 'read',
    promise:
      'A range request is linearizable by default: it sees every write that completed before it.',
    source: `${GUARANTEES}#isolation-level-and-consistency-of-replicas`,
  },
  {
    operation: 'write',
    promise:
      'A completed put is durable and atomic, and is applied in the same order by all members.',
    source: `${GUARANTEES}#operation-atomicity`,
  },
  {
    operation: 'cas',
    promise:
      'A transaction is atomic and strictly serializable: its compares and its puts are one step.',
    source: `${GUARANTEES}#isolation-level-and-consistency-of-replicas`,
  },
  {
    operation: 'add',
    promise: 'A completed put is durable: no later read of any member, if linearizable, misses it.',
    source: `${GUARANTEES}#durability`,
  },
  {
    operation: 'txn',
    promise:
      'Reads in one transaction are of one revision, and a transaction of compares and puts is one step: strictly serializable.',
    source: `${GUARANTEES}#isolation-level-and-consistency-of-replicas`,
  },
  {
    operation: 'watch',
    promise:
      'A watch tells events in order, each once, without a gap, and can be resumed from a revision that is not compacted.',
    source: `${GUARANTEES}#watch-apis`,
  },
  {
    operation: 'final-state',
    promise: 'Members that applied the same entries hold the same keys, values and revisions.',
    source: `${GUARANTEES}#operation-atomicity`,
  },
];

/** etcd logs JSON lines (zap); the Go runtime writes plain ones when it dies. */
export const FAILURE_PATTERNS: readonly FailurePattern[] = [
  { name: 'panic', pattern: '^panic: |"level":"panic"' },
  { name: 'fatal', pattern: '"level":"fatal"' },
  { name: 'runtime-error', pattern: '^fatal error: |^runtime: |\\[signal SIG[A-Z]+' },
  { name: 'corruption', pattern: 'data inconsistency|data corruption|alarm:CORRUPT|CORRUPT alarm' },
  {
    name: 'missing-snapshot',
    pattern: 'failed to find database snapshot file|failed to recover v3 backend',
  },
  { name: 'lost-raft-state', pattern: 'tocommit\\(\\d+\\) is out of range' },
];

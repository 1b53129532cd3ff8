/** Registers, read at the moments just after acknowledged writes: promised repeatable, and the same to everyone. */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { DURABILITY, finalRegisterReads, readOf, writeOf, WRITES } from './registers.ts';
import { type SlowWrites, slowWrites } from './slow-writes.ts';

/** Snapshots are drawn from the last so many acknowledged writes. */
const LATEST_WRITES = 10;

const SNAPSHOT_READS: CheckerRef = ownChecker('checkers/snapshot-reads', 'checkSnapshotReads', {
  reads: ['snapshot-read', 'final-read'],
  writes: WRITES,
  keyed: true,
});

/** The workload `snapshot`. */
export const snapshot: WorkloadDefinition = {
  name: 'snapshot',
  summary: 'write of few rows, and reads of them at the timestamps of recent writes, repeatable',
  make: makeSnapshot,
};

function makeSnapshot({ rate, nodes }: WorkloadOptions): Workload {
  return {
    name: 'snapshot',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalRegisterReads(nodes.length),
    checkers: [SNAPSHOT_READS, DURABILITY],
    reads: ['snapshot-read', 'final-read'],
  };
}

/** The same with few writes, all by thread 0. */
export function snapshotWithSlowWrites(options: WorkloadOptions, times: SlowWrites): Workload {
  return { ...makeSnapshot(options), generator: slowWrites(times, 'snapshot-read', 0) };
}

/** In ten operations three writes. */
function operate(context: LeafContext): Invocation {
  if (context.below(10, 0) < 3) return writeOf(context);
  return readOf(context, 'snapshot-read', context.below(LATEST_WRITES, 2));
}

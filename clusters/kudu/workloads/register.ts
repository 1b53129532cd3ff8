/**
 * Registers, read in READ_LATEST: what a leader has now. As it has no lease, one that was deposed may answer, and so may a
 * follower that a client takes for the leader: stale reads are told as what the documentation promises, and not accused.
 * What is read must have been written, and what was acknowledged must be there at the end.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { SCANS } from '../promises.ts';
import { DURABILITY, finalRegisterReads, readOf, writeOf, WRITES } from './registers.ts';
import { type SlowWrites, slowWrites } from './slow-writes.ts';

/** The workload `register`. */
export const register: WorkloadDefinition = {
  name: 'register',
  summary: 'write and READ_LATEST of few rows; stale reads are documented, lost writes are not',
  make: makeRegister,
};

const LATEST = { reads: ['read'], writes: WRITES, keyed: true };

/** Whether reads are linearizable: told, not accused. */
const STALENESS: CheckerRef = {
  ...ownChecker('checkers/staleness', 'checkBoundedStaleness', { ...LATEST, milliseconds: 0 }),
  documented: { weakerThan: 'linearizable', source: SCANS },
};

/** No read is older than the run; none is of a value that was not written before it ended. */
const WRITTEN: CheckerRef = {
  ...ownChecker('checkers/staleness', 'checkBoundedStaleness', {
    ...LATEST,
    milliseconds: 24 * 3_600_000,
  }),
  name: 'written',
};

function makeRegister({ rate, nodes }: WorkloadOptions): Workload {
  return {
    name: 'register',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalRegisterReads(nodes.length),
    checkers: [STALENESS, WRITTEN, DURABILITY],
    reads: ['read', 'final-read'],
  };
}

/** The same with few writes, all by thread 0. */
export function registerWithSlowWrites(options: WorkloadOptions, times: SlowWrites): Workload {
  return { ...makeRegister(options), generator: slowWrites(times, 'read') };
}

/** In ten operations three writes. */
function operate(context: LeafContext): Invocation {
  return context.below(10, 0) < 3 ? writeOf(context) : readOf(context, 'read');
}

/**
 * Registers, written at the leader and read in READ_YOUR_WRITES at the replica closest to the client: within a session
 * (the timestamps that a client carries) no read is older than what it wrote or read before.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { DURABILITY, finalRegisterReads, readOf, writeOf, WRITES } from './registers.ts';
import { type SlowWrites, slowWrites } from './slow-writes.ts';

const SESSION_GUARANTEES: CheckerRef = ownChecker(
  'checkers/sessions/session-guarantees',
  'checkSessionGuarantees',
  {
    reads: ['session-read'],
    writes: WRITES,
    keyed: true,
    guarantees: ['read-your-writes', 'monotonic-reads'],
  },
);

/** The workload `read-your-writes`. */
export const readYourWrites: WorkloadDefinition = {
  name: 'read-your-writes',
  summary: 'write of few rows, and READ_YOUR_WRITES of them from the closest replica',
  make: makeReadYourWrites,
};

function makeReadYourWrites({ rate, nodes }: WorkloadOptions): Workload {
  return {
    name: 'read-your-writes',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalRegisterReads(nodes.length),
    checkers: [SESSION_GUARANTEES, DURABILITY],
    reads: ['session-read', 'final-read'],
  };
}

/** The same with few writes, all by thread 0. */
export function readYourWritesWithSlowWrites(
  options: WorkloadOptions,
  times: SlowWrites,
): Workload {
  return { ...makeReadYourWrites(options), generator: slowWrites(times, 'session-read') };
}

/** In ten operations three writes. */
function operate(context: LeafContext): Invocation {
  return context.below(10, 0) < 3 ? writeOf(context) : readOf(context, 'session-read');
}

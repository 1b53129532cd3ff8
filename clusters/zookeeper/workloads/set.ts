/** A set to which elements are only added: an acknowledged one must be in every strict read afterwards. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';

/** One operation in so many is a read of the whole set. */
const READ_SHARE = 25;

/** The workload `set`. */
export const setWorkload: WorkloadDefinition = {
  name: 'set',
  summary: 'elements added to one set, and strict reads of it',
  make: makeSet,
};

function makeSet(options: WorkloadOptions): Workload {
  return {
    name: 'set',
    generator: stagger(SECOND / options.rate, operate),
    finalGenerator: finalReads(options.nodes.length, () => [{ f: 'strict-read', value: null }]),
    checkers: [
      ownChecker('checkers/set', 'checkSet', { adds: ['add'], reads: ['strict-read'] }),
      ownChecker('checkers/replica-convergence', 'checkReplicaConvergence'),
    ],
    reads: ['strict-read', 'final-state'],
  };
}

/** Each element is unique in the run: thread and ordinal in one number. */
function operate(context: LeafContext): Invocation {
  if (context.below(READ_SHARE) === 0) return { f: 'strict-read', value: null };
  return { f: 'add', value: context.ordinal * context.concurrency + context.thread };
}

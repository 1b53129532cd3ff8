/**
 * A set of rows, each inserted by a request that is sent again under the same identifier until it is answered: what was
 * acknowledged is there, what was refused is not, and no insert finds that it was done before.
 */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';

/** One operation in so many is a read of the whole set, one in so many an insert that is sent once. */
const READ_SHARE = 25;
const ONCE_SHARE = 4;

/** The workload `set`. */
export const set: WorkloadDefinition = {
  name: 'set',
  summary: 'rows inserted once each, however often the request is sent; nothing is lost',
  make: makeSet,
};

const ADDS = ['add', 'add-once'];

function makeSet({ rate, nodes }: WorkloadOptions): Workload {
  return {
    name: 'set',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalReads(nodes.length, [null]),
    checkers: [
      ownChecker('checkers/set-full', 'checkSetFull', {
        adds: ADDS,
        reads: ['read', 'final-read'],
      }),
      ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', {
        operations: ADDS,
        views: ['final-read'],
        startsEmpty: true,
      }),
    ],
    reads: ['read', 'final-read'],
  };
}

/** Each element is unique in the run: thread and ordinal in one number. */
function operate(context: LeafContext): Invocation {
  const { ordinal, concurrency, thread } = context;
  if (context.below(READ_SHARE, 0) === 0) return { f: 'read', value: null };
  const f = context.below(ONCE_SHARE, 1) === 0 ? 'add-once' : 'add';
  return { f, value: ordinal * concurrency + thread };
}

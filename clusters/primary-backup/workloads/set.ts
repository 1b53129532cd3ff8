/** An append-only set: every acknowledged element must be in every later read, at any replica. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { WorkloadDefinition } from '../../../harness/workload.ts';

const READ: Invocation = { f: 'read', value: null };
/** A read lists the whole set, so there are few. */
const OPERATIONS_A_READ = 10;

export const setWorkload: WorkloadDefinition = {
  name: 'set',
  summary: 'unique elements are added, and all listed; nothing acknowledged may be missing later',
  make: (options) => ({
    name: 'set',
    generator: stagger(SECOND / options.rate, addOrRead),
    finalGenerator: options.nodes.map(() => READ),
    checkers: [ownChecker('checkers/set', 'checkSet')],
    reads: ['read'],
  }),
};

/** Fixed by the thread and its ordinal alone: an element of its own for every operation of every thread. */
function addOrRead({ ordinal, concurrency, thread }: LeafContext): Invocation {
  if (ordinal % OPERATIONS_A_READ === OPERATIONS_A_READ - 1) return READ;
  return { f: 'add', value: ordinal * concurrency + thread };
}

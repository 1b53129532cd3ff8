/** Blocks are committed through workers, and listed. */
import { ownChecker } from '../../harness/checker.ts';
import type { LeafContext } from '../../harness/generator.ts';
import { stagger } from '../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../harness/operation.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';

const LIST: Invocation = { f: 'list', value: null };
/** A list names all blocks, so there are few. */
const OPERATIONS_A_LIST = 6;
/** The longest that a worker needs to register with a new leader: it may have to ask two others first. */
const REGISTRATION_MS = 3_000;

export const blocksWorkload: WorkloadDefinition = {
  name: 'blocks',
  summary: 'blocks are committed and listed; a worker in service is registered whole',
  make: ({ rate, nodes }) => ({
    name: 'blocks',
    generator: stagger(SECOND / rate, commitOrList),
    finalGenerator: nodes.map(() => LIST),
    checkers: [
      ownChecker('checkers/registration/atomic-registration', 'checkAtomicRegistration', {
        values: true,
      }),
      ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
        recoveryMs: REGISTRATION_MS,
        masters: ['m1', 'm2', 'm3'],
        required: false,
      }),
      ownChecker('checkers/internal-errors', 'checkInternalErrors'),
      ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', {
        operations: ['commit'],
        startsEmpty: true,
      }),
    ],
    reads: ['list'],
  }),
};

/** Fixed by the thread and its ordinal alone: a block of its own for every commit. */
function commitOrList({ ordinal, concurrency, thread }: LeafContext): Invocation {
  if (ordinal % OPERATIONS_A_LIST === OPERATIONS_A_LIST - 1) return LIST;
  return { f: 'commit', value: ordinal * concurrency + thread };
}

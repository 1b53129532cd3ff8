/** Registers: each key is read and written, and judged for itself. */
import { ownChecker } from '../../harness/checker.ts';
import type { LeafContext } from '../../harness/generator.ts';
import { independent, withKey } from '../../harness/generators/independent.ts';
import { stagger } from '../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../harness/operation.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';

const OPERATIONS_A_KEY = 30;
const KEYS_AT_THE_END = 50;

export const register: WorkloadDefinition = {
  name: 'register',
  summary: 'read and write of single keys, linearizable',
  make: ({ nodes, rate }) => ({
    name: 'register',
    generator: stagger(
      SECOND / rate,
      independent({
        keys: keyName,
        threadsPerKey: Math.max(2, nodes.length),
        operationsPerKey: OPERATIONS_A_KEY,
        generator: () => operation,
      }),
    ),
    finalGenerator: Array.from({ length: KEYS_AT_THE_END }, (_, index) => ({
      f: 'read',
      value: withKey(keyName(index), null),
    })),
    checkers: [
      ownChecker(
        'checkers/linearizable-register',
        'checkLinearizableRegister',
        { keyed: true },
        'watchLinearizableRegister',
      ),
    ],
    reads: ['read'],
  }),
};

function keyName(index: number): string {
  return `k${index}`;
}

/** Fixed by the seed, the thread and its ordinal alone; every value is written once, so that a read tells whose it saw. */
function operation(context: LeafContext): Invocation {
  const { ordinal, concurrency, thread } = context;
  if (context.below(2, 0) === 0) return { f: 'read', value: null };
  return { f: 'write', value: ordinal * concurrency + thread + 1 };
}

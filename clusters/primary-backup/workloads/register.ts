/** Registers, each judged for itself: reads, writes of values never written before, and compare-and-sets. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';

const OPERATIONS_A_KEY = 20;
/** Final reads are made of as many keys as so many seconds at the full rate could reach, and a bounded number. */
const FINAL_SECONDS = 30;
const MOST_FINAL_KEYS = 100;

export const registerWorkload: WorkloadDefinition = {
  name: 'register',
  summary: 'read, write and compare-and-set of single keys, linearizable',
  make: (options) => {
    const keys = keysOf(options);
    const perKey = keys.length * (options.concurrency / keys.groups);
    const reached = Math.ceil((options.rate * FINAL_SECONDS) / perKey) + keys.groups;
    const finalReads = Array.from({ length: Math.min(reached, MOST_FINAL_KEYS) }, (_, key) =>
      read(key),
    );
    return {
      name: 'register',
      generator: stagger(SECOND / options.rate, (context) => operation(context, keys)),
      finalGenerator: finalReads,
      checkers: [
        ownChecker('checkers/linearizable-register', 'checkLinearizableRegister', { keyed: true }),
      ],
      reads: ['read'],
    };
  },
};

/** Which key a thread's k-th operation is on. */
interface KeyPlan {
  /** How many keys are in use at once, each by the threads of one group. */
  readonly groups: number;
  /** Operations of one thread on one key. */
  readonly length: number;
}

/** A group has a thread on every node, or all threads when there are fewer. */
function keysOf({ concurrency, nodes, operationsPerKey }: WorkloadOptions): KeyPlan {
  const groups = Math.max(1, Math.floor(concurrency / nodes.length));
  return { groups, length: operationsPerKey ?? OPERATIONS_A_KEY };
}

/** Fixed by the seed, the thread and its ordinal alone. */
function operation(context: LeafContext, keys: KeyPlan): Invocation {
  const { thread, ordinal, concurrency } = context;
  const group = Math.min(
    keys.groups - 1,
    Math.floor(thread / Math.ceil(concurrency / keys.groups)),
  );
  const key = Math.floor(ordinal / keys.length) * keys.groups + group;
  const written = ordinal * concurrency + thread;
  const kind = context.below(5, 0);
  if (kind < 2) return read(key);
  if (kind < 4) return { f: 'write', value: [key, written] };
  // What some thread may have written just before: seldom there, but often enough.
  const guess = (ordinal - 1) * concurrency + context.below(concurrency, 1);
  return { f: 'cas', value: [key, [guess, written]] };
}

function read(key: number): Invocation {
  return { f: 'read', value: [key, null] };
}

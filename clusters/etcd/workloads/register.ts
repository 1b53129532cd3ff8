/**
 * Registers, each judged for itself: linearizable reads, writes, and compare-and-sets as transactions. A group of
 * threads, one a node, works on one key for a while and goes on to the next, so that histories stay short.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';

/** Few, so that a compare-and-set often meets the value it expects. */
const VALUES = 5;
const OPERATIONS_A_KEY = 30;
/** Final reads are made of as many keys as this many seconds at the full rate could reach, and a bounded number. */
const FINAL_SECONDS = 120;
const MOST_FINAL_KEYS = 400;

export const CONVERGENCE: CheckerRef = ownChecker(
  'checkers/replica-convergence',
  'checkReplicaConvergence',
);

/** Plain registers. */
export const register: WorkloadDefinition = {
  name: 'register',
  summary: 'read, write and compare-and-set of single keys, linearizable',
  make: (options) => registerWorkload('register', options),
};

/** The same with the guard keys compared in every write. */
export const guardedRegister: WorkloadDefinition = {
  name: 'guarded-register',
  summary: 'the register workload with every write a transaction that looks at guard keys first',
  make: (options) => registerWorkload('guarded-register', options),
};

function registerWorkload(name: string, options: WorkloadOptions): Workload {
  const keys = keysOf(options);
  const finalKeys = Math.min(
    MOST_FINAL_KEYS,
    keys.groups * Math.ceil((options.rate * FINAL_SECONDS) / (options.concurrency * keys.length)),
  );
  const reads = Array.from({ length: finalKeys }, (_, key) => read(key));
  return {
    name,
    generator: stagger(SECOND / options.rate, (context) => operation(context, keys)),
    finalGenerator: finalReads(options.nodes.length, reads),
    checkers: [
      ownChecker('checkers/linearizable-register', 'checkLinearizableRegister', { keyed: true }),
      ownChecker('checkers/session-versions', 'checkSessionVersions', { keyed: true }),
      CONVERGENCE,
    ],
    reads: ['read', 'final-state'],
  };
}

/** Which key a thread's k-th operation is on. */
export interface KeyPlan {
  /** Threads with the same number modulo this are a group: one key at a time. */
  readonly groups: number;
  /** Operations of one thread on one key. */
  readonly length: number;
}

/** A group has a thread on every node, or all threads when there are fewer. */
export function keysOf(options: WorkloadOptions): KeyPlan {
  const groups = Math.max(1, Math.floor(options.concurrency / options.nodes.length));
  return { groups, length: options.operationsPerKey ?? OPERATIONS_A_KEY };
}

/** Fixed by the seed, the thread and its ordinal alone. */
export function operation(context: LeafContext, keys: KeyPlan): Invocation {
  const group = Math.floor(context.thread / Math.ceil(context.concurrency / keys.groups));
  const key = Math.floor(context.ordinal / keys.length) * keys.groups + group;
  const kind = context.below(5, 0);
  if (kind < 2) return read(key);
  if (kind < 4) return { f: 'write', value: [key, context.below(VALUES, 1)] };
  return { f: 'cas', value: [key, [context.below(VALUES, 1), context.below(VALUES, 2)]] };
}

function read(key: number): Invocation {
  return { f: 'read', value: [key, null] };
}

/**
 * Registers, each judged for itself: linearizable reads, writes, and compare-and-sets as transactions. A group of
 * threads, one a node, works on one key for a while and goes on to the next, so that histories stay short.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { independent, withKey } from '../../../harness/generators/independent.ts';
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

/** Within a session versions never decrease. */
export const SESSION_VERSIONS: CheckerRef = ownChecker(
  'checkers/session-versions',
  'checkSessionVersions',
  { keyed: true },
  'watchSessionVersions',
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
  const { nodes, concurrency, rate, operationsPerKey = OPERATIONS_A_KEY } = options;
  const operations = independent({
    keys: keyName,
    threadsPerKey: nodes.length,
    operationsPerKey,
    generator: () => operation,
  });
  const reached = Math.ceil((rate * FINAL_SECONDS) / (operationsPerKey * nodes.length));
  const finalKeys = Math.min(MOST_FINAL_KEYS, Math.max(reached, concurrency));
  return {
    name,
    generator: stagger(SECOND / rate, operations),
    finalGenerator: finalReads(
      nodes.length,
      Array.from({ length: finalKeys }, (_, index) => ({
        f: 'read',
        value: withKey(keyName(index), null),
      })),
    ),
    checkers: [
      ownChecker(
        'checkers/linearizable-register',
        'checkLinearizableRegister',
        { keyed: true },
        'watchLinearizableRegister',
      ),
      SESSION_VERSIONS,
      CONVERGENCE,
    ],
    reads: ['read', 'final-state'],
  };
}

function keyName(index: number): string {
  return `k${index}`;
}

/** Fixed by the seed, the thread and its ordinal alone. */
function operation(context: LeafContext): Invocation {
  const kind = context.below(5, 0);
  if (kind < 2) return { f: 'read', value: null };
  if (kind < 4) return { f: 'write', value: context.below(VALUES, 1) };
  return { f: 'cas', value: [context.below(VALUES, 1), context.below(VALUES, 2)] };
}

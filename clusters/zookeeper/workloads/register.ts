/**
 * Registers, many keys. Writes, compare-and-sets and strict reads (a write before the read on one session) are judged
 * linearizable; plain reads, which one server answers from what it has, only for what a session is promised.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import { independent, withKey } from '../../../harness/generators/independent.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation, type Value } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';

const OPERATIONS_PER_KEY = 60;
/** More threads on one key make the search for an order costly without finding more. */
const MOST_THREADS_PER_KEY = 10;
/** Few values, so that a compare-and-set often meets the one it expects. */
const VALUES = 5;

/** The workload `register`. */
export const registerWorkload: WorkloadDefinition = {
  name: 'register',
  summary: 'write, cas, read and strict-read of many registers',
  make: makeRegister,
};

/** What each register is judged for, whatever operates on it. */
export const REGISTER_CHECKERS: readonly CheckerRef[] = [
  ownChecker(
    'checkers/linearizable-register',
    'checkLinearizableRegister',
    { reads: ['strict-read'], writes: ['write'], cas: ['cas'], keyed: true },
    'watchLinearizableRegister',
  ),
  ownChecker(
    'checkers/session-versions',
    'checkSessionVersions',
    { reads: ['read', 'strict-read'], keyed: true },
    'watchSessionVersions',
  ),
  ownChecker('checkers/replica-convergence', 'checkReplicaConvergence'),
];

function makeRegister(options: WorkloadOptions): Workload {
  const keys = independent({
    keys: (index) => `r${index}`,
    threadsPerKey: Math.min(options.concurrency, MOST_THREADS_PER_KEY),
    operationsPerKey: options.operationsPerKey ?? OPERATIONS_PER_KEY,
    generator: () => operate,
  });
  return {
    name: 'register',
    generator: stagger(SECOND / options.rate, keys),
    finalGenerator: finalReads(options.nodes.length, strictReads),
    checkers: REGISTER_CHECKERS,
    reads: ['read', 'strict-read', 'final-state'],
  };
}

/** In ten operations three writes, two compare-and-sets, two plain reads, three strict ones. */
function operate(context: LeafContext): Invocation {
  const choice = context.below(10, 0);
  if (choice < 3) return { f: 'write', value: context.below(VALUES, 1) };
  if (choice < 5) {
    const value = { from: context.below(VALUES, 1), to: context.below(VALUES, 2) };
    return { f: 'cas', value };
  }
  return { f: choice < 7 ? 'read' : 'strict-read', value: null };
}

/** A strict read of every register that a final state tells of. */
export function strictReads(state: Value): GeneratorLike {
  if (state === null || typeof state !== 'object' || Array.isArray(state)) {
    throw new TypeError(`final state ${JSON.stringify(state)}, expected an object of registers`);
  }
  return Object.keys(state).map((key) => ({ f: 'strict-read', value: withKey(key, null) }));
}

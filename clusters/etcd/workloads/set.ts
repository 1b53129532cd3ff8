/** An append-only set: every acknowledged element must be in every later read, on any member. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { toGenerator } from '../../../harness/generators/to-generator.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { bursts, type BurstTimes } from './bursts.ts';
import { finalReads } from './final-reads.ts';
import { CONVERGENCE } from './register.ts';

const READ: Invocation = { f: 'read', value: null };
/** A read lists the whole set, so there are few. */
const ADDS_A_READ = 30;
/** Operations a second between bursts: little, because a member that catches up under load takes long. */
const LIGHT_RATE = 20;

/** Plain puts of unique keys. */
export const set: WorkloadDefinition = {
  name: 'set',
  summary: 'unique keys are added, and all listed; nothing acknowledged may be missing later',
  make: (options) => setWorkload('set', options),
};

/** The same with the guard keys compared in every add. */
export const guardedSet: WorkloadDefinition = {
  name: 'guarded-set',
  summary: 'the set workload with every add a transaction that looks at guard keys first',
  make: (options) => setWorkload('guarded-set', options),
};

/** Some adds read a revision that is not there, in the same transaction. */
export const setLookingAhead: WorkloadDefinition = {
  name: 'set-looking-ahead',
  summary:
    'the set workload with some adds that read a revision which is not there: all do it or none',
  make: (options) => setWorkload('set-looking-ahead', options),
};

/** Guarded adds as fast as the clients can, in bursts; few between them. `rate` is not used. */
export function guardedSetInBursts(options: WorkloadOptions, times: BurstTimes): Workload {
  const light = stagger(SECOND / LIGHT_RATE, add);
  return {
    ...setWorkload('guarded-set', { ...options, rate: LIGHT_RATE }),
    generator: bursts(times, toGenerator(add), light),
  };
}

function setWorkload(name: string, options: WorkloadOptions): Workload {
  return {
    name,
    generator: stagger(SECOND / options.rate, addOrRead),
    finalGenerator: finalReads(options.nodes.length, [READ]),
    // A member alone has none to converge with.
    checkers: [
      ownChecker('checkers/set', 'checkSet'),
      ...(options.nodes.length > 1 ? [CONVERGENCE] : []),
    ],
    reads: ['read', 'final-state'],
  };
}

/** Fixed by the seed, the thread and its ordinal alone. */
export function addOrRead(context: LeafContext): Invocation {
  return context.below(ADDS_A_READ) === 0 ? READ : add(context);
}

/** An element of its own for every operation of every thread. */
function add({ ordinal, concurrency, thread }: LeafContext): Invocation {
  return { f: 'add', value: ordinal * concurrency + thread };
}

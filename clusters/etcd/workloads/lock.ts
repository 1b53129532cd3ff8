/**
 * A counter under etcd's lock, whose holders now and then pause for longer than their lease lives. etcd's documentation
 * says that the lock alone does not exclude such a holder, and what does: to compare the lock's key in the transaction
 * that writes. Without that, increments are lost; with it, they must not be.
 */
import { type CheckerRef, type NotPromised, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { LEASE_SECONDS } from '../client/lock-client.ts';

const WEAKER: NotPromised = {
  weakerThan: 'mutual exclusion',
  source: 'https://etcd.io/docs/v3.5/learning/why/#notes-on-the-usage-of-lock-and-lease',
};
/** Long enough that another gets the lock, which may take a lease's life and half a second more. */
const PAUSE_MS = (LEASE_SECONDS + 1.5) * 1000;
/** One holder in so many pauses. */
const PAUSE_SHARE = 4;
const STEPS = ['acquire', 'increment', 'read', 'release'] as const;

/** Increments compare the lock's key: nothing is lost. */
export const lock: WorkloadDefinition = {
  name: 'lock',
  summary: 'a counter under a lock whose key is compared in every write',
  make: (options) => lockWorkload('lock', options, [counting()]),
};

/** As many do it. Weaker than it looks, as documented. */
export const lockWithoutFencing: WorkloadDefinition = {
  name: 'lock-without-fencing',
  summary: 'a counter under a lock that is trusted: increments are lost, as etcd says they may',
  make: (options) => lockWorkload('lock-without-fencing', options, [counting(WEAKER)]),
};

function lockWorkload(
  name: string,
  { rate }: WorkloadOptions,
  checkers: readonly CheckerRef[],
): Workload {
  return {
    name,
    generator: stagger(SECOND / rate, operate),
    finalGenerator: onThreads([0], [{ f: 'read', value: null }]),
    checkers,
    reads: ['read'],
  };
}

/** A thread acquires the lock, increments, reads and releases, over and over. */
function operate(context: LeafContext): Invocation {
  const f = STEPS[context.ordinal % STEPS.length] ?? 'read';
  if (f !== 'acquire') return { f, value: null };
  const pausedMs = context.below(PAUSE_SHARE) === 0 ? PAUSE_MS : 0;
  return { f, value: { pausedMs } };
}

function counting(documented?: NotPromised): CheckerRef {
  const checker = ownChecker('checkers/counter', 'checkCounter');
  return documented === undefined ? checker : { ...checker, documented };
}

/**
 * Workers and what masters show of them, polled over connections that stay open. A worker in service shows the capacity
 * that it declared; after a failover all are back within the bound.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { repeat } from '../../../harness/generators/limit.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { workerObserver } from '../one/worker-observer.ts';
import { finalLists } from './metadata.ts';

const LIST: Invocation = { f: 'workers', value: null };
/** Back to back: a registration without a fault takes some milliseconds. */
const BACK_TO_BACK_MS = 1;
/** A played worker's steps last some tens of milliseconds each. */
const PROBE_MS = 5;

/** In service with all its capacity, or not in service. */
export const ATOMIC: CheckerRef = ownChecker(
  'checkers/registration/atomic-registration',
  'checkAtomicRegistration',
  { values: true },
);
/** After a failover workers are back within 3 s; the rest is for dials that wait for an answer, and a busy machine. */
const BACK_AGAIN_MS = 15_000;
/** How long lists go on when all is healed: long enough that views are judged. */
const QUIET_TIME = 30 * SECOND;
const BACK_AGAIN = ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
  recoveryMs: BACK_AGAIN_MS,
});

/** The workload `workers`. */
export const workers: WorkloadDefinition = {
  name: 'workers',
  summary: 'the list of workers is polled back to back over open connections',
  make: (options) => ({
    ...makeWorkers(options, [BACK_AGAIN]),
    finalGenerator: timeLimit(QUIET_TIME, stagger(SECOND / options.rate, repeat(LIST))),
  }),
};

/** @param checkers besides that of whole registrations. Default: none */
export function makeWorkers(
  { nodes, rate }: WorkloadOptions,
  checkers: readonly CheckerRef[] = [],
): Workload {
  return {
    name: 'workers',
    generator: stagger(SECOND / rate, repeat(LIST)),
    finalGenerator: finalLists(nodes.length, LIST),
    checkers: [ATOMIC, ...checkers],
    reads: ['workers'],
    observers: [workerObserver(BACK_TO_BACK_MS)],
  };
}

/** The workload `probe`. */
export const probe: WorkloadDefinition = {
  name: 'probe',
  summary: 'workers that clients play register in two calls, and are listed all the time',
  make: ({ rate }) => ({
    name: 'probe',
    generator: stagger(SECOND / rate, step),
    checkers: [ATOMIC],
    reads: ['workers'],
    observers: [workerObserver(PROBE_MS)],
  }),
};

/** As Alluxio's own workers do it, and a block that is committed between the two calls. */
const STEPS = ['enlist', 'workers', 'commit', 'register', 'workers', 'commit'] as const;
/** The first block of a container (block ids count up within one: `BlockId.java`). */
const CONTAINER = 2 ** 24;
const MOST_STEPS = 10_000;

function step({ thread, ordinal }: LeafContext): Invocation {
  const f = STEPS[ordinal % STEPS.length] ?? 'workers';
  const worker = `played-${thread}-${Math.floor(ordinal / STEPS.length)}`;
  if (f === 'workers') return LIST;
  if (f !== 'commit') return { f, value: worker };
  const container = (thread + 1) * MOST_STEPS + ordinal;
  return { f, value: { worker, block: container * CONTAINER } };
}

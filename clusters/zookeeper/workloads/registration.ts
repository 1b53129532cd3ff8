/**
 * A worker a node keeps itself registered with its soft state, anew after each session that it loses. Judged by what
 * every server shows: never a worker without its soft state, and all of them again within the bound after a fault.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { workerObserver } from './registry-observer.ts';

/**
 * A lost session takes 2 s to go, an election about as long; the rest is for a busy machine. A server that was killed starts
 * meanwhile (2 s), as a worker registers with its own: on two processors under a load of 35 it served only after 6.2 s, of
 * which the harness itself had waited 4 for a processor. Hence the checker prolongs the bound by that.
 */
const RE_REGISTRATION_MS = 6000;
/** How long it goes on when all is healed: long enough that views are judged. */
const QUIET_TIME = 10 * SECOND;

const CHECKERS: readonly CheckerRef[] = [
  ownChecker('checkers/registration/atomic-registration', 'checkAtomicRegistration'),
  ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
    recoveryMs: RE_REGISTRATION_MS,
  }),
];

/** Registration in one transaction. */
export const registration: WorkloadDefinition = {
  name: 'registration',
  summary: 'workers register with their soft state in one transaction, again after a lost session',
  make: (options) => registrationWorkload('registration', () => 'register', options),
};

/** Deliberately weak, to see the checkers reject a real cluster. */
export const registrationInTwoSteps: WorkloadDefinition = {
  name: 'registration-in-two-steps',
  summary: 'registration first, soft state after: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => registrationWorkload('registration-in-two-steps', inTwoSteps, options),
};

/** Deliberately weak, to see the checkers reject a real cluster. */
export const registrationOnce: WorkloadDefinition = {
  name: 'registration-once',
  summary: 'no registration after a lost session: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => ({
    ...registrationWorkload('registration-once', once, options),
    finalGenerator: [],
  }),
};

/** The `f` of a worker's operation of this ordinal. */
type Step = (ordinal: number) => string;

function inTwoSteps(ordinal: number): string {
  return ordinal % 2 === 0 ? 'register' : 'declare';
}

/** A worker that thinks that it is registered asks after itself, and does no more. */
function once(ordinal: number): string {
  return ordinal === 0 ? 'register' : 'look';
}

function registrationWorkload(name: string, step: Step, options: WorkloadOptions): Workload {
  const { nodes, rate } = options;
  const operate = ({ thread, ordinal }: LeafContext): Invocation => ({
    f: step(ordinal),
    value: nodes[thread] ?? 'none',
  });
  // Thread t talks to node t.
  const working = stagger(
    SECOND / rate,
    onThreads((thread) => thread < nodes.length, operate),
  );
  return {
    name,
    generator: working,
    finalGenerator: timeLimit(QUIET_TIME, working),
    checkers: CHECKERS,
    reads: ['look'],
    observers: [workerObserver(nodes)],
  };
}

/**
 * Nodes come and go, by the schedule, while clients have them pass notes through the group. Judged by what every node
 * shows of epochs and members, by whether each that is alive is in within the bound, and by service.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation, type NodeName } from '../../../harness/operation.ts';
import type { Observer } from '../../../harness/system.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { epochObserver, ringObserver } from '../observers.ts';

/**
 * A ring forms anew within 2.5 s of a silent node (a token of 1 s among five nodes, and the consensus time); a process
 * is in some milliseconds after. The rest is for a busy machine.
 */
export const JOIN_MS = 8_000;

/** Bounds are prolonged by what the harness was held up; a stall so long is not judged at all. */
export const STALL_BOUND_MS = 3_000;

/** One configuration has one member list, and all come to the same one. @param withinMs once all is healed */
export function agreementChecker(withinMs: number): CheckerRef {
  return ownChecker('checkers/membership/agreement', 'checkAgreement', {
    recoveryMs: withinMs,
    stallBoundMs: STALL_BOUND_MS,
  });
}

/** Agreement, and whoever is alive is in. */
export function joinCheckers(withinMs: number = JOIN_MS): readonly CheckerRef[] {
  return [
    agreementChecker(withinMs),
    ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
      recoveryMs: withinMs,
      stallBoundMs: STALL_BOUND_MS,
      // A stopped process stays in its group, and those that it should answer wait for it.
      allAwake: true,
    }),
  ];
}

/** Views by Sheepdog's epoch. */
export const joinWorkload: WorkloadDefinition = joinWorkloadWith(epochObserver);

/** As the workload `join`, by another system's observer. */
export function joinWorkloadWith(
  observer: (nodes: readonly NodeName[]) => Observer,
): WorkloadDefinition {
  return {
    name: 'join',
    summary: 'nodes join and leave; one epoch has one member list, and whoever is alive is in',
    make: (options) => workloadOf('join', options, observer),
  };
}

/** Views by corosync's ring id. */
export const ringWorkload: WorkloadDefinition = {
  name: 'ring',
  summary: 'as join; one ring id of corosync has one member list',
  make: (options) => workloadOf('ring', options, ringObserver),
};

export const WORKLOADS: readonly WorkloadDefinition[] = [joinWorkload, ringWorkload];

function workloadOf(
  name: string,
  { rate, nodes }: WorkloadOptions,
  observer: (nodes: readonly NodeName[]) => Observer,
): Workload {
  return {
    name,
    generator: stagger(SECOND / rate, note),
    checkers: joinCheckers(),
    reads: [],
    observers: [observer(nodes)],
  };
}

/** A number of its own for every note of every thread. */
function note({ ordinal, concurrency, thread }: LeafContext): Invocation {
  return { f: 'note', value: ordinal * concurrency + thread };
}

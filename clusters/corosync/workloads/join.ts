/**
 * Nodes come and go, by the schedule, while clients have them pass notes through the group. Judged by what every node
 * shows of epochs and members, by whether each that is alive is in within the bound, and by service.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { MILLISECOND, SECOND, type Invocation, type NodeName } from '../../../harness/operation.ts';
import type { Observer } from '../../../harness/system.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { epochObserver, ringObserver } from '../observers.ts';

/**
 * Of three nodes. Corosync takes a silent node for lost after 1.65 s (a token of 1 s, and 0.65 s for each node above two),
 * and agrees on the ring without it for 1.2 times as long, 3.63 s together; measured up to 3.8 s, and 6.1 s where a node
 * was lost while another came. A process is in some milliseconds after. The rest is for a busy machine.
 * https://manpages.debian.org/bookworm/corosync/corosync.conf.5.en.html (token, token_coefficient, consensus)
 */
const JOIN_MS = 8_000;

/** What each node above three adds to the token and the time to agree, twice over: 2 x 2.2 x 0.65 s. */
const JOIN_MS_A_NODE = 2_860;

/** Within which whoever is alive is in. Milliseconds. */
function joinMs(nodes: number): number {
  return JOIN_MS + JOIN_MS_A_NODE * Math.max(0, nodes - 3);
}

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
export function joinCheckers(withinMs: number): readonly CheckerRef[] {
  return [
    agreementChecker(withinMs),
    ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
      recoveryMs: withinMs,
      stallBoundMs: STALL_BOUND_MS,
      oneGroup: true,
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

/** For runs that end when all is healed. */
export const BRIEF_WORKLOADS: readonly WorkloadDefinition[] = [joinWorkload, ringWorkload];

/**
 * As a system offers them: faults may come so thick that only after the last of them there is time enough to judge. Twice T,
 * as on a machine of which others take half, T takes twice as long.
 */
export const WORKLOADS: readonly WorkloadDefinition[] = BRIEF_WORKLOADS.map(withQuietEnd);

function withQuietEnd(definition: WorkloadDefinition): WorkloadDefinition {
  return {
    ...definition,
    make: (options) => {
      const workload = definition.make(options);
      const quiet = 2 * joinMs(options.nodes.length) * MILLISECOND;
      return { ...workload, finalGenerator: timeLimit(quiet, workload.generator) };
    },
  };
}

function workloadOf(
  name: string,
  { rate, nodes }: WorkloadOptions,
  observer: (nodes: readonly NodeName[]) => Observer,
): Workload {
  return {
    name,
    generator: stagger(SECOND / rate, note),
    checkers: joinCheckers(joinMs(nodes.length)),
    reads: [],
    observers: [observer(nodes)],
  };
}

/** A number of its own for every note of every thread. */
function note({ ordinal, concurrency, thread }: LeafContext): Invocation {
  return { f: 'note', value: ordinal * concurrency + thread };
}

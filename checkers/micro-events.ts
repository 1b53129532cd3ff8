/** Events written by hand or by chance, for tests: times in seconds. */
import type { LeaderSeen, MembershipView, RunEvent, Stall, WorkerState } from '../harness/event.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';

/** An interval, a moment when `to` is left out. */
export function interval(from: number, to = from): { notBefore: number; notAfter: number } {
  return { notBefore: from * SECOND, notAfter: to * SECOND };
}

export function down(node: NodeName, from: number, to = from): RunEvent {
  return { type: 'node-down', node, cause: 'killed', expected: true, ...interval(from, to) };
}

export function up(node: NodeName, from: number, to = from): RunEvent {
  return { type: 'node-up', node, ...interval(from, to) };
}

/** Both directions between a node and others. */
export function links(
  type: 'link-cut' | 'link-healed',
  node: NodeName,
  others: readonly NodeName[],
  at: number,
): RunEvent {
  const both = others.flatMap((other) => [
    { from: node, to: other },
    { from: other, to: node },
  ]);
  return { type, links: both, ...interval(at) };
}

export function stall(from: number, seconds: number, cause: Stall['cause']): RunEvent {
  return {
    type: 'stall',
    cause,
    durationNanos: seconds * SECOND,
    ...interval(from, from + seconds),
  };
}

/** A poll found a leader; @param term left out: the system tells none. */
export function leader(node: NodeName, from: number, term?: number, to = from): LeaderSeen {
  const told = term === undefined ? {} : { term };
  return { type: 'leader-seen', node, ...told, ...interval(from, to) };
}

export function role(node: NodeName, at: number, name: string | null, term?: number): RunEvent {
  const told = term === undefined ? {} : { term };
  return { type: 'role-seen', node, role: name, ...told, ...interval(at) };
}

export function view(
  observer: NodeName,
  from: number,
  configuration: string,
  members: readonly NodeName[],
  more: Partial<MembershipView> = {},
): MembershipView {
  return {
    ...{ type: 'membership-view', observer, configuration, members },
    ...interval(from),
    ...more,
  };
}

/** What the observer showed of a worker; @param shown null: it did not list it. */
export function worker(
  observer: NodeName,
  name: NodeName,
  at: number,
  declared: { readonly [name: string]: Value },
  shown: { readonly [name: string]: Value } | null = declared,
  more: Partial<WorkerState> = {},
): WorkerState {
  return {
    ...{ type: 'worker-state', observer, worker: name, registered: shown !== null },
    declared,
    shown: shown ?? {},
    ...interval(at),
    ...more,
  };
}

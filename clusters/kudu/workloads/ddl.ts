/**
 * Tables are created, altered, renamed and deleted, and looked at until each change is done.
 *
 * Judged: what was acknowledged is done within its bound, by what the catalog shows (never by a master's word that an
 * alteration is done); what was answered with an error was not done, nothing was done twice, no acknowledged table is
 * lost; every master lists every tablet server.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import { perThread } from '../../../harness/generators/each-thread.ts';
import { giveUpAfter } from '../../../harness/generators/give-up-after.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import { type Invocation, MILLISECOND, SECOND } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { lives, type LifeStep } from './lives.ts';
import { tabletServerObserver } from '../servers.ts';

/**
 * An election of masters takes up to 7.3 s when a host is lost (votes of the dead are waited for), what follows 2 s; the
 * rest is for a busy machine.
 */
export const COMPLETION_MS = 15_000;
/**
 * A tablet that the leader before was to create is created anew after --tablet_creation_timeout_ms, 30 s; see
 * kudu-create-stall, which holds creations to COMPLETION_MS.
 */
const CREATION_MS = 45_000;
/** From another leader being seen; tablet servers report to all masters each second. */
const RE_REGISTRATION_MS = 10_000;
/** How long it goes on when all is healed: long enough that views are judged. */
const QUIET_TIME = 12 * SECOND;
/** All tables and columns, as whoever leads knows them. */
export const LIST: LifeStep = { once: { f: 'list', value: null } };
const FINAL_LIST: Invocation = { f: 'final-list', value: null };

/** Changes are sent once. */
export const ddl: WorkloadDefinition = {
  name: 'ddl',
  summary: 'tables are created, altered, renamed, deleted; what is acknowledged is done in time',
  make: (options) => ddlWorkload('ddl', options),
};

/** Deliberately as Kudu's own clients do it. */
export const ddlResent: WorkloadDefinition = {
  name: 'ddl-resent',
  summary: 'changes are sent again when unanswered, as Kudu’s clients do: expected to be invalid',
  weak: true,
  make: (options) => ddlWorkload('ddl-resent', options),
};

function ddlWorkload(name: string, options: WorkloadOptions): Workload {
  const working = (prefix: string): ReturnType<typeof stagger> =>
    stagger(
      SECOND / options.rate,
      perThread((thread) => lives((life) => wholeLife(`${prefix}${thread}_${life}`))),
    );
  return {
    name,
    generator: working('t'),
    finalGenerator: [timeLimit(QUIET_TIME, working('q')), finalList()],
    checkers: [
      ...completionCheckers({ create: CREATION_MS, alter: COMPLETION_MS }),
      ...EXACTLY_ONCE_CHECKERS,
      reRegistration(options.nodes),
    ],
    reads: DDL_READS,
    observers: [tabletServerObserver()],
  };
}

/** `f`s that change nothing. */
const DDL_READS: readonly string[] = ['look', 'list', 'final-list'];

/** All tables, read at the end by whoever leads. */
function finalList(): Workload['generator'] {
  return onThreads([0], untilOk(giveUpAfter(20, () => FINAL_LIST)));
}

/**
 * One administrator, thread 0 (that is, node m1 in the history), who does these steps after a calm beginning; the other
 * threads list all tables until the end.
 * @param steps so many lives; each is over with the first change that is not acknowledged
 */
export function administrator(
  name: string,
  steps: readonly (readonly LifeStep[])[],
  checkers: readonly CheckerRef[],
): Workload {
  const all = [CALM, ...steps];
  return {
    name,
    generator: perThread((thread) =>
      lives((life) => (thread === 0 ? (all[life] ?? null) : WATCHING)),
    ),
    finalGenerator: finalList(),
    checkers,
    reads: DDL_READS,
  };
}

/** Every thread creates tables, one after another: there is always some that the leader has just acknowledged. */
export function creators(name: string, buckets: number, checkers: readonly CheckerRef[]): Workload {
  return {
    name,
    generator: perThread((thread) => lives((life) => creationOf(`t${thread}_${life}`, buckets))),
    finalGenerator: finalList(),
    checkers,
    reads: DDL_READS,
  };
}

/** Service is seen before the first fault, however busy the machine. */
const CALM: readonly LifeStep[] = [{ wait: 2 * SECOND }];
const WATCHING: readonly LifeStep[] = [{ wait: 100 * MILLISECOND }, LIST];

/** How completion is judged. */
export interface CompletionBounds {
  /** In milliseconds, of creations, and of other changes. Default: not judged. */
  readonly create?: number;
  readonly alter?: number;
  /** Judged while a majority of these is alive and linked. Default: while there is all that service needs. */
  readonly quorumOf?: readonly string[];
  /** A stall of the harness so long excuses the time around it. Default: the checker's. */
  readonly stallBoundMs?: number;
}

/** What was acknowledged is done within its bound. */
export function completionCheckers(bounds: CompletionBounds): readonly CheckerRef[] {
  const { create, alter, ...common } = bounds;
  const completion = (name: string, operations: readonly string[], completionMs: number) => ({
    ...ownChecker('checkers/availability/completion', 'checkCompletion', {
      ...{ operations, completionMs },
      ...common,
    }),
    name,
  });
  return [
    ...(create === undefined ? [] : [completion('creations-complete', ['create'], create)]),
    ...(alter === undefined
      ? []
      : [completion('alterations-complete', ['alter', 'rename'], alter)]),
  ];
}

/** What was refused was not done, nothing twice; what was acknowledged is there. */
export const EXACTLY_ONCE_CHECKERS: readonly CheckerRef[] = [
  // A deposed leader's lists are old: only those at the end must tell all that was acknowledged.
  exactlyOnce('exactly-once', {
    operations: ['create', 'rename'],
    views: ['final-list'],
  }),
  exactlyOnce('exactly-once-at-any-time', {
    operations: ['create', 'rename', 'alter'],
    views: ['list', 'final-list'],
    staleViews: true,
  }),
];

function exactlyOnce(name: string, options: NonNullable<CheckerRef['options']>): CheckerRef {
  const all = { removals: ['delete', 'rename'], startsEmpty: true, ...options };
  return { ...ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', all), name };
}

function reRegistration(masters: readonly string[]): CheckerRef {
  return ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
    masters,
    recoveryMs: RE_REGISTRATION_MS,
  });
}

function wholeLife(table: string): readonly LifeStep[] {
  const next = `${table}n`;
  return [
    ...creationOf(table),
    ...alterationOf(table),
    { once: { f: 'rename', value: { id: next, was: table } } },
    { until: { f: 'look', value: { id: next } } },
    LIST,
    { once: { f: 'delete', value: { id: next } } },
  ];
}

/** A table is created, and is there. @param buckets tablets. Default: one */
export function creationOf(table: string, buckets?: number): readonly LifeStep[] {
  const spread = buckets === undefined ? {} : { buckets };
  return [
    { once: { f: 'create', value: { id: table, ...spread } } },
    { until: { f: 'look', value: { id: table } } },
  ];
}

/** A column is added, and is there. */
export function alterationOf(table: string): readonly LifeStep[] {
  const value = { id: `${table}.c1`, table, column: 'c1' };
  return [{ once: { f: 'alter', value } }, { until: { f: 'look', value } }];
}

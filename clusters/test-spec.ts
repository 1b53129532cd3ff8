/**
 * From options, as a person gives them, to a complete TestSpec with the checks that every run gets.
 */
import { type CheckerRef, ownChecker } from '../harness/checker.ts';
import type { Clock } from '../harness/clock.ts';
import { WEIGHABLE } from '../checkers/detection-power/judged.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND, type Nanoseconds, type NodeName } from '../harness/operation.ts';
import type { Progress } from '../harness/progress.ts';
import { nodesOfRole, nodesOfRoles } from '../harness/roles.ts';
import type { RoleOptions, System } from '../harness/system.ts';
import type { TestSpec } from '../harness/test.ts';
import type { Testbed } from '../harness/testbed.ts';
import type { Workload } from '../harness/workload.ts';
import { needsOf } from '../nemesis/needs.ts';
import { FAULTS } from '../nemesis/registry.ts';
import { versionsIn } from '../nemesis/upgrade.ts';

export interface TestOptions {
  readonly system: System;
  readonly version: string;
  readonly workload: Workload;
  readonly schedule: readonly FaultStep[];
  /** Fault packages asked for, for the record. Default: none. */
  readonly packages?: readonly string[];
  readonly testbed: Testbed;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly seed: bigint;
  readonly nodes: readonly NodeName[];
  readonly concurrency: number;
  /** Operations a second over all threads, for the record. */
  readonly rate: number;
  readonly timeLimit: Nanoseconds;
  readonly runsDirectory: string | null;
  readonly again: string;
  /** Default: 5 s. */
  readonly deadline?: Nanoseconds;
  /** Default: 30 s. */
  readonly recoveryLimit?: Nanoseconds;
  /** A stall of the harness so long excuses a time without service, in milliseconds. Default: the checkers' own. */
  readonly stallBoundMs?: number;
  /** Default: false. */
  readonly endWithSchedule?: boolean;
  /** Work after the schedule's end. Default: none. */
  readonly rest?: Nanoseconds;
  /** Default: false. */
  readonly keep?: boolean;
  /** Default: false. */
  readonly stopAtFirstViolation?: boolean;
  /** A system's own options. Default: none. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Default: worker threads. */
  readonly judgeInline?: boolean;
  /**
   * Say what a valid verdict is worth; a share of single defects below `minimum` (0 to 1) makes the run unknown.
   * Default: not computed.
   */
  readonly detectionPower?: { readonly minimum: number };
  /** What a run must have done at least to be valid (checkers/minimum-work). Default: the checker's own. */
  readonly leastWork?: LeastWork;
  /** Checkers besides the workload's and the standard ones. Default: none. */
  readonly checkers?: readonly CheckerRef[];
}

/** Services before the first fault and after the last, and faults that somebody felt. Default: the checker's own. */
export interface LeastWork {
  readonly before?: number;
  readonly after?: number;
  readonly felt?: number;
}

/** Resolves every default, once. */
export function testSpec(options: TestOptions): TestSpec {
  const { system, version, workload, schedule } = options;
  const deadline = options.deadline ?? 5 * SECOND;
  const recoveryLimit = options.recoveryLimit ?? 30 * SECOND;
  const extra = options.extra ?? {};
  const needs = needsOf(schedule);
  const otherVersions = versionsIn(schedule);
  return {
    name: `${system.name}-${version}-${workload.name}`,
    system,
    systemOptions: {
      version,
      nodes: options.nodes,
      extra,
      needs,
      spares: needs.includes('spare-node') ? [spareOf(options)] : [],
      otherVersions,
    },
    workload,
    testbed: options.testbed,
    faults: FAULTS,
    schedule,
    endWithSchedule: options.endWithSchedule ?? false,
    rest: options.rest ?? 0,
    stopAtFirstViolation: options.stopAtFirstViolation ?? false,
    checkers: [
      ...standardCheckers(options),
      ...powerCheckers(workload, options.detectionPower),
      ...(options.checkers ?? []),
    ],
    concurrency: options.concurrency,
    timeLimit: options.timeLimit,
    deadline,
    recoveryLimit,
    seed: options.seed,
    runsDirectory: options.runsDirectory,
    keep: options.keep ?? false,
    again: options.again,
    clock: options.clock,
    progress: options.progress,
    judgeInline: options.judgeInline ?? false,
    description: {
      name: `${system.name}-${version}-${workload.name}`,
      system: system.name,
      version,
      ...(otherVersions.length === 0 ? {} : { otherVersions }),
      workload: workload.name,
      testbed: options.testbed.kind,
      nodes: options.nodes,
      concurrency: options.concurrency,
      rate: options.rate,
      timeLimitSeconds: options.timeLimit / SECOND,
      deadlineSeconds: deadline / SECOND,
      recoveryLimitSeconds: recoveryLimit / SECOND,
      seed: String(options.seed),
      faults: options.packages ?? [],
      extra,
      again: options.again,
      promises: system.promises,
    },
  };
}

/** The name after the last of the nodes that scale. */
function spareOf({ system, version, nodes, extra = {} }: TestOptions): NodeName {
  const scaled = system.roles?.({ version, extra }).find(({ scales }) => scales === true);
  if (scaled === undefined) return `n${nodes.length + 1}`;
  return `${scaled.prefix}${nodesOfRole(scaled, nodes).length + 1}`;
}

/** What every run is judged for, whatever its workload. */
function standardCheckers(options: TestOptions): readonly CheckerRef[] {
  const { system, schedule, stallBoundMs, leastWork = {} } = options;
  return [
    ownChecker('checkers/minimum-work', 'checkMinimumWork', {
      faultsIntended: schedule.length,
      ...leastWork,
    }),
    ownChecker(
      'checkers/liveness',
      'checkLivenessAfterHeal',
      stallBoundMs === undefined ? {} : { stallBoundMs },
    ),
    ownChecker('checkers/node-failures', 'checkNodeFailures', {
      patterns: system.failurePatterns.map((pattern) => ({ ...pattern })),
    }),
    ownChecker('checkers/membership/one-master', 'checkOneMaster', {
      overlapMs: DEPOSED_LEADER_MS,
      required: false,
    }),
    // Whether an election without a fault is wrong depends on the machine: counted for all, accused where asked for.
    ownChecker('checkers/membership/elections', 'checkElections', {
      accuse: false,
      required: false,
    }),
    ownChecker('checkers/statistics', 'summariseOperations'),
  ];
}

/**
 * A leader that was deposed and does not know it, and a successor that still tells the term before: not both for so long
 * in any system that steps down within its election timeout.
 */
const DEPOSED_LEADER_MS = 5_000;

/** One for each checker of the workload whose verdict can be weighed. */
function powerCheckers(
  workload: Workload,
  power: TestOptions['detectionPower'],
): readonly CheckerRef[] {
  if (power === undefined) return [];
  return workload.checkers
    .filter(({ name }) => WEIGHABLE.includes(name))
    .map(({ name, options = {} }) =>
      ownChecker('checkers/detection-power', 'checkDetectionPower', {
        of: name,
        options,
        ...power,
      }),
    );
}

/** A system's nodes: by its roles, or `n1` … `n<count>`. @param count of those that scale. Default: its own, or 3 */
export function nodesFor(
  system: Pick<System, 'roles'>,
  options: RoleOptions,
  count?: number,
): readonly NodeName[] {
  const roles = system.roles?.(options);
  return roles === undefined ? nodeNames(count ?? 3) : nodesOfRoles(roles, count);
}

/** `n1` … `n<count>`. */
export function nodeNames(count: number): readonly NodeName[] {
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

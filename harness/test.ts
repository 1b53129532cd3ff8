/**
 * A test, from its description to its verdict. `run` is the list of its phases; read this file first.
 */
import { bringUp, setUp } from './phases/bring-up.ts';
import { drive, heal, recover } from './phases/drive.ts';
import { judgeRun } from './phases/judge-run.ts';
import { readBack } from './phases/read-back.ts';
import { collect, tearDown } from './phases/tear-down.ts';
import type { CheckerRef, Validity, Verdict } from './checker.ts';
import type { Clock } from './clock.ts';
import { within } from './clock.ts';
import { HarnessBugError } from './connection.ts';
import { protect, type Protection } from './guardian/protection.ts';
import type { Fault, FaultStep } from './nemesis.ts';
import type { Nanoseconds } from './operation.ts';
import { SECOND } from './operation.ts';
import type { Progress } from './progress.ts';
import { beginRun, type RunState } from './run-state.ts';
import type { System, SystemOptions } from './system.ts';
import type { Testbed } from './testbed.ts';
import type { Workload } from './workload.ts';

/** Everything that a run is made from. Built by the command line, a regression, or a user's own file. */
export interface TestSpec {
  /** Names the run directory: `zookeeper-3.9.4-register`. */
  readonly name: string;
  readonly system: System;
  readonly systemOptions: SystemOptions;
  readonly workload: Workload;
  readonly testbed: Testbed;
  /** Fault kinds that the schedule may name. */
  readonly faults: ReadonlyMap<string, Fault>;
  readonly schedule: readonly FaultStep[];
  /** End the main phase as soon as every step of the schedule ended. */
  readonly endWithSchedule: boolean;
  /** How long after that the main phase goes on all the same. Default: 0. */
  readonly rest?: Nanoseconds;
  /** End the main phase with the first violation that a checker finds online. Default: false. */
  readonly stopAtFirstViolation?: boolean;
  /** Judged besides the workload's own. */
  readonly checkers: readonly CheckerRef[];
  readonly concurrency: number;
  /** Length of the main phase. */
  readonly timeLimit: Nanoseconds;
  /** Each operation's deadline. */
  readonly deadline: Nanoseconds;
  /** How long after a verified heal the system may take to serve again; longer is invalid (liveness). */
  readonly recoveryLimit: Nanoseconds;
  readonly seed: bigint;
  /** Where run directories go; null keeps everything in memory. */
  readonly runsDirectory: string | null;
  /** Leave the cluster up at the end. */
  readonly keep: boolean;
  /** The command that runs this again, for the report. */
  readonly again: string;
  readonly clock: Clock;
  readonly progress: Progress;
  /** The plain part of the description, as it goes to spec.json. */
  readonly description: Readonly<Record<string, unknown>>;
  /** Judge on this thread, for simulated runs by the thousand. Default: worker threads. */
  readonly judgeInline?: boolean;
}

export interface RunResult {
  readonly validity: Validity;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** One line for a person. */
  readonly summary: string;
  /** Null when kept in memory. */
  readonly directory: string | null;
  /** What could not be removed, with the command that shows it. */
  readonly leftovers: readonly string[];
  readonly state: RunState;
}

/** One phase: its work, and the bound after which it is given up as `harness-failure`. */
interface Phase {
  readonly name: string;
  readonly limit: (spec: TestSpec) => Nanoseconds;
  /** Whether it still runs after an interruption or a failure: what was broken must be healed, what was made removed. */
  readonly always: boolean;
  readonly work: (state: RunState) => Promise<void>;
}

/** The phases of a run, in order. */
export const PHASES: readonly Phase[] = [
  { name: 'bring up', always: false, limit: () => 600 * SECOND, work: bringUp },
  { name: 'set up', always: false, limit: () => 120 * SECOND, work: setUp },
  { name: 'drive', always: false, limit: (spec) => spec.timeLimit + 60 * SECOND, work: drive },
  { name: 'heal', always: true, limit: () => 120 * SECOND, work: heal },
  {
    name: 'recover',
    always: true,
    limit: (spec) => spec.recoveryLimit + 60 * SECOND,
    work: recover,
  },
  { name: 'read back', always: false, limit: () => 120 * SECOND, work: readBack },
  { name: 'collect', always: true, limit: () => 60 * SECOND, work: collect },
  { name: 'tear down', always: true, limit: () => 120 * SECOND, work: tearDown },
];

/**
 * Runs a test: brings the cluster up, drives and breaks it, heals it, reads back, removes it, and judges what was
 * recorded. Never throws for anything that happens to the cluster; what goes wrong in the harness itself is a verdict
 * too (`unknown: harness-failure`), with everything recorded until then kept.
 * @param interrupt aborted by Ctrl-C: heals, saves, tears down, `unknown: interrupted`; with a HarnessBugError as
 * its reason: the same, `unknown: harness-failure`.
 */
export async function run(spec: TestSpec, interrupt: AbortSignal): Promise<RunResult> {
  const state = await beginRun(spec, interrupt);
  const stopOnBug = (): void => {
    if (interrupt.reason instanceof HarnessBugError) state.fail(interrupt.reason);
  };
  interrupt.addEventListener('abort', stopOnBug, { once: true });
  const protection = await protectRun(state);
  for (const phase of PHASES) await runPhase(state, phase);
  protection?.end(state.leftovers.length === 0 && state.notHealed.length === 0);
  interrupt.removeEventListener('abort', stopOnBug);
  return judgeRun(state);
}

/** A run without protection still heals itself as long as it lives; it is told that nobody else does. */
async function protectRun(state: RunState): Promise<Protection | null> {
  const { directory, runId } = state.store;
  if (directory === null) return null;
  const { testbed, clock } = state.spec;
  try {
    return await protect({ runId, directory, testbed, clock, say: (line) => state.say(line) });
  } catch (error) {
    state.say(`no guardian: ${String(error)}`);
    return null;
  }
}

async function runPhase(state: RunState, phase: Phase): Promise<void> {
  const { spec } = state;
  if (!phase.always && (state.failure !== null || state.interrupted())) return;
  state.beginPhase(phase.name);
  try {
    await within(spec.clock, phase.limit(spec), `phase "${phase.name}"`, phase.work(state));
  } catch (error) {
    state.phaseThrew(error);
  }
  state.endPhase(phase.name);
}

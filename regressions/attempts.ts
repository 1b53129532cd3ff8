/** Runs one attempt at a row of a regression, on a fresh cluster or in simulated time: a hit is its own anomaly only. */
import type { Verdict } from '../harness/checker.ts';
import type { Clock } from '../harness/clock.ts';
import { SECOND, type NodeName } from '../harness/operation.ts';
import type { Progress } from '../harness/progress.ts';
import { run, type RunResult } from '../harness/test.ts';
import type { Testbed } from '../harness/testbed.ts';
import { nodesFor, testSpec } from '../clusters/test-spec.ts';
import {
  type AttemptTally,
  type Expected,
  isModel,
  type LivePlan,
  type ModelPlan,
  type ResolvedRow,
} from './regression.ts';

export interface AttemptOptions {
  readonly seed: bigint;
  /** A fresh testbed and clock. */
  readonly ground: () => Promise<{ readonly testbed: Testbed; readonly clock: Clock }>;
  /** Times the attempt. */
  readonly clock: Clock;
  readonly progress: Progress;
  readonly runsDirectory: string;
  readonly interrupt: AbortSignal;
}

/** What came of an attempt; plain, as it goes from one process to another. */
export interface Attempt {
  readonly seed: string;
  /** `accused`: the anomaly that is documented was accused as if it were not. */
  readonly outcome: 'hit' | 'miss' | 'unknown' | 'accused';
  readonly summary: string;
  /** Of the regression's own anomalies, each with the checker that told it: `liveness: no-service-with-quorum`. */
  readonly own: readonly string[];
  /** What else was found invalid, in the same form: no hit, and told. */
  readonly others: readonly string[];
  /** The evidence; null when there is none on disk. */
  readonly directory: string | null;
  readonly seconds: number;
}

/** One attempt, from nothing to its verdict. */
export async function runAttempt(row: ResolvedRow, options: AttemptOptions): Promise<Attempt> {
  const began = options.clock.now();
  const { plan } = row;
  const found = isModel(plan)
    ? await modelAttempt(row, plan, options)
    : await liveAttempt(row, plan, options);
  const seconds = (options.clock.now() - began) / SECOND;
  return { ...found, seed: String(options.seed), seconds };
}

/** Adds up attempts. */
export function tallyOf(
  row: Pick<ResolvedRow, 'name' | 'expected'>,
  attempts: readonly Attempt[],
): AttemptTally {
  const count = (outcome: Attempt['outcome']): number =>
    attempts.filter((attempt) => attempt.outcome === outcome).length;
  return {
    row: row.name,
    expected: row.expected,
    attempts: attempts.length,
    hits: count('hit'),
    unknown: count('unknown'),
    accused: count('accused'),
  };
}

type Found = Omit<Attempt, 'seed' | 'seconds'>;

async function liveAttempt(
  row: ResolvedRow,
  plan: LivePlan,
  options: AttemptOptions,
): Promise<Found> {
  const { regression, version } = row;
  const { recoveryLimit, stallBoundMs, checkers, leastWork, extra = {} } = plan;
  const spec = testSpec({
    system: regression.system,
    version,
    workload: plan.workload(),
    schedule: plan.schedule(options.seed),
    endWithSchedule: true,
    rest: plan.rest ?? 0,
    ...(await options.ground()),
    progress: options.progress,
    seed: options.seed,
    nodes: nodesOfRow(row, plan),
    concurrency: plan.concurrency,
    rate: 0,
    timeLimit: plan.timeLimit,
    deadline: plan.deadline,
    ...(recoveryLimit === undefined ? {} : { recoveryLimit }),
    ...(stallBoundMs === undefined ? {} : { stallBoundMs }),
    ...(checkers === undefined ? {} : { checkers }),
    ...(leastWork === undefined ? {} : { leastWork }),
    extra,
    runsDirectory: options.runsDirectory,
    again: againCommand(row, options.seed),
  });
  return judgeAttempt(row, await run(spec, options.interrupt));
}

/** The nodes that a live row runs on. */
export function nodesOfRow(
  { regression, version }: ResolvedRow,
  plan: LivePlan,
): readonly NodeName[] {
  if (plan.nodes !== undefined) return plan.nodes;
  return nodesFor(regression.system, { version, extra: plan.extra ?? {} });
}

/** Runs of a model between two looks at what else there is to do. */
const RUNS_AT_ONCE = 50;

/** The command that makes this attempt again. */
export function againCommand({ regression, name }: ResolvedRow, seed: bigint): string {
  const row = /^[\w.=@+-]+$/.test(name) ? name : `'${name}'`;
  return `bin/faultline regress ${regression.name} --rows ${row} --attempts 1 --seed ${seed}`;
}

/** Tests in memory until one hits; that one is run again to be recorded: equal seeds are equal runs. */
async function modelAttempt(
  row: ResolvedRow,
  { model }: ModelPlan,
  { seed, interrupt, runsDirectory, clock }: AttemptOptions,
): Promise<Found> {
  let unknown = 0;
  for (let index = 0; index < model.runs && !interrupt.aborted; index++) {
    // Simulated time passes without this thread's loop going round: an interruption is heard only in between.
    if (index % RUNS_AT_ONCE === 0) await clock.sleep(0);
    // Attempts with neighbouring seeds share no test.
    const drawn = BigInt.asUintN(64, seed * BigInt(model.runs) + BigInt(index));
    const judged = judgeAttempt(row, await run(model.test(drawn, row.version), interrupt));
    if (judged.outcome === 'unknown') unknown += 1;
    if (judged.outcome !== 'hit' && judged.outcome !== 'accused') continue;
    const recorded = { ...model.test(drawn, row.version), runsDirectory, judgeInline: false };
    const { directory } = await run(recorded, interrupt);
    return { ...judged, directory, summary: `run ${index + 1}, seed ${drawn}: ${judged.summary}` };
  }
  return {
    outcome: interrupt.aborted || 2 * unknown > model.runs ? 'unknown' : 'miss',
    summary: `${model.runs} runs, of which ${unknown} could not be judged`,
    own: [],
    others: [],
    directory: null,
  };
}

/** What a run says of the row. */
export function judgeAttempt(
  { expected, plan }: Pick<ResolvedRow, 'expected' | 'plan'>,
  result: Pick<RunResult, 'verdicts' | 'summary' | 'directory'>,
): Found {
  const accused = told(result.verdicts, ({ valid }) => valid === 'invalid');
  const isOwn = ({ name }: Told): boolean => plan.anomalies.includes(name);
  const own = accused.filter(isOwn);
  const tolerated = told(result.verdicts, ({ valid }) => valid !== 'invalid').filter(isOwn);
  return {
    outcome: outcomeOf(expected, own.length > 0, tolerated.length > 0, result.verdicts),
    summary: result.summary,
    own: texts(expected === 'documented' ? [...own, ...tolerated] : own),
    // What was found online is what a checker says again.
    others: texts(accused.filter((one) => !isOwn(one) && one.checker !== 'online')),
    directory: result.directory,
  };
}

function outcomeOf(
  expected: Expected,
  accused: boolean,
  tolerated: boolean,
  verdicts: RunResult['verdicts'],
): Attempt['outcome'] {
  if (accused) return expected === 'documented' ? 'accused' : 'hit';
  if (expected === 'documented' && tolerated) return 'hit';
  // Also beside an anomaly of another kind: what could not be judged is no proof of absence.
  return Object.values(verdicts).some(({ valid }) => valid === 'unknown') ? 'unknown' : 'miss';
}

interface Told {
  readonly checker: string;
  readonly name: string;
}

function told(verdicts: RunResult['verdicts'], of: (verdict: Verdict) => boolean): readonly Told[] {
  return Object.entries(verdicts)
    .filter(([, verdict]) => of(verdict))
    .flatMap(([checker, { anomalies = [] }]) => anomalies.map(({ name }) => ({ checker, name })));
}

function texts(all: readonly Told[]): readonly string[] {
  return [...new Set(all.map(({ checker, name }) => `${checker}: ${name}`))];
}

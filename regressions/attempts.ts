/** Runs a regression: a fixed number of attempts on fresh clusters, hits counted only for its own anomaly. */
import type { Clock } from '../harness/clock.ts';
import type { Progress } from '../harness/progress.ts';
import { run, type RunResult } from '../harness/test.ts';
import type { Testbed } from '../harness/testbed.ts';
import { testSpec } from '../clusters/test-spec.ts';
import type { AttemptTally, Regression } from './regression.ts';

export interface AttemptsOptions {
  readonly version: string;
  readonly attempts: number;
  /** Seed of the first attempt; the next ones count up from it. */
  readonly seed: bigint;
  /** A fresh testbed and clock for each attempt. */
  readonly ground: () => Promise<{ readonly testbed: Testbed; readonly clock: Clock }>;
  readonly progress: Progress;
  readonly runsDirectory: string;
  readonly interrupt: AbortSignal;
  /** Called after each attempt. */
  readonly attempted: (attempt: Attempt) => Promise<void>;
}

export interface Attempt {
  readonly version: string;
  readonly number: number;
  readonly hit: boolean;
  readonly result: RunResult;
}

/** Makes all attempts on one version, whatever they find, unless interrupted. */
export async function runAttempts(
  regression: Regression,
  options: AttemptsOptions,
): Promise<AttemptTally> {
  let hits = 0;
  let unknown = 0;
  let attempts = 0;
  while (attempts < options.attempts && !options.interrupt.aborted) {
    const result = await attempt(regression, options, options.seed + BigInt(attempts));
    attempts += 1;
    const hit = isHit(regression, result);
    if (hit) hits += 1;
    else if (result.validity === 'unknown') unknown += 1;
    await options.attempted({ version: options.version, number: attempts, hit, result });
  }
  const expected = regression.affected.includes(options.version) ? 'affected' : 'clean';
  return { version: options.version, expected, attempts, hits, unknown };
}

/** Whether the run shows the regression's own anomaly; any other failure is not a reproduction. */
export function isHit(regression: Regression, result: Pick<RunResult, 'verdicts'>): boolean {
  return Object.values(result.verdicts).some(
    (verdict) =>
      verdict.valid === 'invalid' &&
      (verdict.anomalies ?? []).some((anomaly) => regression.anomalies.includes(anomaly.name)),
  );
}

async function attempt(
  regression: Regression,
  options: AttemptsOptions,
  seed: bigint,
): Promise<RunResult> {
  const { version, progress, runsDirectory } = options;
  const ground = await options.ground();
  const spec = testSpec({
    system: regression.system,
    version,
    workload: regression.workload(),
    schedule: regression.schedule(seed),
    endWithSchedule: true,
    rest: regression.rest ?? 0,
    ...ground,
    progress,
    seed,
    nodes: regression.nodes,
    concurrency: regression.concurrency,
    rate: 0,
    timeLimit: regression.timeLimit,
    deadline: regression.deadline,
    ...(regression.recoveryLimit === undefined ? {} : { recoveryLimit: regression.recoveryLimit }),
    ...(regression.stallBoundMs === undefined ? {} : { stallBoundMs: regression.stallBoundMs }),
    extra: regression.extra ?? {},
    runsDirectory,
    again: `bin/faultline regress ${regression.name} --versions ${version} --attempts 1 --seed ${seed}`,
  });
  return run(spec, options.interrupt);
}

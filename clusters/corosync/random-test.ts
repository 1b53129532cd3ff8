/** A whole test of the join protocol in simulated time, everything about it drawn from one seed. */
import { MILLISECOND, SECOND, type Nanoseconds } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { TestSpec } from '../../harness/test.ts';
import { randomSchedule } from '../../nemesis/random-schedule.ts';
import { requirePackages } from '../../nemesis/registry.ts';
import { nodeNames, testSpec } from '../test-spec.ts';
import { simulatedGroupTestbed } from './simulated-testbed.ts';
import { sheepdogJoin } from './system.ts';
import { joinCheckers, joinWorkload } from './workloads/join.ts';

export interface RandomTestOptions {
  readonly version: string;
  readonly seed: bigint;
  /** Default: kill,pause. */
  readonly packages?: string;
  /** Virtual time of the main phase. Default: 10 s. */
  readonly timeLimit?: Nanoseconds;
  /** Default: null, kept in memory. */
  readonly runsDirectory?: string | null;
}

const CONCURRENCY = 3;
/** Notes a second over all threads: enough before the first fault and after the last one. */
const RATE = 12;
/** A lost host is noticed after 1.85 s at most, a process that gave up is back in another 0.3 s. */
const JOIN_MS = 3_000;
/** Longer than all faults together, so that what a stopped process holds up is not held against anybody. */
const RECOVERY: Nanoseconds = 6 * SECOND;

/** Three nodes, about 120 notes, about eight faults. */
export function randomTest(options: RandomTestOptions): TestSpec {
  const { version, seed, timeLimit = 10 * SECOND } = options;
  const packages = requirePackages(options.packages ?? 'kill,pause');
  const nodes = nodeNames(3);
  return testSpec({
    system: sheepdogJoin,
    version,
    workload: {
      ...joinWorkload.make({ nodes, concurrency: CONCURRENCY, rate: RATE }),
      checkers: joinCheckers(JOIN_MS),
    },
    schedule: randomSchedule({
      packages,
      nodes,
      seed,
      timeLimitNanos: timeLimit,
      meanIntervalNanos: 1200 * MILLISECOND,
      quiet: { beginning: 0.12, middle: 0, end: 0.4 },
    }),
    packages: packages.map(({ name }) => name),
    testbed: simulatedGroupTestbed(),
    clock: new SimulatedClock(),
    progress: SILENT,
    seed,
    nodes,
    concurrency: CONCURRENCY,
    rate: RATE,
    timeLimit,
    rest: 0,
    runsDirectory: options.runsDirectory ?? null,
    again: `faultline run sheepdog-join@${version} --testbed simulated --seed ${seed}`,
    deadline: 2 * SECOND,
    recoveryLimit: RECOVERY,
    judgeInline: (options.runsDirectory ?? null) === null,
  });
}

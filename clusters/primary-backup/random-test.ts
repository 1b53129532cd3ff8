/** A whole test of the model, everything about it drawn from one seed: for tests and benchmarks by the thousand. */
import { MILLISECOND, SECOND, type Nanoseconds } from '../../harness/operation.ts';
import { unknownName } from '../../harness/nearest.ts';
import { SILENT } from '../../harness/progress.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { TestSpec } from '../../harness/test.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { randomSchedule } from '../../nemesis/random-schedule.ts';
import { requirePackages } from '../../nemesis/registry.ts';
import { nodeNames, testSpec } from '../test-spec.ts';
import { primaryBackupModel } from './model.ts';
import { primaryBackup } from './system.ts';

export interface RandomTestOptions {
  readonly version: string;
  readonly workload: string;
  readonly seed: bigint;
  /** Default: kill,pause,partition. */
  readonly packages?: string;
  /** Virtual time of the main phase. Default: 12 s. */
  readonly timeLimit?: Nanoseconds;
  /** Default: null, kept in memory. */
  readonly runsDirectory?: string | null;
}

const CONCURRENCY = 5;
const RATE = 12;

/** Three nodes, about 150 operations, about eight faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  const { version, seed, workload, timeLimit = 12 * SECOND } = options;
  const packages = requirePackages(options.packages ?? 'kill,pause,partition');
  const nodes = nodeNames(3);
  const definition = primaryBackup.workloads.find(({ name }) => name === workload);
  if (definition === undefined) {
    const names = primaryBackup.workloads.map(({ name }) => name);
    throw new RangeError(unknownName('workload', workload, names));
  }
  return testSpec({
    system: primaryBackup,
    version,
    workload: definition.make({ nodes, concurrency: CONCURRENCY, rate: RATE }),
    schedule: randomSchedule({
      packages,
      nodes,
      seed,
      timeLimitNanos: timeLimit,
      meanIntervalNanos: 1500 * MILLISECOND,
      // Time for the least service before the first fault that a verdict needs, at this rate.
      quiet: { beginning: 0.12, middle: 0.1, end: 0.2 },
    }),
    packages: packages.map(({ name }) => name),
    testbed: simulatedTestbed({ model: primaryBackupModel }),
    clock: new SimulatedClock(),
    progress: SILENT,
    seed,
    nodes,
    concurrency: CONCURRENCY,
    rate: RATE,
    timeLimit,
    runsDirectory: options.runsDirectory ?? null,
    again: `faultline run primary-backup@${version} --workload ${workload} --seed ${seed}`,
    deadline: 2 * SECOND,
    recoveryLimit: 10 * SECOND,
    judgeInline: (options.runsDirectory ?? null) === null,
  });
}

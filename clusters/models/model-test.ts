/** A whole test of a model, everything about it drawn from one seed: for tests and benchmarks by the thousand. */
import { SECOND, type Nanoseconds, type NodeName } from '../../harness/operation.ts';
import { unknownName } from '../../harness/nearest.ts';
import type { NemesisPackage } from '../../harness/nemesis.ts';
import { SILENT } from '../../harness/progress.ts';
import { seededRandom } from '../../harness/random.ts';
import { clientNodes, nodesOfRoles } from '../../harness/roles.ts';
import type { System } from '../../harness/system.ts';
import type { TestSpec } from '../../harness/test.ts';
import { randomSchedule, type QuietShares } from '../../nemesis/random-schedule.ts';
import { requirePackages } from '../../nemesis/registry.ts';
import { type LeastWork, nodeNames, testSpec } from '../test-spec.ts';

/** What a test of any model is drawn from. */
export interface RandomTestOptions {
  readonly version: string;
  readonly workload: string;
  readonly seed: bigint;
  /** Default: the model's own. */
  readonly packages?: string;
  /** Virtual time of the main phase. Default: the model's own. */
  readonly timeLimit?: Nanoseconds;
  /** Default: null, kept in memory. */
  readonly runsDirectory?: string | null;
}

/** What is particular to a model's tests. */
export interface ModelTest {
  readonly system: System;
  /** Of systems without roles. Default: 3. */
  readonly nodeCount?: number;
  readonly packages: string;
  /** How many of the packages one run has, drawn by its seed. Default: all of them. */
  readonly packagesAtOnce?: number;
  readonly concurrency: number;
  /** Operations a second over all threads. */
  readonly rate: number;
  readonly timeLimit: Nanoseconds;
  /** Mean of gaps between faults of one package, and of their durations. */
  readonly meanInterval: Nanoseconds;
  readonly quiet: QuietShares;
  /** Default: minimum-work's own. */
  readonly leastWork?: LeastWork;
  /** Each operation's. Default: 2 s. */
  readonly deadline?: Nanoseconds;
  /** Default: 10 s. */
  readonly recoveryLimit?: Nanoseconds;
}

/** @throws RangeError for an unknown workload, or a system that is no model */
export function modelTest(model: ModelTest, options: RandomTestOptions): TestSpec {
  const { system, concurrency, rate, deadline = 2 * SECOND, recoveryLimit = 10 * SECOND } = model;
  const { version, seed, runsDirectory = null, timeLimit = model.timeLimit } = options;
  const roles = system.roles?.({ version, extra: {} }) ?? null;
  const nodes: readonly NodeName[] =
    roles === null ? nodeNames(model.nodeCount ?? 3) : nodesOfRoles(roles);
  const packages = drawPackages(model, options);
  const workload = workloadOf(system, options.workload);
  return testSpec({
    system,
    version,
    workload: workload.make({ nodes: clientNodes(roles, nodes), concurrency, rate }),
    schedule: randomSchedule({
      packages,
      nodes,
      seed,
      timeLimitNanos: timeLimit,
      meanIntervalNanos: model.meanInterval,
      quiet: model.quiet,
    }),
    packages: packages.map(({ name }) => name),
    ...simulationOf(system, seed),
    progress: SILENT,
    seed,
    nodes,
    concurrency,
    rate,
    timeLimit,
    runsDirectory,
    again: `faultline run ${system.name}@${version} --workload ${workload.name} --seed ${seed}`,
    deadline,
    recoveryLimit,
    ...(model.leastWork === undefined ? {} : { leastWork: model.leastWork }),
    judgeInline: runsDirectory === null,
  });
}

function drawPackages(model: ModelTest, options: RandomTestOptions): readonly NemesisPackage[] {
  const packages = requirePackages(options.packages ?? model.packages);
  const { packagesAtOnce = packages.length } = model;
  if (options.packages !== undefined || packagesAtOnce >= packages.length) return packages;
  return seededRandom(options.seed).sequence('packages').shuffle(packages).slice(0, packagesAtOnce);
}

function workloadOf(system: System, name: string): System['workloads'][number] {
  const workload = system.workloads.find((other) => other.name === name);
  if (workload !== undefined) return workload;
  const names = system.workloads.map((other) => other.name);
  throw new RangeError(unknownName('workload', name, names));
}

function simulationOf(system: System, seed: bigint): Pick<TestSpec, 'testbed' | 'clock'> {
  const simulation = system.simulation?.(seed);
  if (simulation === undefined) throw new RangeError(`${system.name} is no model`);
  return simulation;
}

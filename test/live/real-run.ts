/** Whole runs of real systems through the real `run`, short ones: what live tests of them share. */
import { parseTarget, resolveWorkload } from '../../cli/target.ts';
import { groundFor } from '../../cli/testbeds.ts';
import { nodeNames, testSpec } from '../../clusters/test-spec.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { run, type RunResult } from '../../harness/test.ts';
import type { Testbed } from '../../harness/testbed.ts';
import { randomSchedule } from '../../nemesis/random-schedule.ts';
import { requirePackages } from '../../nemesis/registry.ts';

export interface RealRunOptions {
  /** `etcd@3.5.16`. */
  readonly target: string;
  readonly seed: bigint;
  readonly seconds: number;
  readonly runsDirectory: string;
  /** Default: the system's first. */
  readonly workload?: string;
  /** Default: kill,partition. */
  readonly faults?: string;
  /** Instead of one drawn from the seed. */
  readonly schedule?: readonly FaultStep[];
}

export interface RealRun extends RunResult {
  readonly directory: string;
  /** Of its nodes. */
  readonly addresses: readonly string[];
}

const RATE = 100;
const CONCURRENCY = 6;

/** Three nodes, a schedule drawn from the seed. */
export async function realRun(options: RealRunOptions): Promise<RealRun> {
  const { seed, runsDirectory } = options;
  const target = parseTarget(options.target);
  const { system, version } = target;
  const definition = resolveWorkload(target, options.workload);
  const nodes = nodeNames(3);
  const timeLimit = options.seconds * SECOND;
  const packages = requirePackages(options.faults ?? 'kill,partition');
  const { testbed, clock } = await groundFor(system, 'docker', seed);
  const addresses: string[] = [];
  const spec = testSpec({
    system,
    version,
    workload: definition.make({ nodes, concurrency: CONCURRENCY, rate: RATE }),
    schedule:
      options.schedule ?? randomSchedule({ packages, nodes, seed, timeLimitNanos: timeLimit }),
    testbed: telling(testbed, addresses),
    clock,
    progress: SILENT,
    seed,
    nodes,
    concurrency: CONCURRENCY,
    rate: RATE,
    timeLimit,
    runsDirectory,
    again: '',
  });
  const result = await run(spec, new AbortController().signal);
  if (result.directory === null) throw new Error('the run was not recorded');
  return { ...result, directory: result.directory, addresses };
}

/** The testbed, noting the addresses of the nodes it brings up. */
function telling(testbed: Testbed, addresses: string[]): Testbed {
  return {
    kind: testbed.kind,
    capabilities: testbed.capabilities,
    up: async (plan, context) => {
      const cluster = await testbed.up(plan, context);
      addresses.push(...cluster.nodes.map(({ address }) => address));
      return cluster;
    },
    down: () => testbed.down(),
  };
}

/**
 * From cached images to a cluster of three nodes that serves: the phases "bring up" and "set up" of runs without
 * faults, and how long removing them takes. Exits with 1 when a median is over its bar.
 *
 *     npm run bench:bring-up [-- repeats [system@version …]]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget, type Target } from '../cli/target.ts';
import { groundFor } from '../cli/testbeds.ts';
import { nodeNames, testSpec } from '../clusters/test-spec.ts';
import { SECOND } from '../harness/operation.ts';
import { SILENT } from '../harness/progress.ts';
import { run } from '../harness/test.ts';
import { median } from './median.ts';

/** The most seconds until all nodes serve, and until nothing is left. */
const BARS: Readonly<Record<string, number>> = { zookeeper: 6, etcd: 5 };
const TEAR_DOWN_BAR = 3;

const [repeats = '5', ...targets] = process.argv.slice(2);

/** How long each phase of one short run took, in seconds. */
async function phasesOf({ system, version }: Target): Promise<ReadonlyMap<string, number>> {
  const phases = new Map<string, number>();
  const nodes = nodeNames(3);
  const sizes = { nodes, concurrency: 3, rate: 10 };
  const workload = system.workloads[0]?.make(sizes);
  if (workload === undefined) throw new Error(`${system.name} has no workload`);
  const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-bring-up-'));
  try {
    const { state } = await run(
      testSpec({
        ...(await groundFor(system, undefined, 1n)),
        ...sizes,
        system,
        version,
        workload,
        schedule: [],
        progress: { ...SILENT, phaseEnded: (phase, took) => phases.set(phase, took / SECOND) },
        seed: 1n,
        timeLimit: SECOND,
        runsDirectory,
        again: 'npm run bench:bring-up',
      }),
      new AbortController().signal,
    );
    if (state.failure !== null) throw state.failure;
    return phases;
  } finally {
    rmSync(runsDirectory, { recursive: true });
  }
}

async function bench(target: Target): Promise<boolean> {
  const serving: number[] = [];
  const removing: number[] = [];
  for (let repeat = 0; repeat < Number(repeats); repeat++) {
    const phases = await phasesOf(target);
    serving.push((phases.get('bring up') ?? NaN) + (phases.get('set up') ?? NaN));
    removing.push(phases.get('tear down') ?? NaN);
  }
  console.log(
    `${target.system.name} ${target.version}: three nodes serve after ${spread(serving)}, ` +
      `are removed in ${spread(removing)}; load ${(loadavg()[0] ?? NaN).toFixed(1)}`,
  );
  const bar = BARS[target.system.name] ?? Infinity;
  return median(serving) < bar && median(removing) < TEAR_DOWN_BAR;
}

function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

const met: boolean[] = [];
for (const text of targets.length > 0 ? targets : ['zookeeper@3.9.4', 'etcd@3.5.16']) {
  met.push(await bench(parseTarget(text)));
}
if (met.includes(false)) process.exitCode = 1;

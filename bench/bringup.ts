/**
 * From cached images to a cluster that serves: the phases "bring up" and "set up" of runs without faults, and how long
 * removing it takes. Exits with 1 when a median is over its bar.
 *
 *     npm run bench:bringup [-- repeats [system@version[,option=value]… …]]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../cli/target.ts';
import { groundFor } from '../cli/testbeds.ts';
import { parsePairs } from '../cli/values.ts';
import { nodesFor, testSpec } from '../clusters/test-spec.ts';
import { SECOND } from '../harness/operation.ts';
import { SILENT } from '../harness/progress.ts';
import { clientNodes } from '../harness/roles.ts';
import { run } from '../harness/test.ts';
import { median } from './median.ts';

/** Each cluster, and the most seconds until all its nodes serve. */
const BARS: Readonly<Record<string, number>> = {
  'zookeeper@3.9.4': 6,
  'etcd@3.5.16': 5,
  'kudu@1.18.1': 6,
  'sheepdog-join': 5,
  'alluxio@1.8.1': 15,
  'alluxio@2.9.6,workers=0': 18,
  'alluxio@2.9.6,workers=1': 35,
};
/** Until nothing of it is left. */
const TEAR_DOWN_BAR = 3;
const CONCURRENCY = 3;
const RATE = 10;

const [repeats = '5', ...asked] = process.argv.slice(2);

/** How long each phase of one short run took, in seconds. */
async function phasesOf(text: string): Promise<ReadonlyMap<string, number>> {
  const [target = '', ...pairs] = text.split(',');
  const { system, version } = parseTarget(target);
  const extra = parsePairs(pairs, 'option');
  const nodes = nodesFor(system, { version, extra });
  const clients = clientNodes(system.roles?.({ version, extra }) ?? null, nodes);
  const sizes = { concurrency: CONCURRENCY, rate: RATE };
  const workload = system.workloads[0]?.make({ ...sizes, nodes: clients });
  if (workload === undefined) throw new Error(`${system.name} has no workload`);
  const phases = new Map<string, number>();
  const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-bringup-'));
  try {
    const { state } = await run(
      testSpec({
        ...(await groundFor(system, undefined, 1n)),
        ...sizes,
        system,
        version,
        nodes,
        extra,
        workload,
        schedule: [],
        progress: { ...SILENT, phaseEnded: (phase, took) => phases.set(phase, took / SECOND) },
        seed: 1n,
        timeLimit: SECOND,
        runsDirectory,
        again: 'npm run bench:bringup',
      }),
      new AbortController().signal,
    );
    if (state.failure !== null) throw state.failure;
    return phases;
  } finally {
    rmSync(runsDirectory, { recursive: true });
  }
}

/** @returns whether it kept its bars */
async function bench(target: string): Promise<boolean> {
  const serving: number[] = [];
  const removing: number[] = [];
  for (let repeat = 0; repeat < Number(repeats); repeat++) {
    const phases = await phasesOf(target);
    serving.push((phases.get('bring up') ?? NaN) + (phases.get('set up') ?? NaN));
    removing.push(phases.get('tear down') ?? NaN);
  }
  const bar = BARS[target] ?? Infinity;
  const kept = median(serving) < bar && median(removing) < TEAR_DOWN_BAR;
  console.log(
    `${target}: serves after ${spread(serving)}, bar ${bar} s; removed in ${spread(removing)}, ` +
      `bar ${TEAR_DOWN_BAR} s; load ${(loadavg()[0] ?? NaN).toFixed(1)}${kept ? '' : ': MISSED'}`,
  );
  return kept;
}

function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

const met: boolean[] = [];
for (const target of asked.length > 0 ? asked : Object.keys(BARS)) met.push(await bench(target));
if (met.includes(false)) process.exitCode = 1;

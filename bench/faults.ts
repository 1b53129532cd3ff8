/**
 * Fire and heal times of every fault kind on real clusters, under a light load: each kind some times, one after
 * another, in ordinary runs whose fault records tell how long each act took. Writes bench/figures/faults.json and exits
 * with 1 when a bar is missed, a run failed, or a kind that can be had here was never verified.
 *
 *     npm run bench:faults [-- --repeats 5] [--kinds kill,clock-jump] [--write]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseTarget } from '../cli/target.ts';
import { groundFor } from '../cli/testbeds.ts';
import { nodeNames, testSpec } from '../clusters/test-spec.ts';
import { realClock } from '../harness/clock.ts';
import type { Fault, FaultRecord } from '../harness/nemesis.ts';
import { SILENT } from '../harness/progress.ts';
import { run } from '../harness/test.ts';
import { FAULTS } from '../nemesis/registry.ts';
import {
  type FaultFigures,
  type KindFigure,
  figureOf,
  figuresPath,
  readFigures,
  wasTried,
} from './fault-figures.ts';
import { STEP_TIME, timingSchedule } from './fault-schedule.ts';
import { TIMED_KINDS } from './timed-kinds.ts';

const VERSIONS = { etcd: 'etcd@3.5.16', zookeeper: 'zookeeper@3.9.4' } as const;
/** The most milliseconds a kind may take to fire. */
const BARS: Readonly<Record<string, number>> = { 'clock-jump': 5, 'thread-pause': 50 };
/** Of the partition of nine nodes, by rules of the host and by rules in the nodes. */
const NINE_NODES = { host: 30, nodes: 150 } as const;

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    kinds: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const repeats = Number(values.repeats);

interface Cluster {
  readonly target: string;
  readonly nodes: number;
  /** The host's own means. Default: true. */
  readonly hostAccess?: boolean;
}

/** One run with these kinds; its fault records. */
async function recordsOf(cluster: Cluster, kinds: readonly Fault[]): Promise<FaultRecord[]> {
  const { system, version } = parseTarget(cluster.target);
  const nodes = nodeNames(cluster.nodes);
  const sizes = { nodes, concurrency: 5, rate: 100 };
  const workload = system.workloads[0]?.make(sizes);
  if (workload === undefined) throw new Error(`${system.name} has no workload`);
  const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-faults-'));
  const schedule = timingSchedule(kinds, TIMED_KINDS, repeats);
  try {
    const ground = await groundFor(system, 'docker', 1n, {
      hostAccess: cluster.hostAccess ?? true,
    });
    const { directory, state } = await run(
      testSpec({
        ...ground,
        ...sizes,
        system,
        version,
        workload,
        schedule,
        endWithSchedule: true,
        progress: SILENT,
        seed: 1n,
        timeLimit: schedule.length * STEP_TIME,
        runsDirectory,
        again: 'npm run bench:faults',
      }),
      new AbortController().signal,
    );
    if (state.failure !== null) {
      // The others are timed all the same.
      process.exitCode = 1;
      console.log(
        `the run of ${kinds.map(({ kind }) => kind).join(' ')}: ${state.failure.message}`,
      );
    }
    const lines = readFileSync(join(directory ?? '', 'faults.jsonl'), 'utf8')
      .trim()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as FaultRecord);
  } finally {
    rmSync(runsDirectory, { recursive: true });
  }
}

/** Kinds that need the same cluster are timed in one run. */
function groups(kinds: readonly Fault[]): Map<string, Fault[]> {
  const byCluster = new Map<string, Fault[]>();
  for (const fault of kinds) {
    const { system = 'etcd', alone = false } = TIMED_KINDS[fault.kind] ?? {};
    const needs = [...(fault.needs ?? [])].sort().join(' ');
    const key = `${system} ${needs} ${alone ? fault.kind : ''}`;
    byCluster.set(key, [...(byCluster.get(key) ?? []), fault]);
  }
  return byCluster;
}

async function timeAll(kinds: readonly Fault[]): Promise<Record<string, KindFigure>> {
  const figures: Record<string, KindFigure> = {};
  for (const [key, faults] of groups(kinds)) {
    const system = key.startsWith('zookeeper') ? 'zookeeper' : 'etcd';
    const records = await recordsOf({ target: VERSIONS[system], nodes: 3 }, faults);
    for (const { kind } of faults) {
      const figure = figureOf(kind, records);
      figures[kind] = figure;
      if ('skipped' in figure && wasTried(kind, records)) process.exitCode = 1;
      console.log(`${kind.padEnd(26)} ${told(figure)}`);
    }
  }
  return figures;
}

function told(figure: KindFigure): string {
  if ('skipped' in figure) return `- (${figure.skipped})`;
  const { fireMs, healMs, repeats: times } = figure;
  return `fired in ${fireMs} ms, healed in ${healMs ?? '-'} ms, medians of ${times}`;
}

/** The partition of nine nodes, both ways of cutting links. */
async function timeNineNodes(): Promise<boolean> {
  const halves = FAULTS.get('partition-halves');
  if (halves === undefined) throw new Error('no kind partition-halves');
  let met = true;
  for (const [means, bar] of Object.entries(NINE_NODES)) {
    const cluster = { target: VERSIONS.etcd, nodes: 9, hostAccess: means === 'host' };
    const figure = figureOf(halves.kind, await recordsOf(cluster, [halves]));
    const took = 'skipped' in figure ? Infinity : figure.fireMs;
    console.log(`nine nodes in halves, ${means}: ${told(figure)}; bar ${bar} ms`);
    met &&= took < bar;
  }
  return met;
}

function bars(figures: Readonly<Record<string, KindFigure>>): boolean {
  return Object.entries(BARS).every(([kind, bar]) => {
    const figure = figures[kind];
    return figure === undefined || ('fireMs' in figure && figure.fireMs < bar);
  });
}

const chosen = values.kinds?.split(',');
const kinds = [...FAULTS.values()].filter(({ kind }) => chosen?.includes(kind) ?? true);
console.log(
  `${kinds.length} kinds, ${repeats} times each; load ${(loadavg()[0] ?? NaN).toFixed(1)}`,
);
const figures = await timeAll(kinds);
const nine = chosen === undefined ? await timeNineNodes() : true;
if (values.write) {
  const day = new Date(realClock().wallMillis()).toISOString().slice(0, 10);
  const machine = `${cpus().length} processors, Linux ${release()}`;
  // Kinds that were not asked for keep what was measured of them before.
  const before = chosen === undefined ? {} : readFigures().kinds;
  const written: FaultFigures = { machine, day, kinds: { ...before, ...figures } };
  writeFileSync(figuresPath(), `${JSON.stringify(written, null, 2)}\n`);
}
if (!nine || !bars(figures)) process.exitCode = 1;

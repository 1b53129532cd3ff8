/**
 * Whole runs on real containers, one after another in this one process: whether they leave anything, and whether the
 * process grows. Ends with exit code 1 when they do.
 *
 * `npm run bench:consecutive -- [runs] [seconds] [system@version]`; by default 10 runs of 20 s on etcd 3.5.16.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../cli/target.ts';
import { groundFor } from '../cli/testbeds.ts';
import { nodeNames, testSpec } from '../clusters/test-spec.ts';
import { realClock } from '../harness/clock.ts';
import { SECOND, type Nanoseconds } from '../harness/operation.ts';
import { SILENT } from '../harness/progress.ts';
import { run, type RunResult } from '../harness/test.ts';
import { ensureEngine } from '../harness/testbeds/docker/engine.ts';
import { listLeftovers } from '../harness/testbeds/docker/leftovers.ts';
import { randomSchedule } from '../nemesis/random-schedule.ts';
import { requirePackages } from '../nemesis/registry.ts';

const [runs = '10', seconds = '20', target = 'etcd@3.5.16'] = process.argv.slice(2);
const NODES = nodeNames(3);
const TEAR_DOWN_SECONDS = 3;
/** Runs until code is compiled and pools are filled; what comes after is compared with the last of them. */
const WARM_UP = 3;
const MOST_GROWTH = { heapMb: 3, residentMb: 25, descriptors: 0, children: 0, temporary: 0 };

/** What the process holds after a run, and what the run was. */
interface Figures {
  readonly validity: string;
  readonly bringUpSeconds: number;
  readonly tearDownSeconds: number;
  readonly heapMb: number;
  readonly residentMb: number;
  readonly descriptors: number;
  /** Child processes that live. */
  readonly children: number;
  /** Temporary files left. */
  readonly temporary: number;
  /** Runs that left something in the engine, besides those of other processes. */
  readonly left: number;
}

const docker = await ensureEngine({ clock: realClock(), say: console.error });
const folder = mkdtempSync(join(tmpdir(), 'faultline-consecutive-'));
const runsDirectory = join(folder, 'runs');
// A folder of our own for temporary files: whatever is in it is ours.
process.env['TMPDIR'] = join(folder, 'tmp');
mkdirSync(tmpdir());
const found: Figures[] = [];
try {
  for (let index = 0; index < Number(runs); index++) {
    found.push(await figuresOf(BigInt(index + 1)));
    console.log(`run ${index + 1}: ${JSON.stringify(found.at(-1))}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
judge();

async function figuresOf(seed: bigint): Promise<Figures> {
  const took = new Map<string, Nanoseconds>();
  const { validity, leftovers, summary } = await oneRun(seed, took);
  if (validity !== 'valid') console.log(summary);
  const secondsOf = (phase: string): number => rounded((took.get(phase) ?? NaN) / SECOND);
  // Sockets that were closed are let go by the loop, not by us.
  await realClock().sleep(SECOND);
  if (globalThis.gc === undefined)
    throw new Error('run it with --expose-gc (npm run bench:consecutive)');
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    validity,
    bringUpSeconds: rounded(secondsOf('bring up') + secondsOf('set up')),
    tearDownSeconds: secondsOf('tear down'),
    heapMb: rounded(heapUsed / 2 ** 20),
    residentMb: rounded(rss / 2 ** 20),
    descriptors: readdirSync('/proc/self/fd').length,
    children: childrenOf(process.pid),
    temporary: readdirSync(tmpdir()).length,
    left: leftovers.length + (await ownLeftovers()),
  };
}

async function oneRun(seed: bigint, took: Map<string, Nanoseconds>): Promise<RunResult> {
  const { system, version } = parseTarget(target);
  const [definition] = system.workloads;
  if (definition === undefined) throw new Error(`${system.name} has no workload`);
  const timeLimit = Number(seconds) * SECOND;
  const ground = await groundFor(system, 'docker', seed, {});
  const packages = requirePackages('kill,partition');
  const spec = testSpec({
    system,
    version,
    workload: definition.make({ nodes: NODES, concurrency: 10, rate: 200 }),
    schedule: randomSchedule({ packages, nodes: NODES, seed, timeLimitNanos: timeLimit }),
    ...ground,
    progress: { ...SILENT, phaseEnded: (phase, nanos) => void took.set(phase, nanos) },
    seed,
    nodes: NODES,
    concurrency: 10,
    rate: 200,
    timeLimit,
    runsDirectory,
    again: '',
  });
  return run(spec, new AbortController().signal);
}

async function ownLeftovers(): Promise<number> {
  const all = await listLeftovers(docker);
  return all.filter(({ pid }) => pid === process.pid).length;
}

function childrenOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'));
  return lists.flatMap((list) => list.split(' ')).filter((child) => child !== '').length;
}

function judge(): void {
  const problems = found.flatMap(({ validity, tearDownSeconds, left }, index) => [
    ...(validity === 'valid' ? [] : [`run ${index + 1} is ${validity}`]),
    ...(tearDownSeconds < TEAR_DOWN_SECONDS
      ? []
      : [`run ${index + 1} took ${tearDownSeconds} s to tear down`]),
    ...(left === 0 ? [] : [`run ${index + 1} left ${left} things behind`]),
  ]);
  const [base, last] = [found[Math.min(WARM_UP, found.length) - 1], found.at(-1)];
  if (base !== undefined && last !== undefined) problems.push(...growth(base, last));
  console.log(problems.length === 0 ? 'nothing left, nothing grew' : problems.join('\n'));
  if (problems.length > 0) process.exitCode = 1;
}

function growth(base: Figures, last: Figures): string[] {
  const names = Object.keys(MOST_GROWTH) as (keyof typeof MOST_GROWTH)[];
  return names
    .filter((name) => last[name] - base[name] > MOST_GROWTH[name])
    .map((name) => `${name} grew from ${base[name]} to ${last[name]} after run ${WARM_UP}`);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

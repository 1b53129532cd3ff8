/**
 * The models: how many runs until random faults find each defect, how many runs a second, and whether a correct version
 * is ever accused. Exit code 1 when a defect was not found, or a correct version accused.
 *
 * `npm run bench:models [-- --correct N] [--model NAME] [--starts N] [--most N]`. Without `--correct`: each defect is
 * looked for from several first seeds (5), up to a number of runs each (20000). With it: N runs of each correct version.
 * A run is a function of its seed; runs are shared out over a process for each processor.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MODELS, type ModelTests, type Variant } from '../clusters/models/random-tests.ts';
import { run } from '../harness/test.ts';
import { median } from './median.ts';
import { servedAfterHeal } from './served-after-heal.ts';

/** As bench/simulated.ts: what of a run dies with it should die young, and nobody reads stacks. */
const OPTIONS = ['--max-semi-space-size=64', '--single-threaded-gc', '--stack-trace-limit=0'];
/** Seeds of one start are so far from those of the next. */
const STRIDE = 1_000_000;
/** Runs that a process is given at once. */
const SHARE = 250;
/** How many of the runs are looked at for what was served after the last heal. */
const LOOKED_AT = 10;

const { values } = parseArgs({
  options: {
    correct: { type: 'string' },
    model: { type: 'string' },
    starts: { type: 'string', default: '5' },
    most: { type: 'string', default: '20000' },
  },
});

/** Runs of one version, from a seed on. */
interface Task {
  readonly model: string;
  readonly variant: Variant;
  readonly seed: number;
  readonly count: number;
  /** End with the first that is accused. */
  readonly untilFound: boolean;
}

interface Outcome {
  readonly runs: number;
  readonly accused: readonly { readonly seed: number; readonly summary: string }[];
  readonly unknown: number;
  readonly cpuMs: number;
  /** After the last heal, in the runs that were looked at: operations, and those of them that got service. */
  readonly asked: number;
  readonly served: number;
}

if (process.send === undefined) await lead();
else process.on('message', (task) => void carryOut(task as Task)); // Never rejects: run does not.

async function carryOut(task: Task): Promise<void> {
  const model = MODELS.find(({ name }) => name === task.model);
  if (model === undefined) throw new RangeError(`no model ${task.model}`);
  const accused: { seed: number; summary: string }[] = [];
  const before = process.cpuUsage();
  let [runs, unknown, asked, served] = [0, 0, 0, 0];
  for (; runs < task.count && (!task.untilFound || accused.length === 0); runs++) {
    const seed = task.seed + runs;
    const spec = model.randomTest({ ...task.variant, seed: BigInt(seed) });
    const { validity, summary, state } = await run(spec, new AbortController().signal);
    if (validity === 'invalid') accused.push({ seed, summary });
    if (validity === 'unknown') unknown++;
    if (runs % LOOKED_AT !== 0) continue;
    const after = servedAfterHeal(state.store);
    asked += after.asked;
    served += after.served;
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  process.send?.({ runs, accused, unknown, cpuMs, asked, served } satisfies Outcome);
}

async function lead(): Promise<void> {
  const crew = Array.from({ length: availableParallelism() }, () =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: [...process.execArgv, ...OPTIONS],
    }),
  );
  try {
    for (const model of MODELS.filter(({ name }) => name === (values.model ?? name))) {
      if (values.correct === undefined) {
        for (const variant of model.defective) await find(crew, model, variant);
      } else {
        for (const variant of model.correct) await accuse(crew, model, variant);
      }
    }
  } finally {
    for (const child of crew) child.kill();
  }
}

async function find(crew: ChildProcess[], { name }: ModelTests, variant: Variant): Promise<void> {
  const began = performance.now();
  const tasks = Array.from({ length: Number(values.starts) }, (_, start): Task => {
    const seed = 1 + start * STRIDE;
    return { model: name, variant, seed, count: Number(values.most), untilFound: true };
  });
  const outcomes = await shareOut(crew, tasks);
  const found = outcomes.filter(({ accused }) => accused.length > 0);
  const runs = outcomes.map((outcome) => outcome.runs);
  const example = found[0]?.accused[0];
  console.log(
    `${nameOf(name, variant)}: found ${found.length} of ${tasks.length} times, after ${runs.join(', ')} runs ` +
      `(median ${median(runs)}); ${pace(outcomes, began)}` +
      (example === undefined ? '' : `\n  seed ${example.seed}: ${example.summary}`),
  );
  if (found.length < tasks.length) process.exitCode = 1;
}

async function accuse(crew: ChildProcess[], { name }: ModelTests, variant: Variant): Promise<void> {
  const began = performance.now();
  const wanted = Number(values.correct);
  const tasks = Array.from({ length: Math.ceil(wanted / SHARE) }, (_, share): Task => {
    const count = Math.min(SHARE, wanted - share * SHARE);
    return { model: name, variant, seed: 1 + share * SHARE, count, untilFound: false };
  });
  const outcomes = await shareOut(crew, tasks);
  const accused = outcomes.flatMap((outcome) => outcome.accused);
  const unknown = sum(outcomes, (outcome) => outcome.unknown);
  const share = (100 * sum(outcomes, ({ served }) => served)) / sum(outcomes, ({ asked }) => asked);
  console.log(
    `${nameOf(name, variant)}: ${sum(outcomes, ({ runs }) => runs)} runs, ${accused.length} accused, ` +
      `${unknown} unknown; ${share.toFixed(1)} % served after the last heal; ${pace(outcomes, began)}`,
  );
  for (const { seed, summary } of accused.slice(0, 5)) console.log(`  seed ${seed}: ${summary}`);
  if (accused.length > 0) process.exitCode = 1;
}

function nameOf(name: string, { version, workload }: Variant): string {
  return `${name}@${version} ${workload}`;
}

function pace(outcomes: readonly Outcome[], began: number): string {
  const runs = sum(outcomes, (outcome) => outcome.runs);
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = sum(outcomes, (outcome) => outcome.cpuMs) / runs;
  return `${(runs / seconds).toFixed(0)} runs a second, ${cpuMs.toFixed(2)} ms of CPU each`;
}

function sum(outcomes: readonly Outcome[], figure: (outcome: Outcome) => number): number {
  return outcomes.reduce((total, outcome) => total + figure(outcome), 0);
}

/** In the order of the tasks; whichever process is free takes the next. */
async function shareOut(crew: ChildProcess[], tasks: readonly Task[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  await Promise.all(
    crew.map(async (child) => {
      for (let index = next++; index < tasks.length; index = next++) {
        outcomes[index] = await answerOf(child, tasks[index] as Task);
      }
    }),
  );
  return outcomes;
}

function answerOf(child: ChildProcess, task: Task): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void => reject(new Error(`a process ended: ${code}`));
    child.once('exit', died);
    child.once('message', (outcome) => {
      child.off('exit', died);
      resolve(outcome as Outcome);
    });
    child.send(task);
  });
}

/**
 * `faultline regress [name…]`: known bugs, found again where they are and absent where they are not. Exits with 1 when a
 * stated rate is contradicted or a clean row accused, with 2 when a row could not be decided.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { Command } from 'commander';
import { type Clock, realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { freshSeed } from '../harness/random.ts';
import type { ResolvedRow } from '../regressions/regression.ts';
import { commitOf } from './commit.ts';
import { buildImages, targetsOf } from './images.ts';
import { catchInterrupts } from './interrupt.ts';
import { junitXml } from './junit.ts';
import type { Exit } from './main.ts';
import { type Job, jobsFor, makeAttempts } from './regress-attempts.ts';
import { exitCodeOfRows, outcomeOf, type RowOutcome } from './regress-outcome.ts';
import { RegressProgress } from './regress-progress.ts';
import { chosenRows, type RowOptions } from './regress-rows.ts';
import { remarks, type TableHead, textTable, writeMarkdown } from './regress-table.ts';
import { parseCount, parseSeed } from './values.ts';

interface RegressOptions extends RowOptions {
  readonly attempts?: string;
  readonly seed?: string;
  readonly jobs?: string;
  readonly runsDir: string;
  readonly junit?: string;
  readonly markdown: readonly string[];
  readonly json?: true;
}

/** Of what is available, for clusters; the rest is for the harness. */
const SHARE_OF_MEMORY = 0.8;
const MIB = 1024 * 1024;

/** The command. */
export function regressCommand(exit: Exit): Command {
  return new Command('regress')
    .description('reproduce known bugs: affected versions must hit, clean ones must not')
    .argument('[name...]', 'regressions (default: all)')
    .option('--seeds', 'only those of the five documents that the project began with')
    .option('--system <name>', 'only those of one system')
    .option('--versions <list>', 'only these versions, comma-separated')
    .option('--rows <list>', 'only rows of these names, comma-separated')
    .option('--quick', 'one row that must hit and one that must not, one attempt each')
    .option('--attempts <count>', 'fresh clusters for each row (default: its own)')
    .option('-s, --seed <number>', 'root seed of the first attempt (default: drawn and printed)')
    .option(
      '-j, --jobs <count>',
      'attempts at once, memory allowing (default: one more than processors)',
    )
    .option('--runs-dir <folder>', 'where run directories go', 'runs')
    .option('--junit <file>', "write JUnit's XML, with each attempt's evidence")
    .option(
      '--markdown <file>',
      'write the table (into marks of its own, or a page); repeatable',
      (path: string, all: readonly string[]) => [...all, path],
      [],
    )
    .option('--json', 'print the result as JSON on stdout')
    .action(async (names: string[], options: RegressOptions) => {
      using interrupts = catchInterrupts();
      const clock = realClock();
      const outcomes = await attemptAll(chosenRows(names, options), options, interrupts.signal);
      write(outcomes, options, clock);
      exit(exitCodeOfRows(outcomes));
    });
}

async function attemptAll(
  rows: readonly ResolvedRow[],
  options: RegressOptions,
  interrupt: AbortSignal,
): Promise<readonly RowOutcome[]> {
  const seed = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const jobs = jobsFor(rows, attemptsOf(options), seed);
  const room = {
    jobs:
      options.jobs === undefined ? availableParallelism() + 1 : parseCount(options.jobs, '--jobs'),
    memoryMb: (process.availableMemory() / MIB) * SHARE_OF_MEMORY,
  };
  process.stderr.write(`${jobs.length} attempts at ${rows.length} rows, seed ${seed}\n`);
  // Once, before there are processes that would each set up an engine and build the same images.
  const targets = targetsOf(rows);
  if (targets.length > 0) await buildImages(targets, realClock());
  const progress = new RegressProgress(jobs.length);
  const made = await makeAttempts(jobs, {
    room,
    runsDirectory: options.runsDir,
    interrupt,
    began: (job) => progress.began(job),
    phase: (job, phase) => progress.phase(job, phase),
    ended: (job, attempt) => progress.ended(job, attempt),
  });
  progress.end();
  return rows.map((row) => {
    const own = jobs.filter((job) => job.row === row);
    const attempts = own.flatMap((job: Job) => made.get(job) ?? []);
    const complete = attempts.length === own.length && !interrupt.aborted;
    return outcomeOf(row, attempts, complete);
  });
}

/** Fixed beforehand, whatever the attempts find. */
function attemptsOf({ attempts, quick }: RegressOptions): (row: ResolvedRow) => number {
  if (attempts !== undefined) {
    const count = parseCount(attempts, '--attempts', 1000);
    return () => count;
  }
  return quick === true ? () => 1 : ({ plan }) => plan.attempts;
}

function write(outcomes: readonly RowOutcome[], options: RegressOptions, clock: Clock): void {
  const { junit, markdown, json } = options;
  if (junit !== undefined) writeFileSync(junit, junitXml(outcomes));
  for (const path of markdown) writeMarkdown(path, outcomes, headOf(clock));
  if (json === true) process.stdout.write(`${JSON.stringify(outcomes)}\n`);
  else process.stdout.write(`${textTable(outcomes)}${remarks(outcomes)}`);
}

function headOf(clock: Clock): TableHead {
  const gigabytes = Math.round(totalmem() / MIB / 1024);
  const load = (loadavg()[2] ?? NaN).toFixed(0);
  return {
    date: new Date(clock.wallMillis()).toISOString().slice(0, 10),
    ground:
      `faultline ${commitOf()}, Node ${process.versions.node}, ${availableParallelism()} processors, ` +
      `${gigabytes} GiB, load ${load}`,
    minutes: clock.now() / SECOND / 60,
  };
}

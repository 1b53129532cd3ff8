/**
 * `faultline hunt <system>@<version>`: short runs with one seed after another, each on a fresh cluster with a random
 * schedule of its own, until one is invalid or the time is over.
 */
import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { freshSeed } from '../harness/random.ts';
import { validityBesideKnown } from '../harness/known-issue.ts';
import { run, type RunResult } from '../harness/test.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { outcome } from './outcome.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';
import { specFrom } from './run-spec.ts';
import { parseCount, parseDuration, parseList, parseSeed } from './values.ts';

interface HuntOptions extends RunOptions {
  readonly for: string;
  readonly rounds: string;
  readonly anomalies?: string;
  readonly keepValid?: true;
}

/** What the rounds came to. */
interface Tally {
  rounds: number;
  valid: number;
  unknown: number;
  /** Invalid by what is known alone, and passed over (`--allow-known`). */
  known: number;
  /** Invalid, but none of the anomalies that were asked for. */
  other: number;
  hit: boolean;
}

/** The command. Its exit code: 1 for an invalid round, 0 when all that could be judged were valid, 2 when none could. */
export function huntCommand(exit: Exit): Command {
  const command = new Command('hunt')
    .description('short random runs, seed after seed, until one is invalid')
    .argument('<system[@version]>', 'zookeeper@3.9.4')
    .option('--for <duration>', 'no round begins after this', '15m')
    .option('--rounds <count>', 'at most so many', '100000')
    .option('--anomalies <names>', 'only these count (default: any invalid verdict)')
    .option('--keep-valid', 'keep the run directories of valid rounds too');
  const defaults = { faults: 'random', time: '20', quiet: '0.05,0,0.15' };
  return addRunOptions(command, defaults).action(async (target: string, options: HuntOptions) => {
    using interrupts = catchInterrupts();
    const tally = await hunt(target, options, interrupts.signal);
    exit(exitCode(tally, interrupts.signal.aborted));
  });
}

async function hunt(target: string, options: HuntOptions, interrupt: AbortSignal): Promise<Tally> {
  if (options.keep === true) throw new UsageError('--keep: a hunt brings up a cluster each round');
  const clock = realClock();
  const until = clock.now() + parseDuration(options.for, '--for');
  const most = parseCount(options.rounds, '--rounds');
  const first = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const tally = noRounds();
  let spent: string | null = null;
  while (tally.rounds < most && clock.now() < until && !interrupt.aborted && !tally.hit) {
    const seed = BigInt.asUintN(64, first + BigInt(tally.rounds));
    const spec = await specFrom(target, { ...options, seed: String(seed) });
    const result = await run(spec, interrupt);
    tally.rounds += 1;
    const found = count(tally, result, options);
    tally.hit = found;
    tell(tally, seed, result, clock.now() / SECOND);
    if (found) await outcome(result, spec, options);
    // The last one stays: `runs/latest` leads there.
    if (spent !== null) await rm(spent, { recursive: true, force: true });
    spent = result.validity === 'valid' && options.keepValid !== true ? result.directory : null;
  }
  conclude(tally, first, clock.now() / SECOND, options.json === true);
  return tally;
}

function noRounds(): Tally {
  return { rounds: 0, valid: 0, unknown: 0, known: 0, other: 0, hit: false };
}

/** @returns whether it is what is hunted for */
function count(tally: Tally, result: RunResult, options: HuntOptions): boolean {
  if (result.validity === 'valid') tally.valid += 1;
  else if (result.validity === 'unknown') tally.unknown += 1;
  else if (isPassedOver(result, options)) tally.known += 1;
  else if (isWanted(result, options.anomalies)) return true;
  else tally.other += 1;
  return false;
}

/** Only what is known, and the hunt is for what is not. */
function isPassedOver({ verdicts }: RunResult, { allowKnown, anomalies }: HuntOptions): boolean {
  const rest = validityBesideKnown(verdicts);
  return allowKnown === true && anomalies === undefined && rest !== 'invalid';
}

function isWanted({ verdicts }: RunResult, anomalies: string | undefined): boolean {
  if (anomalies === undefined) return true;
  const wanted = parseList(anomalies);
  return Object.values(verdicts).some(
    ({ valid, anomalies: found = [] }) =>
      valid === 'invalid' && found.some(({ name }) => wanted.includes(name)),
  );
}

function tell({ rounds }: Tally, seed: bigint, { summary }: RunResult, seconds: number): void {
  process.stderr.write(`round ${rounds}, ${seconds.toFixed(0)} s, seed ${seed}: ${summary}\n`);
}

function conclude(tally: Tally, first: bigint, seconds: number, json: boolean): void {
  const { rounds, valid, unknown, known, other, hit } = tally;
  const invalid = other + (hit ? 1 : 0);
  const line =
    `${rounds} rounds in ${seconds.toFixed(0)} s from seed ${first}: ` +
    `${valid} valid, ${unknown} unknown, ${known} known, ${invalid} invalid`;
  (json ? process.stderr : process.stdout).write(`${line}\n`);
}

function exitCode({ valid, known, other, hit }: Tally, interrupted: boolean): number {
  if (hit || other > 0) return EXIT.invalid;
  return interrupted || valid + known === 0 ? EXIT.unknown : EXIT.valid;
}

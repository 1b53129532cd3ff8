/** `faultline regress [name…]`: known bugs, found again on affected versions and absent on clean ones. */
import { Command } from 'commander';
import { realClock } from '../harness/clock.ts';
import { unknownName } from '../harness/nearest.ts';
import { freshSeed } from '../harness/random.ts';
import { type Attempt, runAttempt, tallyOf } from '../regressions/attempts.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import {
  type AttemptTally,
  type ClaimVerdict,
  judgeClaim,
  type Regression,
  type ResolvedRow,
  rowsOf,
} from '../regressions/regression.ts';
import { writeReport } from '../report/report.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { commandLineProgress } from './progress.ts';
import { groundFor } from './testbeds.ts';
import { parseCount, parseList, parseSeed } from './values.ts';

interface RegressOptions {
  readonly versions?: string;
  readonly rows?: string;
  readonly attempts?: string;
  readonly seed?: string;
  readonly quick?: true;
  readonly runsDir: string;
  readonly json?: true;
}

/** One row's attempts and what they say of the claim. */
export interface RowOutcome {
  readonly regression: string;
  readonly tally: AttemptTally;
  readonly claim: ClaimVerdict;
  readonly attempts: readonly Attempt[];
}

/** The command. */
export function regressCommand(exit: Exit): Command {
  return new Command('regress')
    .description('reproduce known bugs: affected versions must hit, clean ones must not')
    .argument('[name...]', 'regressions (default: all)')
    .option('--versions <list>', 'only these versions, comma-separated')
    .option('--rows <list>', 'only rows of these names, comma-separated')
    .option('--attempts <count>', 'fresh clusters for each version (default: its own)')
    .option('-s, --seed <number>', 'root seed of the first attempt (default: drawn and printed)')
    .option('--quick', 'one affected and one clean version, one attempt each')
    .option('--runs-dir <folder>', 'where run directories go', 'runs')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (names: string[], options: RegressOptions) => {
      using interrupts = catchInterrupts();
      const chosen = names.length === 0 ? REGRESSIONS : names.map(regressionNamed);
      const outcomes: RowOutcome[] = [];
      for (const regression of chosen) {
        for (const row of chosenRows(regression, options)) {
          if (interrupts.signal.aborted) break;
          outcomes.push(await oneRow(row, options, interrupts.signal));
        }
      }
      print(outcomes, options.json === true);
      exit(exitCode(outcomes, interrupts.signal.aborted));
    });
}

function regressionNamed(name: string): Regression {
  const found = REGRESSIONS.find((regression) => regression.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    unknownName(
      'regression',
      name,
      REGRESSIONS.map((known) => known.name),
    ),
  );
}

function chosenRows(regression: Regression, options: RegressOptions): readonly ResolvedRow[] {
  const rows = rowsOf(regression);
  if (options.rows !== undefined) return rowsNamed(rows, parseList(options.rows), 'name');
  if (options.versions !== undefined)
    return rowsNamed(rows, parseList(options.versions), 'version');
  return options.quick === true ? rowsNamed(rows, regression.quick, 'name') : rows;
}

function rowsNamed(
  rows: readonly ResolvedRow[],
  wanted: readonly string[],
  by: 'name' | 'version',
): readonly ResolvedRow[] {
  const known = rows.map((row) => row[by]);
  const unknown = wanted.find((one) => !known.includes(one));
  if (unknown !== undefined) throw new UsageError(unknownName(`row's ${by}`, unknown, known));
  return rows.filter((row) => wanted.includes(row[by]));
}

async function oneRow(
  row: ResolvedRow,
  options: RegressOptions,
  interrupt: AbortSignal,
): Promise<RowOutcome> {
  const seed = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const count =
    options.attempts === undefined
      ? options.quick === true
        ? 1
        : row.plan.attempts
      : parseCount(options.attempts, '--attempts', 1000);
  const attempts: Attempt[] = [];
  while (attempts.length < count && !interrupt.aborted) {
    const next = seed + BigInt(attempts.length);
    const attempt = await runAttempt(row, {
      seed: next,
      clock: realClock(),
      ground: () => groundFor(row.regression.system, undefined, next),
      progress: commandLineProgress(),
      runsDirectory: options.runsDir,
      interrupt,
    });
    attempts.push(attempt);
    await tell(row, attempts.length, attempt);
  }
  const tally = tallyOf(row, attempts);
  const claim = judgeClaim(tally, row.plan.rate);
  return { regression: row.regression.name, tally, claim, attempts };
}

/** Each attempt with its verdict and report, on stderr as it happens. */
async function tell(row: ResolvedRow, number: number, attempt: Attempt): Promise<void> {
  const { outcome, summary, directory } = attempt;
  const report = directory === null ? '' : await writeReport(directory);
  const mark = outcome === 'hit' ? 'HIT' : outcome;
  process.stderr.write(
    `${row.regression.name} ${row.name} attempt ${number}: ${mark}, ${summary}\n  report ${report}\n`,
  );
}

function print(outcomes: readonly RowOutcome[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(outcomes)}\n`);
    return;
  }
  for (const { regression, tally, claim } of outcomes) {
    const mark = claim.holds ? 'as claimed' : 'NOT AS CLAIMED';
    process.stdout.write(
      `${regression} ${tally.row} (${tally.expected}): ${tally.hits}/${tally.attempts} hits; ${mark}: ${claim.why}\n`,
    );
  }
}

function exitCode(outcomes: readonly RowOutcome[], interrupted: boolean): number {
  const undecided = outcomes.some(({ tally }) => tally.attempts === tally.unknown);
  if (interrupted || undecided) return EXIT.unknown;
  return outcomes.every(({ claim }) => claim.holds) ? EXIT.valid : EXIT.invalid;
}

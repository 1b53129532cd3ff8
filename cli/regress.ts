/** `faultline regress [name…]`: known bugs, found again on affected versions and absent on clean ones. */
import { Command } from 'commander';
import { unknownName } from '../harness/nearest.ts';
import { freshSeed } from '../harness/random.ts';
import { type Attempt, runAttempts } from '../regressions/attempts.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import {
  type AttemptTally,
  type ClaimVerdict,
  judgeClaim,
  type Regression,
} from '../regressions/regression.ts';
import { writeReport } from '../report/report.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Exit } from './main.ts';
import { describeVerdict } from './outcome.ts';
import { commandLineProgress } from './progress.ts';
import { groundFor } from './testbeds.ts';
import { parseCount, parseList, parseSeed } from './values.ts';

interface RegressOptions {
  readonly versions?: string;
  readonly attempts?: string;
  readonly seed?: string;
  readonly quick?: true;
  readonly runsDir: string;
  readonly json?: true;
}

/** One version's attempts and what they say of the claim. */
export interface VersionOutcome {
  readonly regression: string;
  readonly tally: AttemptTally;
  readonly claim: ClaimVerdict;
}

/** The command. */
export function regressCommand(exit: Exit): Command {
  return new Command('regress')
    .description('reproduce known bugs: affected versions must hit, clean ones must not')
    .argument('[name...]', 'regressions (default: all)')
    .option('--versions <list>', 'only these versions, comma-separated')
    .option('--attempts <count>', 'fresh clusters for each version (default: its own)')
    .option('-s, --seed <number>', 'root seed of the first attempt (default: drawn and printed)')
    .option('--quick', 'one affected and one clean version, one attempt each')
    .option('--runs-dir <folder>', 'where run directories go', 'runs')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (names: string[], options: RegressOptions) => {
      using interrupts = catchInterrupts();
      const chosen = names.length === 0 ? REGRESSIONS : names.map(regressionNamed);
      const outcomes: VersionOutcome[] = [];
      for (const regression of chosen) {
        for (const version of versionsOf(regression, options)) {
          if (interrupts.signal.aborted) break;
          outcomes.push(await oneVersion(regression, version, options, interrupts.signal));
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

function versionsOf(regression: Regression, options: RegressOptions): readonly string[] {
  const known = [...regression.affected, ...regression.clean];
  if (options.versions === undefined) return options.quick === true ? regression.quick : known;
  const versions = parseList(options.versions);
  for (const version of versions) {
    if (!known.includes(version)) {
      throw new UsageError(unknownName(`version of ${regression.name}`, version, known));
    }
  }
  return versions;
}

async function oneVersion(
  regression: Regression,
  version: string,
  options: RegressOptions,
  interrupt: AbortSignal,
): Promise<VersionOutcome> {
  const seed = options.seed === undefined ? freshSeed() : parseSeed(options.seed);
  const attempts =
    options.attempts === undefined
      ? options.quick === true
        ? 1
        : regression.attempts
      : parseCount(options.attempts, '--attempts', 1000);
  const tally = await runAttempts(regression, {
    version,
    attempts,
    seed,
    ground: () => groundFor(regression.system, undefined, seed),
    progress: commandLineProgress(),
    runsDirectory: options.runsDir,
    interrupt,
    attempted: (attempt) => tell(regression, attempt),
  });
  return { regression: regression.name, tally, claim: judgeClaim(tally, regression.rate) };
}

/** Each attempt with its verdict and report, on stderr as it happens. */
async function tell(
  regression: Regression,
  { version, number, hit, result }: Attempt,
): Promise<void> {
  const report = result.directory === null ? '' : await writeReport(result.directory);
  const lines = [
    `${regression.name} ${version} attempt ${number}: ${hit ? 'HIT' : 'no hit'}, ${result.summary}`,
  ];
  if (hit) {
    for (const [name, verdict] of Object.entries(result.verdicts)) {
      if (verdict.valid === 'invalid') lines.push(...describeVerdict(name, verdict));
    }
  }
  lines.push(`  report ${report}`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

function print(outcomes: readonly VersionOutcome[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(outcomes)}\n`);
    return;
  }
  for (const { regression, tally, claim } of outcomes) {
    const mark = claim.holds ? 'as claimed' : 'NOT AS CLAIMED';
    process.stdout.write(
      `${regression} ${tally.version} (${tally.expected}): ${tally.hits}/${tally.attempts} hits; ${mark}: ${claim.why}\n`,
    );
  }
}

function exitCode(outcomes: readonly VersionOutcome[], interrupted: boolean): number {
  const undecided = outcomes.some(({ tally }) => tally.attempts === tally.unknown);
  if (interrupted || undecided) return EXIT.unknown;
  return outcomes.every(({ claim }) => claim.holds) ? EXIT.valid : EXIT.invalid;
}

/** `faultline judge --corpus DIR`: every history of DIR/expected.json, expected beside found. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JudgingOptions } from '../checkers/judging/history-judge.ts';
import { realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { compareToExpected, expectationOf, type Comparison } from './judge-expectation.ts';
import type { ResolvedFlags } from './judge-options.ts';
import type { JudgeThread } from './judge-thread.ts';
import type { CaseResult } from './judge-task.ts';

/** An entry of expected.json. */
export interface CorpusEntry {
  readonly files: readonly string[];
  readonly format: string;
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** What came of an entry. */
export interface EntryOutcome {
  readonly entry: CorpusEntry;
  readonly cases: number;
  readonly mismatches: readonly { readonly name: string; readonly comparison: Comparison }[];
  /** Cases whose verdict rests on what the file does not hold: compared with nothing. */
  readonly skipped: readonly string[];
  /** Of an entry with one case. */
  readonly comparison: Comparison | null;
  /** Certificates looked at, and those that the validator refused, with its reason. */
  readonly certificates: number;
  readonly refused: readonly string[];
  readonly milliseconds: number;
}

/** Words of expected.json that mean: as each case says. */
const PER_CASE = 'per case';

/** @throws UsageError when there is no such list. */
export function readCorpus(directory: string): readonly CorpusEntry[] {
  const path = join(directory, 'expected.json');
  if (!existsSync(path)) throw new UsageError(`judge: no such file: ${path}`);
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`judge: ${path}: not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(entries)) throw new UsageError(`judge: ${path}: expected a list of entries`);
  return entries.map((entry, at) => checkedEntry(entry, `${path}: entry ${String(at)}`));
}

function checkedEntry(entry: unknown, place: string): CorpusEntry {
  const { files, format, model, options, expect } = (entry ?? {}) as Partial<CorpusEntry>;
  if (!Array.isArray(files) || files.length === 0) {
    throw new UsageError(`judge: ${place}: expected files, a list of names`);
  }
  if (typeof format !== 'string' || typeof model !== 'string' || expect === undefined) {
    throw new UsageError(`judge: ${place}: expected format, model and expect`);
  }
  return { files, format, model, options: options ?? {}, expect };
}

/** @returns the exit code: 0 only when everything is as expected. */
export async function judgeCorpus(
  directory: string,
  flags: ResolvedFlags,
  thread: JudgeThread,
): Promise<number> {
  const entries = readCorpus(directory);
  const clock = realClock();
  const outcomes: EntryOutcome[] = [];
  for (const [at, entry] of entries.entries()) {
    progress(`${String(at + 1)}/${String(entries.length)} ${entry.files[0] ?? ''}`);
    const outcome = await judgeEntry(directory, entry, flags, thread);
    progress('');
    if (outcome === null) break;
    outcomes.push(outcome);
    const lines = flags.json ? [JSON.stringify(outcome)] : describeOutcome(outcome);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  const seconds = clock.now() / SECOND;
  process.stderr.write(`${summaryOf(outcomes, entries.length, seconds)}\n`);
  if (outcomes.length < entries.length) return EXIT.unknown;
  return outcomes.every(isAsExpected) ? EXIT.valid : EXIT.invalid;
}

/** @returns null when interrupted. */
export async function judgeEntry(
  directory: string,
  entry: CorpusEntry,
  flags: Pick<ResolvedFlags, 'options' | 'timeMs'>,
  thread: JudgeThread,
): Promise<EntryOutcome | null> {
  const results: CaseResult[] = [];
  const perCase = entry.expect['perCase'];
  const clock = realClock();
  const ending = await thread.judge(
    {
      files: entry.files.map((file) => join(directory, file)),
      format: entry.format,
      model: entry.model === PER_CASE ? null : entry.model,
      options: { ...optionsOf(entry.options), ...flags.options },
      timeMs: flags.timeMs,
      skip: 0,
      field: typeof perCase === 'string' ? perCase : null,
      validate: true,
    },
    (result) => void results.push(result),
  );
  if (ending.kind === 'interrupted') return null;
  const skipped = results.filter(({ lacks }) => lacks !== null);
  const compared = results
    .filter(({ lacks }) => lacks === null)
    .map((result) => ({
      name: result.name ?? '',
      comparison: compareToExpected(
        expectationOf(typeof perCase === 'string' ? result.field : entry.expect),
        result,
      ),
    }));
  if (ending.kind !== 'done') {
    const comparison = { matches: false, expected: '', found: ending.message, notes: [] };
    compared.push({ name: '', comparison });
  }
  const checked = results.flatMap((result) => result.checked);
  return {
    entry,
    cases: compared.length,
    skipped: skipped.map(({ name, lacks }) => `${name ?? ''}: ${lacks ?? ''}`),
    mismatches: compared.filter(({ comparison }) => !comparison.matches),
    comparison: compared.length === 1 ? (compared[0]?.comparison ?? null) : null,
    certificates: checked.length,
    refused: checked.flatMap(({ kind, anomaly, problem }) =>
      problem === null ? [] : [`${anomaly ?? kind}: ${problem}`],
    ),
    milliseconds: clock.now() / (SECOND / 1000),
  };
}

/** `consistency` is one name, or several after commas. */
function optionsOf(options: Readonly<Record<string, unknown>>): Partial<JudgingOptions> {
  const { consistency, ...rest } = options;
  if (typeof consistency !== 'string') return rest;
  return { ...rest, consistency: consistency.split(',') };
}

/** Every case as expected, and at least one. */
export function isAsExpected(outcome: EntryOutcome): boolean {
  return outcome.cases > 0 && outcome.mismatches.length === 0;
}

/** A line an entry; below it every case that is not as expected. */
export function describeOutcome(outcome: EntryOutcome): string[] {
  const { entry, cases, mismatches, comparison, milliseconds } = outcome;
  const [first = ''] = entry.files;
  const files = entry.files.length > 1 ? `${first} (${String(entry.files.length)} files)` : first;
  const mark = isAsExpected(outcome) ? 'ok      ' : 'MISMATCH';
  const took = `${milliseconds.toFixed(0)} ms`;
  if (comparison !== null) {
    const { expected, found } = comparison;
    return [`${mark} ${files}: expected ${expected}, found ${found} (${took})`];
  }
  const right = `${String(cases - mismatches.length)} of ${String(cases)} cases as expected`;
  return [
    `${mark} ${files}: ${right} (${took})`,
    ...outcome.skipped.map((told) => `         not compared: ${told}`),
    ...mismatches.map(
      ({ name, comparison: { expected, found } }) =>
        `         ${name}: expected ${expected}, found ${found}`,
    ),
  ];
}

/** Totals. */
export function summaryOf(
  outcomes: readonly EntryOutcome[],
  entries: number,
  seconds: number,
): string {
  const cases = outcomes.reduce((sum, outcome) => sum + outcome.cases, 0);
  const wrong = outcomes.reduce((sum, outcome) => sum + outcome.mismatches.length, 0);
  const good = outcomes.filter(isAsExpected).length;
  const skipped = outcomes.reduce((sum, outcome) => sum + outcome.skipped.length, 0);
  const certificates = outcomes.reduce((sum, outcome) => sum + outcome.certificates, 0);
  const refused = outcomes.reduce((sum, outcome) => sum + outcome.refused.length, 0);
  return (
    `${String(good)} of ${String(entries)} entries as expected; ${String(cases)} cases, ` +
    `${String(wrong)} not as expected, ${String(skipped)} not comparable; ${String(certificates)} certificates, ${String(refused)} ` +
    `refused by the validator; ${seconds.toFixed(1)} s`
  );
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
}

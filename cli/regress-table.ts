/** The table of a run of regressions: for a terminal, and in Markdown for docs/track-record.md and the README. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RowOutcome } from './regress-outcome.ts';

/** What a table says of its run. */
export interface TableHead {
  /** `2026-11-21`. */
  readonly date: string;
  /** faultline's own commit, Node, the machine. */
  readonly ground: string;
  readonly minutes: number;
}

const BEGIN = '<!-- regressions: begin -->';
const END = '<!-- regressions: end -->';

/** For a terminal: columns of equal width. */
export function textTable(outcomes: readonly RowOutcome[]): string {
  const rows = [
    ['regression', 'row', 'checker: anomaly', 'hits', 'expected', 'seconds', ''],
    ...outcomes.map((outcome) => [
      outcome.regression,
      outcome.row,
      toldBy(outcome, outcomes),
      hits(outcome),
      expected(outcome),
      outcome.seconds.toFixed(0),
      outcome.state === 'as-claimed' ? 'as claimed' : outcome.state.toUpperCase(),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row, column))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function width(row: readonly string[], column: number): number {
  return row[column]?.length ?? 0;
}

/** Why rows are not as claimed, and what else was found, a line each. */
export function remarks(outcomes: readonly RowOutcome[]): string {
  return outcomes
    .flatMap((outcome) => {
      const where = `${outcome.regression} ${outcome.row}`;
      const others = [...new Set(outcome.attempts.flatMap((attempt) => attempt.others))];
      const why =
        outcome.state === 'as-claimed' ? [] : [`${where}: ${outcome.state}: ${outcome.claim.why}`];
      const besides =
        others.length === 0 ? [] : [`${where}: besides, no hit: ${others.join('; ')}`];
      return [...why, ...besides];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Writes the page of a run, one line a row; into a file with marks for it, only what is between them, one line a
 * regression.
 */
export function writeMarkdown(
  path: string,
  outcomes: readonly RowOutcome[],
  head: TableHead,
): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)];
  if (begin < 0 || end < begin) return writeFileSync(path, page(outcomes, head));
  const kept = [before.slice(0, begin + BEGIN.length), before.slice(end)];
  writeFileSync(path, kept.join(`\n\n${summaryTable(outcomes)}\n`));
}

function page(outcomes: readonly RowOutcome[], { date, ground, minutes }: TableHead): string {
  const rows = outcomes.map((outcome) => [
    outcome.seed ?? '',
    issueLink(outcome),
    outcome.row,
    outcome.schedule,
    toldBy(outcome, outcomes),
    hits(outcome),
    expected(outcome),
    outcome.state.replace('-', ' '),
    outcome.seconds.toFixed(0),
  ]);
  return `# Track record

What \`faultline regress\` found on ${date}, as it found it: ${outcomes.length} rows in ${minutes.toFixed(1)} minutes
(${ground}). This page is written by the run itself: \`bin/faultline regress --markdown docs/track-record.md\`.

A row is a version under a schedule. Hits are attempts, each on a fresh cluster, in which the regression's own anomaly was
found; a number after "unknown" could not be judged. Seconds are those of a mean attempt, bring-up and judging included.
What is expected is the stated rate of hits, or none.

${table(
  [
    ...['seed', 'regression', 'row', 'schedule', 'checker: anomaly'],
    ...['hits', 'expected', 'result', 'seconds'],
  ],
  rows,
)}`;
}

function summaryTable(outcomes: readonly RowOutcome[]): string {
  const names = [...new Set(outcomes.map(({ regression }) => regression))];
  const rows = names.map((name) => {
    const own = outcomes.filter(({ regression }) => regression === name);
    const first = own[0] as RowOutcome;
    const schedules = [...new Set(own.map(({ schedule }) => schedule))];
    return [
      issueLink(first),
      own.map((outcome) => `${outcome.row}: ${hits(outcome)}`).join('<br>'),
      schedules.join('; '),
      toldBy(own.find(({ tally }) => tally.hits > 0) ?? first, outcomes),
      Math.max(...own.map(({ seconds }) => seconds)).toFixed(0),
    ];
  });
  return table(['issue', 'row: hits of attempts', 'schedule', 'checker: anomaly', 'seconds'], rows);
}

function issueLink({ regression, issue }: RowOutcome): string {
  return `[${regression}](${issue})`;
}

/** `3/3`, and what could not be judged. */
function hits({ tally }: RowOutcome): string {
  const unknown = tally.unknown === 0 ? '' : `, ${tally.unknown} unknown`;
  return `${tally.hits}/${tally.attempts}${unknown}`;
}

function expected({ tally, rate }: RowOutcome): string {
  if (tally.expected === 'clean') return 'none';
  const share = `${Number((100 * rate).toFixed(1))} %`;
  return tally.expected === 'hit' ? share : `${share}, documented`;
}

/** What told it in the row's own attempts, else in its regression's; where none hit, what would have told it. */
function toldBy(outcome: RowOutcome, all: readonly RowOutcome[]): string {
  const alike = all.filter(({ regression }) => regression === outcome.regression);
  for (const rows of [[outcome], alike]) {
    const told = rows
      .flatMap(({ attempts }) => attempts.flatMap(({ own }) => own))
      .filter((text) => outcome.anomalies.some((anomaly) => text.endsWith(`: ${anomaly}`)));
    if (told.length > 0) return [...new Set(told)].join(', ');
  }
  return outcome.anomalies.join(', ');
}

/** As Prettier has tables: columns of equal width. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => width(row, column))));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [first = [], ...rest] = all;
  return [first, widths.map((size) => '-'.repeat(size)), ...rest].map(line).join('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

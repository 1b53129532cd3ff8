/** A run of regressions as JUnit's XML, which CI systems read: a suite each, a case a row, attempts with their evidence. */
import { join } from 'node:path';
import type { Attempt } from '../regressions/attempts.ts';
import type { RowOutcome } from './regress-outcome.ts';

/** The document. */
export function junitXml(outcomes: readonly RowOutcome[]): string {
  const names = [...new Set(outcomes.map(({ regression }) => regression))];
  const suites = names.map((name) =>
    suite(
      name,
      outcomes.filter(({ regression }) => regression === name),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="faultline regress">\n${suites.join('')}</testsuites>\n`;
}

function suite(name: string, outcomes: readonly RowOutcome[]): string {
  const count = (state: RowOutcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const attributes = [
    `name="${escapeXml(name)}" tests="${outcomes.length}"`,
    `failures="${count('contradicted')}" skipped="${count('undecided')}"`,
    `time="${total(outcomes.flatMap(({ attempts }) => attempts))}"`,
  ];
  const cases = outcomes.map(testCase).join('');
  return `<testsuite ${attributes.join(' ')}>\n${cases}</testsuite>\n`;
}

function testCase(outcome: RowOutcome): string {
  const { regression, row, claim, state, attempts } = outcome;
  const message = `message="${escapeXml(claim.why)}"`;
  const result = {
    'as-claimed': '',
    contradicted: `<failure ${message}/>\n`,
    undecided: `<skipped ${message}/>\n`,
  }[state];
  const told = attempts.map(attemptLine).join('\n');
  return (
    `<testcase classname="${escapeXml(regression)}" name="${escapeXml(row)}" time="${total(attempts)}">\n` +
    `${result}<system-out>${escapeXml(told)}</system-out>\n</testcase>\n`
  );
}

function attemptLine(attempt: Attempt, index: number): string {
  const { outcome, seed, summary, directory, own, others } = attempt;
  const evidence = directory === null ? 'no evidence on disk' : join(directory, 'report.html');
  const found = [...own, ...others.map((other) => `besides: ${other}`)].join('; ');
  return `attempt ${index + 1}, seed ${seed}: ${outcome}; ${found} ${summary}\n  ${evidence}`;
}

function total(attempts: readonly Attempt[]): string {
  return attempts.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
}

/** Text for XML; control characters, which it cannot hold, become `?`. */
function escapeXml(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

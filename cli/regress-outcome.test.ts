/** What attempts say of a row, in the exit code, the table and JUnit's XML. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Attempt, judgeAttempt } from '../regressions/attempts.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import type { Expected, ResolvedRow, Regression } from '../regressions/regression.ts';
import { junitXml } from './junit.ts';
import { exitCodeOfRows, outcomeOf, type RowOutcome } from './regress-outcome.ts';
import { chosenRows } from './regress-rows.ts';
import { remarks, textTable, writeMarkdown } from './regress-table.ts';

const REGRESSION = REGRESSIONS.find(({ name }) => name === 'etcd-14370') as Regression;
const HEAD = { date: '2026-01-02', ground: 'here', minutes: 12 };

function row(expected: Expected): ResolvedRow {
  return {
    regression: REGRESSION,
    name: `1 ${expected}`,
    version: '1',
    expected,
    plan: REGRESSION,
  };
}

function attempt(outcome: Attempt['outcome'], changes: Partial<Attempt> = {}): Attempt {
  const own = outcome === 'hit' ? ['set: lost-acknowledged-write'] : [];
  const found = { own, others: [], directory: '/runs/a', seconds: 4, summary: 'a <summary>' };
  return { seed: '7', outcome, ...found, ...changes };
}

function outcome(expected: Expected, outcomes: Attempt['outcome'][], complete = true): RowOutcome {
  return outcomeOf(
    row(expected),
    outcomes.map((one) => attempt(one)),
    complete,
  );
}

describe('the exit code', () => {
  test.each([
    ['all as claimed', 0, [outcome('hit', ['hit', 'hit']), outcome('clean', ['miss'])]],
    ['a clean row that is accused', 1, [outcome('clean', ['miss', 'hit'])]],
    ['an affected row that never hits', 1, [outcome('hit', ['miss', 'miss'])]],
    ['what is documented, accused', 1, [outcome('documented', ['accused'])]],
    ['what is documented, told', 0, [outcome('documented', ['hit'])]],
    ['a row of which nothing could be judged', 2, [outcome('clean', ['unknown'])]],
    ['a row that was not ended', 2, [outcome('hit', ['miss'], false)]],
    ['an accusation before the end', 1, [outcome('clean', ['hit'], false)]],
    [
      'a contradiction beside what is undecided',
      1,
      [outcome('hit', ['miss']), outcome('clean', ['unknown'])],
    ],
  ])('of %s is %i', (_, code, outcomes) => {
    expect(exitCodeOfRows(outcomes)).toBe(code);
  });
});

describe('an attempt', () => {
  const lost = (valid: 'valid' | 'invalid', name = 'lost-acknowledged-write'): object => ({
    summary: '',
    directory: null,
    verdicts: {
      set: {
        valid,
        summary: '',
        anomalies: [{ name, guarantee: '', explanation: '', operations: [], faults: [] }],
      },
    },
  });
  const judged = (expected: Expected, result: object): string =>
    judgeAttempt(row(expected), result as Parameters<typeof judgeAttempt>[1]).outcome;
  test('hits by its own anomaly only', () => {
    expect(judged('hit', lost('invalid'))).toBe('hit');
    expect(judged('hit', lost('invalid', 'stale-read'))).toBe('miss');
    expect(judged('clean', lost('valid'))).toBe('miss');
  });
  test('at what is documented hits when it is told and not accused', () => {
    expect(judged('documented', lost('valid'))).toBe('hit');
    expect(judged('documented', lost('invalid'))).toBe('accused');
  });
  test('that could not be judged is no miss, whatever else was found', () => {
    const result = lost('invalid', 'stale-read') as { verdicts: Record<string, object> };
    result.verdicts['liveness'] = { valid: 'unknown', summary: '' };
    expect(judged('clean', result)).toBe('unknown');
  });
});

test('the table tells hits of attempts, and why a row is not as claimed', () => {
  const outcomes = [outcome('hit', ['hit', 'hit']), outcome('clean', ['hit', 'unknown'])];
  expect(textTable(outcomes)).toContain('2/2');
  expect(textTable(outcomes)).toContain('1/2, 1 unknown');
  expect(remarks(outcomes)).toContain('1 clean: contradicted: 1 of 1 attempts hit');
});

test('markdown is a page, or goes between the marks of a page that has them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-table-'));
  try {
    const [page, readme] = [join(folder, 'page.md'), join(folder, 'readme.md')];
    writeFileSync(
      readme,
      'before\n<!-- regressions: begin -->\nold\n<!-- regressions: end -->\nafter\n',
    );
    for (const path of [page, readme]) writeMarkdown(path, [outcome('hit', ['hit'])], HEAD);
    expect(readFileSync(page, 'utf8')).toMatch(/^# Track record[^]*set: lost-acknowledged-write/);
    expect(readFileSync(readme, 'utf8')).toMatch(/^before\n<!--[^]*1 hit: 1\/1[^]*-->\nafter\n$/);
    expect(readFileSync(readme, 'utf8')).not.toContain('old');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("JUnit's XML has a case a row, with each attempt's evidence, escaped", () => {
  const xml = junitXml([outcome('hit', ['hit']), outcome('clean', ['hit']), outcome('clean', [])]);
  expect(xml).toContain('tests="3" failures="1" skipped="1"');
  expect(xml).toContain('/runs/a/report.html');
  expect(xml).toContain('a &lt;summary&gt;');
});

describe('rows', () => {
  test('of a quick run are few, and of a name that there is none of none', () => {
    const quick = chosenRows([], { quick: true });
    expect(quick.length).toBeGreaterThan(1);
    expect(quick.some(({ expected }) => expected === 'clean')).toBe(true);
    expect(() => chosenRows(['etcd-1437'], {})).toThrow(/etcd-14370/);
    expect(() => chosenRows(['etcd-14370'], { versions: '9.9' })).toThrow(/version/);
    expect(() => chosenRows([], { system: 'etdc' })).toThrow(/etcd/);
  });
  test('are chosen by version, by name and by system', () => {
    expect(chosenRows(['etcd-14370'], { versions: '3.5.4' })).toHaveLength(1);
    expect(chosenRows(['etcd-14370'], { rows: '3.5.5' })[0]?.expected).toBe('clean');
    const systems = chosenRows([], { system: 'etcd' }).map((one) => one.regression.system.name);
    expect(new Set(systems)).toEqual(new Set(['etcd']));
  });
});

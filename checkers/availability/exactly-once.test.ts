import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { OperationType, Value } from '../../harness/operation.ts';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import { checkExactlyOnce } from './exactly-once.ts';

const create = (id: Value, type: OperationType, f = 'create'): Line[] => [
  [0, 'invoke', f, id],
  [0, type, f, id, type === 'fail' ? { error: { kind: 'rejected', message: 'exists' } } : {}],
];
const refused = (id: Value, f: string): Line[] => [
  [0, 'invoke', f, id],
  [0, 'fail', f, id, { error: { kind: 'refused', message: 'no leader' } }],
];
const list = (...ids: Value[]): Line[] => [
  [1, 'invoke', 'list', null],
  [1, 'ok', 'list', ids],
];

function judge(
  lines: readonly (readonly Line[])[],
  options: Readonly<Record<string, Value>> = { startsEmpty: true },
): Verdict {
  return checkExactlyOnce(runOf(historyOf(lines.flat())), options, { timeMs: 1_000 });
}
const names = (...lines: readonly (readonly Line[])[]): string[] =>
  judge(lines).anomalies?.map(({ name }) => name) ?? [];

describe('accepts', () => {
  it('effects as they were answered', () => {
    expect(names(create('a', 'ok'), create('b', 'fail'), list('a'))).toEqual([]);
    expect(names(create({ id: 'a' }, 'ok'), list({ id: 'a', state: 'new' }))).toEqual([]);
  });

  it('either effect of an unknown outcome, and an attempt after it that failed', () => {
    expect(names(create('a', 'info'), list('a'))).toEqual([]);
    expect(names(create('a', 'info'), list())).toEqual([]);
    expect(names(create('a', 'info'), create('a', 'fail'), list('a'))).toEqual([]);
  });

  it('what was there before it was tried, and what was removed again', () => {
    expect(names(list('a'), create('a', 'fail'), list('a'))).toEqual([]);
    expect(names(create('a', 'ok'), create('a', 'info', 'delete'), list())).toEqual([]);
  });

  it('what may have been there before: it is not known without an earlier view', () => {
    expect(judge([create('a', 'fail'), list('a')], {}).valid).toBe('valid');
    expect(judge([list(), create('a', 'fail'), list('a')], {}).valid).toBe('invalid');
  });

  it('what was renamed, or may have been', () => {
    const options = { startsEmpty: true, operations: ['create', 'rename'], removals: ['rename'] };
    const rename = (type: OperationType): Line[] => create({ id: 'b', was: 'a' }, type, 'rename');
    for (const [type, seen] of [
      ['ok', 'b'],
      ['info', 'b'],
      ['info', 'a'],
      ['fail', 'a'],
    ] as const) {
      expect(judge([create('a', 'ok'), rename(type), list(seen)], options).valid).toBe('valid');
    }
  });

  it('views that may be stale, when told so', () => {
    expect(judge([create('a', 'ok'), list()], { staleViews: true }).valid).toBe('valid');
  });
});

describe('rejects', () => {
  it('what was answered with a definite error and is there', () => {
    const verdict = judge([create('a', 'fail'), list('a')]);
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'applied-but-failed',
      operations: [0, 1, 2, 3],
    });
    expect(verdict.anomalies?.[0]?.explanation).toContain('create #0–#1 ended fail (exists)');
  });

  it('what is there twice and was asked for once', () => {
    expect(names(create('a', 'ok'), list('a', 'a'))).toEqual(['applied-twice']);
    expect(names(create('a', 'ok'), create('a', 'info'), list('a', 'a'))).toEqual([]);
  });

  it('what was acknowledged and is not there', () => {
    expect(names(create('a', 'ok'), list())).toEqual(['acknowledged-not-applied']);
    expect(names(create('a', 'ok'), refused('a', 'delete'), list())).toEqual([
      'acknowledged-not-applied',
    ]);
  });

  it('what was removed by what was answered with a definite error', () => {
    expect(names(create('a', 'ok'), create('a', 'fail', 'delete'), list())).toEqual([
      'applied-but-failed',
    ]);
    const rename = create({ id: 'b', was: 'a' }, 'fail', 'rename');
    const options = { startsEmpty: true, operations: ['create', 'rename'], removals: ['rename'] };
    const verdict = judge([create('a', 'ok'), rename, list('b')], options);
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual([
      'applied-but-failed',
      'applied-but-failed',
    ]);
  });
});

it('does not judge without views', () => {
  expect(judge([create('a', 'ok')])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

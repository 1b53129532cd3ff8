import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkBank } from './bank.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkBank(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const read = (balances: Readonly<Record<string, number | null>>, process = 0): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', balances],
];
const transfer = (type: 'ok' | 'fail' | 'info', amount = 1): Line[] => [
  [1, 'invoke', 'transfer', { from: 0, to: 1, amount }],
  [1, type, 'transfer', { from: 0, to: 1, amount }],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'money that moves': [...read({ 0: 5, 1: 5 }), ...transfer('ok'), ...read({ 0: 4, 1: 6 })],
    'transfers that failed or may have happened': [
      ...read({ 0: 5, 1: 5 }),
      ...transfer('fail'),
      ...transfer('info'),
      ...read({ 0: 5, 1: 5 }),
    ],
    'reads that failed, whatever they say': [
      ...read({ 0: 5, 1: 5 }),
      [0, 'invoke', 'read', null],
      [0, 'fail', 'read', { 0: 99 }],
    ],
    'an account that is not shown and holds nothing': [
      ...read({ 0: 10, 1: 0 }),
      ...read({ 0: 10 }),
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });

  it('an overdrawn account where that is allowed', () => {
    const lines = read({ 0: 12, 1: -2 });
    expect(judge(lines, { negativeBalances: true }).valid).toBe('valid');
  });
});

describe('rejects', () => {
  const rejected: Record<string, [string, Line[], Readonly<Record<string, Value>>?]> = {
    'another total than the first': [
      'wrong-total',
      [...read({ 0: 5, 1: 5 }), ...read({ 0: 5, 1: 6 }, 1)],
    ],
    'another total than told': ['wrong-total', read({ 0: 5, 1: 5 }), { total: 11 }],
    'an account that is not of the bank': [
      'unexpected-account',
      [...read({ 0: 5, 1: 5 }), ...read({ 0: 5, 1: 5, 2: 0 })],
    ],
    'an account without a balance': [
      'absent-balance',
      [...read({ 0: 5, 1: 5 }), ...read({ 0: 10, 1: null })],
    ],
    'an overdrawn account': ['negative-balance', read({ 0: 12, 1: -2 })],
  };
  it.each(Object.entries(rejected))('%s', (_, [name, lines, options]) => {
    const verdict = judge(lines, options);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map((anomaly) => anomaly.name)).toEqual([name]);
  });

  it('and names the read, the total and where that is from', () => {
    const verdict = judge([
      ...read({ 0: 5, 1: 5 }),
      ...read({ 0: 5, 1: 6 }),
      ...read({ 0: 9, 1: 9 }),
    ]);
    expect(verdict.anomalies?.[0]?.explanation).toBe(
      '#2–#3 shows 11 in all, #4–#5 shows 18 in all; expected 10 in all, as #0–#1 shows.',
    );
    expect(verdict.anomalies?.[0]?.operations).toEqual([0, 1, 2, 3, 4, 5]);
    expect(verdict.figures).toMatchObject({ lowestTotal: 10, highestTotal: 18, wrongReads: 2 });
  });
});

it('does not judge what it did not see, and says what a read must be', () => {
  expect(judge(transfer('ok'))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(judge(transfer('ok'), { unreadIsValid: true }).valid).toBe('valid');
  expect(() =>
    judge([
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 3],
    ]),
  ).toThrow(/history line 1.*map from account/);
  expect(() => judge([], { total: 'ten' })).toThrow(/option total: expected a number/);
});

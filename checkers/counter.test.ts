import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkCounter } from './counter.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkCounter(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const add = (amount: Value, type: 'ok' | 'fail' | 'info' = 'ok', process = 0): Line[] => [
  [process, 'invoke', 'add', amount],
  [process, type, 'add', amount],
];
const read = (value: number, process = 1): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', value],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'the sum of what was acknowledged': [...add(1), ...add(2), ...read(3)],
    'an add that may have happened, or not': [
      ...add(1),
      ...add(5, 'info', 2),
      ...read(1),
      ...read(6),
    ],
    'a failed add that is not there': [...add(1), ...add(2, 'fail'), ...read(1)],
    'an add that goes on while it is read': [
      [0, 'invoke', 'add', 1],
      ...read(0),
      ...read(1, 2),
      [0, 'ok', 'add', 1],
    ],
    'an add that begins while it is read': [
      [1, 'invoke', 'read', null],
      ...add(1),
      [1, 'ok', 'read', 1],
    ],
    'a decrement that may have happened': [
      ...add(5),
      ...add(-2, 'info', 2),
      ...read(3),
      ...read(5),
    ],
    'a decrement that goes on': [...add(5), [0, 'invoke', 'decrement', 2], ...read(3), ...read(5)],
    'an increment without a number, which is by one': [
      [0, 'invoke', 'increment', null],
      [0, 'ok', 'increment', null],
      ...read(1),
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });
});

describe('rejects', () => {
  const rejected: Record<string, Line[]> = {
    'less than was acknowledged': [...add(1), ...add(2), ...read(2)],
    'more than was attempted': [...add(1), ...read(2)],
    'a failed add that is there': [...add(1), ...add(2, 'fail'), ...read(3)],
    'an add that begins only afterwards': [...read(1), ...add(1)],
    'an acknowledged decrement that is not there': [...add(5), ...add(-2), ...read(5)],
    'more decrements than were attempted': [...add(5), ...add(-2, 'info', 2), ...read(2)],
  };
  it.each(Object.entries(rejected))('%s', (_, lines) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual(['counter-out-of-bounds']);
  });

  it('and names the read and its bounds', () => {
    const [anomaly] = judge([...add(1), ...add(3, 'info', 2), ...read(7)]).anomalies ?? [];
    expect(anomaly?.explanation).toBe('#4–#5 shows 7, which must be from 1 to 4.');
    expect(anomaly?.operations).toEqual([4, 5]);
  });

  it('what does not begin at the initial value', () => {
    expect(judge(read(0), { initial: 10 }).valid).toBe('invalid');
    expect(judge(read(10), { initial: 10 }).valid).toBe('valid');
  });
});

it('does not judge what it did not see, and says what was expected', () => {
  expect(judge(add(1))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(judge(add(1), { unreadIsValid: true }).valid).toBe('valid');
  expect(() => judge(add('one'))).toThrow(/history line 0.*expected a number/);
});

import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkCausal } from './causal.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkCausal(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const one = (f: string, value: Value, type: 'ok' | 'fail' | 'info' = 'ok'): Line[] => [
  [0, 'invoke', f, f === 'write' ? value : null],
  [0, type, f, value],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'what was issued': [
      ...one('read-init', 0),
      ...one('write', 1),
      ...one('read', 1),
      ...one('write', 2),
      ...one('read', 2),
    ],
    'a read that tells nothing': [
      ...one('read-init', null),
      ...one('write', 1),
      ...one('read', null),
    ],
    'a read that did not complete': [...one('write', 1), ...one('read', 7, 'info')],
    'links that form a chain': [
      ...one('read-init', { value: 0, position: 3, link: 'init' }),
      ...one('write', { value: 1, position: 5, link: 3 }),
      ...one('read', { value: 1, position: 6, link: 5 }),
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });

  it('each key for itself', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', ['a', 1]],
      [0, 'ok', 'write', ['a', 1]],
      [0, 'invoke', 'read-init', ['b', null]],
      [0, 'ok', 'read-init', ['b', 0]],
    ];
    expect(judge(lines)).toMatchObject({ valid: 'valid', figures: { keys: 2 } });
  });
});

describe('rejects', () => {
  const rejected: Record<string, [string, Line[]]> = {
    'a stale read': [
      '#4–#5 reads 1 from a register that holds 2',
      [...one('write', 1), ...one('write', 2), ...one('read', 1)],
    ],
    'a beginning that is not 0': [
      '#0–#1 reads 5 from a register that holds 0',
      one('read-init', 5),
    ],
    'a write out of turn': ['#0–#1 writes 2; the next write is of 1', one('write', 2)],
    'a broken chain': [
      '#2–#3 links to 4; the last position is 3',
      [
        ...one('read-init', { value: 0, position: 3, link: 'init' }),
        ...one('write', { value: 1, position: 5, link: 4 }),
      ],
    ],
  };
  it.each(Object.entries(rejected))('%s', (_, [text, lines]) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.[0]).toMatchObject({ name: 'causal-order', explanation: `${text}.` });
  });

  it('and names the last write, the operation before, and the one that is wrong', () => {
    const verdict = judge([...one('write', 1), ...one('read', 1), ...one('read', 0)]);
    expect(verdict.anomalies?.[0]?.operations).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

it('does not judge what it did not see', () => {
  expect(judge(one('read', 1, 'info'))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(judge(one('write', 7), { counted: false }).valid).toBe('valid');
});

import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkLongFork } from './long-fork.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkLongFork(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const write = (key: string): Line[] => [
  [0, 'invoke', 'txn', [['w', key, 1]]],
  [0, 'ok', 'txn', [['w', key, 1]]],
];
const read = (
  values: Readonly<Record<string, number | null>>,
  type: 'ok' | 'info' = 'ok',
): Line[] => [
  [1, 'invoke', 'txn', Object.keys(values).map((key) => ['r', key, null])],
  [1, type, 'txn', Object.entries(values).map(([key, value]) => ['r', key, value])],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'reads that see ever more': [
      ...write('x'),
      ...write('y'),
      ...read({ x: null, y: null }),
      ...read({ x: 1, y: null }),
      ...read({ y: 1, x: 1 }),
    ],
    'one after the other, whatever the order of the reads': [
      ...write('x'),
      ...write('y'),
      ...read({ x: 1, y: 1 }),
      ...read({ x: 1, y: null }),
      ...read({ x: null, y: null }),
    ],
    'a read that did not complete': [
      ...write('x'),
      ...write('y'),
      ...read({ x: 1, y: null }),
      ...read({ x: null, y: 1 }, 'info'),
    ],
    'reads of other groups': [
      ...write('x'),
      ...read({ x: 1, y: null }),
      ...read({ u: null, v: 1 }),
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });
});

describe('rejects', () => {
  const fork = [
    ...write('x'),
    ...write('y'),
    ...read({ x: 1, y: null }),
    ...read({ x: null, y: 1 }),
  ];

  it('two reads of which each lacks what the other holds', () => {
    const verdict = judge(fork);
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual(['long-fork']);
    expect(verdict.anomalies?.[0]?.explanation).toBe(
      '#4–#5 holds key "x" and not "y", #6–#7 holds "y" and not "x".',
    );
    expect(verdict.anomalies?.[0]?.operations).toEqual([4, 5, 6, 7]);
  });

  it('a fork among many reads in line', () => {
    const all = { a: 1, b: 1, c: 1 };
    const lines = ['a', 'b', 'c'].flatMap(write);
    const states = [
      { a: 1, b: null, c: null },
      { a: 1, b: 1, c: null },
      { a: null, b: 1, c: 1 },
      all,
    ];
    expect(judge([...lines, ...states.flatMap((state) => read(state))]).valid).toBe('invalid');
  });
});

describe('does not judge', () => {
  it('keys that are written twice', () => {
    const verdict = judge([...write('x'), ...write('x'), ...read({ x: 1, y: null })]);
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
    expect(verdict.summary).toContain('key "x" is written more than once');
  });

  it('reads of two values of one key', () => {
    const verdict = judge([...read({ x: 1, y: null }), ...read({ x: 2, y: 1 })]);
    expect(verdict).toMatchObject({ valid: 'unknown' });
  });

  it('what it did not see, and refuses what is no such history', () => {
    expect(judge(write('x'))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
    expect(() => judge(read({ x: 1 }), { groupSize: 2 })).toThrow(/expected reads of 2 keys/);
    expect(() => judge([[0, 'invoke', 'txn', 7]])).toThrow(/list of \[f, key, value\]/);
  });
});

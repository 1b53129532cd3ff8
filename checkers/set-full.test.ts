import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkSetFull } from './set-full.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkSetFull(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const add = (element: Value, type: 'ok' | 'info' | 'fail' = 'ok', process = 0): Line[] => [
  [process, 'invoke', 'add', element],
  [process, type, 'add', element],
];
const read = (...elements: Value[]): Line[] => [
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', elements],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'elements that stay': [...add(1), ...add(2), ...read(2, 1), ...read(1, 2)],
    'an element that shows late': [...add(1), ...read(), ...read(), ...read(1)],
    'an unknown element that never shows': [...add(1), ...add(2, 'info', 2), ...read(1)],
    'a read beside the add, without it': [
      ...add(1),
      [0, 'invoke', 'add', 2],
      [1, 'invoke', 'read', null],
      [0, 'ok', 'add', 2],
      [1, 'ok', 'read', [1]],
    ],
    'an element that is read while it is added, and no more': [
      ...add(1),
      [0, 'invoke', 'add', 2],
      [1, 'invoke', 'read', null],
      [2, 'invoke', 'read', null],
      [1, 'ok', 'read', [1, 2]],
      [2, 'ok', 'read', [1]],
      [0, 'info', 'add', 2],
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });
});

describe('rejects', () => {
  const rejected: Record<string, [string, Line[]]> = {
    'an acknowledged element that never shows': [
      'lost-element',
      [...add(1), ...add(2), ...read(1)],
    ],
    'an element that shows and vanishes': [
      'lost-element',
      [...add(1), ...add(2, 'info', 2), ...read(1, 2), ...read(1)],
    ],
    'an element twice in a read': ['duplicated-element', [...add(1), ...read(1, 1)]],
  };
  it.each(Object.entries(rejected))('%s', (_, [name, lines]) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map((anomaly) => anomaly.name)).toEqual([name]);
  });

  it('and names the add and the last read without it', () => {
    const verdict = judge([...add(1), ...add(7), ...read(1, 7), ...read(1), ...read(1)]);
    expect(verdict.anomalies?.[0]).toMatchObject({
      explanation: '1 element: 7 (acknowledged at #2–#3) is not in #8–#9.',
      operations: [2, 3, 8, 9],
    });
  });

  it('a stale read where none is allowed', () => {
    const lines = [...add(1), ...read(), ...read(1)];
    expect(judge(lines)).toMatchObject({ valid: 'valid', figures: { stale: 1 } });
    const strict = judge(lines, { linearizable: true });
    expect(strict.anomalies?.map(({ name }) => name)).toEqual(['stale-read']);
  });
});

describe('figures', () => {
  it('count what became of the elements, and how long that took', () => {
    const verdict = judge([
      ...add('slow'),
      ...read(),
      ...read('slow'),
      ...add('lost'),
      ...add('late'),
      ...read('slow', 'lost', 'stranger'),
      ...read('slow', 'late'),
      ...add('unread'),
    ]);
    expect(verdict.figures).toMatchObject({
      attempts: 4,
      stable: 2,
      lost: 1,
      neverRead: 1,
      stale: 2,
      neverAdded: 1,
      stableLatencyMs: { min: 1, max: 1 },
      lostLatencyMs: { min: 3, p50: 3, max: 3 },
    });
  });
});

describe('keys', () => {
  const keyed: Line[] = [
    ...add(['a', 1]),
    ...add(['b', 1]),
    [1, 'invoke', 'read', ['a', null]],
    [1, 'ok', 'read', ['a', [1]]],
  ];

  it('are told by the shape of all values', () => {
    expect(judge(keyed)).toMatchObject({ valid: 'valid', figures: { stable: 1, neverRead: 1 } });
  });

  it('are not, where a read answers with a plain list', () => {
    const lines: Line[] = [
      ...add(['a', 1]),
      [1, 'invoke', 'read', ['a', null]],
      [1, 'ok', 'read', [1, 2, 3]],
    ];
    expect(judge(lines)).toMatchObject({ valid: 'invalid', figures: { lost: 1 } });
  });

  it('are not, where elements are pairs', () => {
    const lines = [...add(['a', 1]), ...add(['b', 1]), ...read(['a', 1], ['b', 1])];
    expect(judge(lines)).toMatchObject({ valid: 'valid', figures: { stable: 2 } });
  });
});

it('does not judge what it did not see', () => {
  expect(judge(add(1))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

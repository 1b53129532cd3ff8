import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkSet } from './set.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkSet(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const add = (element: Value, type: 'ok' | 'info' | 'fail' = 'ok', process = 0): Line[] => [
  [process, 'invoke', 'add', element],
  [process, type, 'add', element],
];
const read = (process: number, ...elements: Value[]): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', elements],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'all acknowledged elements, in any order': [...add(1), ...add(2), ...read(1, 2, 1)],
    'an unknown element that is not there': [...add(1), ...add(2, 'info'), ...read(1, 1)],
    'an unknown element that shows late': [
      ...add(1),
      ...add(2, 'info', 2),
      ...read(1, 1),
      ...read(1, 1, 2),
    ],
    'a failed element that is not there': [...add(1), ...add(2, 'fail'), ...read(1, 1)],
    'a read beside the add, without it': [
      ...add(1),
      [0, 'invoke', 'add', 2],
      [1, 'invoke', 'read', null],
      [0, 'ok', 'add', 2],
      [1, 'ok', 'read', [1]],
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines)).toMatchObject({ valid: 'valid' });
  });

  it('stale reads where they are allowed, and counts them', () => {
    const lines = [...add(1), ...read(1), ...read(1, 1)];
    const verdict = judge(lines, { staleAllowed: true });
    expect(verdict.valid).toBe('valid');
    expect(verdict.figures).toMatchObject({ stale: 1, lost: 0 });
  });
});

describe('rejects', () => {
  const rejected: Record<string, [string, Line[]]> = {
    'a lost element': [
      'lost-acknowledged-write',
      [...add(1), ...add(2), ...read(1, 1, 2), ...read(2, 1)],
    ],
    'an unknown element that was seen and vanished': [
      'vanished-element',
      [...add(1), ...add(2, 'info'), ...read(1, 1, 2), ...read(2, 1)],
    ],
    'a stale read': ['stale-read', [...add(1), ...add(2), ...read(1, 1), ...read(1, 1, 2)]],
    'an element never added': ['phantom-element', [...add(1), ...read(1, 1, 9)]],
    'an element whose add failed': [
      'phantom-element',
      [...add(1), ...add(2, 'fail'), ...read(1, 1, 2)],
    ],
    'an element added later': ['phantom-element', [...add(1), ...read(1, 1, 2), ...add(2)]],
    'an element twice': ['duplicated-element', [...add(1), ...read(1, 1, 1)]],
  };
  it.each(Object.entries(rejected))('%s', (_, [name, lines]) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map((anomaly) => anomaly.name)).toEqual([name]);
  });

  it('and names the acknowledged add and the reads without it', () => {
    const [anomaly] = judge([...add(1), ...add(7), ...read(1, 1), ...read(2, 1)]).anomalies ?? [];
    expect(anomaly?.operations).toEqual([2, 3, 4, 5, 6, 7]);
    expect(anomaly?.explanation).toContain(
      '7 (acknowledged at #2–#3 on n1) is not in #4–#5 on n2, #6–#7 on n3',
    );
  });

  it('a loss on every node although stale reads are allowed', () => {
    const verdict = judge([...add(1), ...read(1), ...read(2)], { staleAllowed: true });
    expect(verdict.anomalies?.[0]?.name).toBe('lost-acknowledged-write');
  });

  it('a loss on one node although another still has the element', () => {
    const [anomaly] =
      judge([...add(1), ...add(2), ...read(1, 1), ...read(2, 1, 2)]).anomalies ?? [];
    expect(anomaly?.name).toBe('lost-acknowledged-write');
    expect(anomaly?.explanation).toContain(
      'is not in #4–#5 on n2 (reads begun later have it, on n3)',
    );
  });

  it('each key for itself', () => {
    const options = { keyed: true };
    const lines: Line[] = [...add(['a', 1]), ...add(['b', 1])];
    const readOf = (key: string, ...elements: Value[]): Line[] => [
      [1, 'invoke', 'read', [key, null]],
      [1, 'ok', 'read', [key, elements]],
    ];
    expect(judge([...lines, ...readOf('a', 1), ...readOf('b', 1)], options).valid).toBe('valid');
    expect(judge([...lines, ...readOf('a', 1), ...readOf('b')], options).valid).toBe('invalid');
  });
});

it('does not judge what it did not see', () => {
  expect(judge(add(1))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(judge(read(0))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(() =>
    judge([
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 3],
    ]),
  ).toThrow(/list of elements/);
});

import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkTotalQueue } from './total-queue.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkTotalQueue(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

type Outcome = 'ok' | 'fail' | 'info';
const put = (value: Value, type: Outcome = 'ok'): Line[] => [
  [0, 'invoke', 'enqueue', value],
  [0, type, 'enqueue', value],
];
const take = (value: Value, type: Outcome = 'ok'): Line[] => [
  [1, 'invoke', 'dequeue', null],
  [1, type, 'dequeue', value],
];
const drain = (...values: Value[]): Line[] => [
  [1, 'invoke', 'drain', null],
  [1, 'ok', 'drain', values],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'what goes in and comes out': [...put(1), ...put(2), ...take(2), ...take(1)],
    'a drained queue': [...put(1), ...put(2), ...drain(1, 2)],
    'an enqueue that may have happened, or not': [...put(1, 'info'), ...put(2, 'info'), ...take(1)],
    'a failed enqueue that is not there': [...put(1), ...put(2, 'fail'), ...take(1)],
    'an element delivered twice': [...put(1), ...take(1), ...take(1)],
    'a loss that a crashed dequeue may have taken': [
      ...put(1),
      ...put(2),
      ...take(1),
      ...take(null, 'info'),
    ],
    'a dequeue that found nothing': [...put(1), ...take(1), ...take(null)],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });

  it('what is left in a queue that is not drained', () => {
    expect(judge([...put(1), ...put(2), ...take(1)], { drained: false }).valid).toBe('valid');
  });
});

describe('rejects', () => {
  const rejected: Record<string, [string, Line[]]> = {
    'a lost element': ['lost-element', [...put(1), ...put(2), ...take(1)]],
    'more losses than crashed dequeues': [
      'lost-element',
      [...put(1), ...put(2), ...put(3), ...take(1), ...take(null, 'info')],
    ],
    'an element that nobody put in': ['unexpected-element', [...put(1), ...take(1), ...take(9)]],
    'an element whose enqueue failed': ['unexpected-element', [...put(1, 'fail'), ...take(1)]],
    'an element taken before it was put in': ['unexpected-element', [...take(1), ...put(1)]],
  };
  it.each(Object.entries(rejected))('%s', (_, [name, lines]) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map((anomaly) => anomaly.name)).toEqual([name]);
  });

  it('an element delivered twice, where that is forbidden', () => {
    const verdict = judge([...put(1), ...take(1), ...take(1)], { exactlyOnce: true });
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual(['duplicated-element']);
  });

  it('and names the acknowledged enqueue', () => {
    const verdict = judge([...put(1), ...put(2), ...take(1)]);
    expect(verdict.anomalies?.[0]?.operations).toEqual([2, 3]);
    expect(verdict.anomalies?.[0]?.explanation).toBe(
      '1 never came out: 2 (acknowledged at #2–#3).',
    );
    expect(verdict.figures).toMatchObject({ acknowledged: 2, taken: 1, missing: 1 });
  });
});

it('does not judge what it did not see', () => {
  expect(judge(put(1, 'info'))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

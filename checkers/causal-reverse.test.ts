import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkCausalReverse } from './causal-reverse.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

function judge(lines: readonly Line[]): Verdict {
  return checkCausalReverse(runOf(historyOf(lines)), {}, { timeMs: 1_000 });
}

const write = (value: Value, type: 'ok' | 'fail' | 'info' = 'ok', process = 0): Line[] => [
  [process, 'invoke', 'write', value],
  [process, type, 'write', value],
];
const read = (...values: Value[]): Line[] => [
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', values],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'a prefix of the writes': [...write(1), ...write(2), ...write(3), ...read(), ...read(2, 1)],
    'a write without one that went on beside it': [
      [0, 'invoke', 'write', 1],
      ...write(2, 'ok', 2),
      [0, 'ok', 'write', 1],
      ...read(2),
    ],
    'a write without one that was never acknowledged': [
      ...write(1, 'info'),
      ...write(2, 'ok', 2),
      ...read(2),
    ],
    'a write without one that failed': [...write(1, 'fail'), ...write(2), ...read(2)],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines).valid).toBe('valid');
  });

  it('each key for itself', () => {
    const lines: Line[] = [
      ...write(['a', 1]),
      ...write(['b', 2]),
      [1, 'invoke', 'read', ['b', null]],
      [1, 'ok', 'read', ['b', [2]]],
    ];
    expect(judge(lines)).toMatchObject({ valid: 'valid', figures: { keys: 2, reads: 1 } });
  });
});

describe('rejects', () => {
  it('a write without one acknowledged before it began', () => {
    const verdict = judge([...write(1), ...write(2), ...read(2)]);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'write-seen-without-earlier-write',
      explanation: '#4–#5 shows 2 and not 1, acknowledged before it began.',
      operations: [0, 1, 2, 3, 4, 5],
    });
  });

  it('one missing among many', () => {
    const lines = [1, 2, 3, 4, 5].flatMap((value) => write(value));
    expect(judge([...lines, ...read(1, 2, 4)]).anomalies?.[0]?.explanation).toContain(
      '4 and not 3,',
    );
  });

  it('one that may have happened, without one acknowledged before it began', () => {
    expect(judge([...write(1), ...write(2, 'info'), ...read(2)]).valid).toBe('invalid');
  });
});

it('does not judge what it did not see', () => {
  expect(judge(write(1))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkSessionVersions } from './session-versions.ts';

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkSessionVersions(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}

const read = (process: number, session: string, value: Value, version?: number): Line[] => [
  [process, 'invoke', 'read', null, { session }],
  [process, 'ok', 'read', version === undefined ? value : { value, version }, { session }],
];
const write = (process: number, session: string, value: Value, version: number): Line[] => [
  [process, 'invoke', 'write', value, { session }],
  [process, 'ok', 'write', { version }, { session }],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'versions that grow or stay': [
      ...read(0, 's', 1, 1),
      ...read(0, 's', 1, 1),
      ...read(0, 's', 2, 2),
    ],
    'an older version in another session': [...read(0, 's', 2, 2), ...read(1, 't', 1, 1)],
    'an older version after a reconnect of the process': [
      ...read(0, 's', 2, 2),
      ...read(0, 't', 1, 1),
    ],
    'absent, then present': [...read(0, 's', null), ...write(0, 's', 1, 0), ...read(0, 's', 1, 0)],
    'answers of one session that overlap': [
      [0, 'invoke', 'read', null, { session: 's' }],
      [1, 'invoke', 'read', null, { session: 's' }],
      [0, 'ok', 'read', { value: 2, version: 2 }, { session: 's' }],
      [1, 'ok', 'read', { value: 1, version: 1 }, { session: 's' }],
    ],
    'a refused compare': [
      ...write(0, 's', 1, 5),
      [0, 'invoke', 'cas', [3, 4], { session: 's' }],
      [0, 'ok', 'cas', { swapped: false, version: 1 }, { session: 's' }],
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    expect(judge(lines)).toMatchObject({ valid: 'valid' });
  });

  it('a step back to absent where keys are deleted', () => {
    const lines = [...read(0, 's', 1, 1), ...read(0, 's', null)];
    expect(judge(lines, { deletes: true }).valid).toBe('valid');
    expect(judge(lines).anomalies?.[0]?.explanation).toContain('told absent');
  });

  it('different keys with different versions', () => {
    const keyed = (key: string, version: number): Line[] => [
      [0, 'invoke', 'read', [key, null], { session: 's' }],
      [0, 'ok', 'read', [key, { value: version, version }], { session: 's' }],
    ];
    const lines = [...keyed('a', 5), ...keyed('b', 1)];
    expect(judge(lines, { keyed: true }).valid).toBe('valid');
    expect(judge([...lines, ...keyed('a', 4)], { keyed: true }).valid).toBe('invalid');
  });
});

describe('rejects', () => {
  it('a version that decreases within a session, and says which answers', () => {
    const [anomaly] = judge([...write(0, 's', 2, 2), ...read(0, 's', 1, 1)]).anomalies ?? [];
    expect(anomaly?.name).toBe('session-version-decreased');
    expect(anomaly?.operations).toEqual([0, 1, 2, 3]);
    expect(anomaly?.explanation).toContain(
      'write #0–#1 on n1 told version 2 with value 2, and then read #2–#3 on n1 told version 1',
    );
  });

  it('two values of one version', () => {
    const [anomaly] = judge([...write(0, 's', 1, 7), ...read(1, 't', 2, 7)]).anomalies ?? [];
    expect(anomaly?.name).toBe('version-with-two-values');
    expect(anomaly?.operations).toEqual([0, 1, 2, 3]);
  });

  it('a swapped value against a read of the same version', () => {
    const swap: Line[] = [
      [0, 'invoke', 'cas', { from: 1, to: 2 }, { session: 's' }],
      [0, 'ok', 'cas', { swapped: true, version: 3 }, { session: 's' }],
    ];
    expect(judge([...swap, ...read(1, 't', 2, 3)]).valid).toBe('valid');
    expect(judge([...swap, ...read(1, 't', 1, 3)]).valid).toBe('invalid');
  });
});

it('does not judge when no answer tells a version', () => {
  expect(judge(read(0, 's', 1))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

import { expect, it } from 'vitest';

import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { summariseOperations } from './statistics.ts';

it('counts outcomes by f, and measures rates and latencies', () => {
  const lines: Line[] = [
    [0, 'invoke', 'read', null],
    [0, 'ok', 'read', 1],
    [1, 'invoke', 'write', 1],
    [0, 'invoke', 'read', null],
    [0, 'ok', 'read', 1],
    [1, 'ok', 'write', 1],
    [1, 'invoke', 'write', 2],
    [1, 'info', 'write', 2, { error: { kind: 'deadline', message: '' } }],
    [2, 'invoke', 'write', 3],
    [2, 'fail', 'write', 3, { error: { kind: 'rejected', code: 'Z1', message: '' } }],
    [0, 'invoke', 'read', null],
  ];
  const verdict = summariseOperations(runOf(historyOf(lines)), {}, { timeMs: 1 });
  expect(verdict.valid).toBe('valid');
  expect(verdict.summary).toBe('6 operations: 3 ok, 1 fail, 2 info');
  expect(verdict.figures).toMatchObject({
    read: {
      invoked: 3,
      ok: 2,
      fail: 0,
      info: 1,
      okPerSecond: 200,
      okLatencyMs: { p50: 1, max: 1 },
    },
    write: {
      invoked: 3,
      ok: 1,
      fail: 1,
      info: 1,
      okLatencyMs: { p50: 3 },
      errors: { deadline: 1, 'rejected Z1': 1 },
    },
    all: { invoked: 6, ok: 3, okPerSecond: 300, okLatencyMs: { p50: 1, p95: 3, max: 3 } },
  });
});

it('takes an empty history', () => {
  const verdict = summariseOperations(runOf([]), {}, { timeMs: 1 });
  expect(verdict.figures).toMatchObject({ all: { invoked: 0, okLatencyMs: null } });
});

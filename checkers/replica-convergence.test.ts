import { expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { OperationType, Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkReplicaConvergence } from './replica-convergence.ts';

function judge(lines: readonly Line[]): Verdict {
  return checkReplicaConvergence(runOf(historyOf(lines)), {}, { timeMs: 1_000 });
}

const state = (node: string, value: Value, type: OperationType = 'ok'): Line[] => [
  [0, 'invoke', 'final-state', null, { node }],
  [0, type, 'final-state', value, { node }],
];

it('accepts equal states, whatever the order of their members', () => {
  const verdict = judge([
    ...state('n1', { a: 1, b: 2 }),
    ...state('n2', { b: 2, a: 1 }),
    ...state('n3', null, 'info'),
  ]);
  expect(verdict).toMatchObject({ valid: 'valid', figures: { answered: ['n1', 'n2'] } });
});

it('lets the last answer of a node count', () => {
  const lines = [...state('n1', { a: 1 }), ...state('n2', { a: 2 }), ...state('n1', { a: 2 })];
  expect(judge(lines).valid).toBe('valid');
});

it('rejects different states, and names nodes and members', () => {
  const lines = [
    ...state('n1', { a: 1, b: 2 }),
    ...state('n2', { a: 1, b: 2 }),
    ...state('n3', { a: 1 }),
  ];
  const verdict = judge(lines);
  expect(verdict.valid).toBe('invalid');
  const [anomaly] = verdict.anomalies ?? [];
  expect(anomaly?.name).toBe('replica-divergence');
  expect(anomaly?.operations).toEqual([0, 1, 2, 3, 4, 5]);
  expect(anomaly?.explanation).toContain('n1 (#0–#1), n2 (#2–#3) | n3 (#4–#5)');
  expect(anomaly?.explanation).toContain('n1 and n3 differ in 1 of 2 members (b: 2 and absent)');
});

it('does not judge a single answer', () => {
  const lines = [...state('n1', { a: 1 }), ...state('n2', null, 'fail')];
  expect(judge(lines)).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

import { expect, test } from 'vitest';
import type { Anomaly } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { checkLinearizableRegister, watchLinearizableRegister } from '../linearizable-register.ts';
import { historyOf, type Line, runOf } from '../micro-history.ts';

function watch(
  lines: readonly Line[],
  options: Readonly<Record<string, Value>> = {},
): Anomaly | null {
  const judge = watchLinearizableRegister(options);
  for (const operation of historyOf(lines)) {
    const anomaly = judge.add(operation);
    if (anomaly !== null) return anomaly;
  }
  return null;
}

const stale: readonly Line[] = [
  [0, 'invoke', 'write', 1],
  [0, 'ok', 'write', 1],
  [0, 'invoke', 'write', 2],
  [0, 'ok', 'write', 2],
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', 1],
  [0, 'invoke', 'write', 1],
];

test('a stale read is told with its completion, before what comes later', () => {
  expect(watch(stale)).toMatchObject({
    name: 'nonlinearizable',
    operations: [4, 5],
    legalPrefix: 5,
  });
});

test('what a pending or unknown write may explain is not accused', () => {
  const pending: readonly Line[] = [[2, 'invoke', 'write', 1], ...stale.slice(0, 6)];
  expect(watch(pending)).toBeNull();
  const unknown: readonly Line[] = [
    [2, 'invoke', 'write', 1],
    [2, 'info', 'write', 1],
    ...stale.slice(0, 6),
  ];
  expect(watch(unknown)).toBeNull();
});

test('keys are judged each for itself, by the names of the workload', () => {
  const keyed = (key: string, lines: readonly Line[]): Line[] =>
    lines.map(([process, type, f, value]) => [
      process,
      type,
      f === 'read' ? 'strict-read' : f,
      [key, value],
    ]);
  const options = { keyed: true, reads: ['strict-read'] };
  expect(
    watch([...keyed('x', stale.slice(0, 2)), ...keyed('y', stale.slice(0, 6))], options),
  ).not.toBeNull();
  expect(
    watch(
      [
        ...keyed('x', stale.slice(0, 4)),
        ...keyed('y', [
          [1, 'invoke', 'read', null],
          [1, 'ok', 'read', null],
        ]),
      ],
      options,
    ),
  ).toBeNull();
});

test('more keys than are kept: none is accused, and old ones are left to the end', () => {
  const judge = watchLinearizableRegister({ keyed: true });
  const lines: Line[] = [];
  for (let key = 0; key < 400; key++) {
    lines.push([0, 'invoke', 'write', [key, 1]], [0, 'ok', 'write', [key, 1]]);
  }
  lines.push([1, 'invoke', 'read', [0, null]], [1, 'ok', 'read', [0, null]]);
  for (const operation of historyOf(lines)) expect(judge.add(operation)).toBeNull();
  expect(
    checkLinearizableRegister(runOf(historyOf(lines)), { keyed: true }, { timeMs: 1000 }).valid,
  ).toBe('invalid');
});

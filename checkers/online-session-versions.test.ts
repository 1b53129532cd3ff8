import { expect, test } from 'vitest';
import type { Anomaly } from '../harness/checker.ts';
import { historyOf, type Line } from './micro-history.ts';
import { watchSessionVersions } from './session-versions.ts';

function watch(lines: readonly Line[]): Anomaly | null {
  const judge = watchSessionVersions({});
  for (const operation of historyOf(lines)) {
    const anomaly = judge.add(operation);
    if (anomaly !== null) return anomaly;
  }
  return null;
}

const read = (process: number, value: number, version: number): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', { value, version }],
];

test('a lower version than the session had is told at once', () => {
  expect(watch([...read(0, 5, 2), ...read(0, 4, 1)])).toMatchObject({
    name: 'session-version-decreased',
    operations: [0, 1, 2, 3],
  });
});

test('one version with two values is told, whoever read it', () => {
  expect(watch([...read(0, 5, 2), ...read(1, 6, 2)])).toMatchObject({
    name: 'version-with-two-values',
  });
});

test('other sessions may be behind, and answers that were under way may overtake each other', () => {
  expect(watch([...read(0, 5, 2), ...read(1, 4, 1)])).toBeNull();
  const overlapping: readonly Line[] = [
    [0, 'invoke', 'read', null, { session: 's' }],
    [1, 'invoke', 'read', null, { session: 's' }],
    [0, 'ok', 'read', { value: 5, version: 2 }, { session: 's' }],
    [1, 'ok', 'read', { value: 4, version: 1 }, { session: 's' }],
  ];
  expect(watch(overlapping)).toBeNull();
});

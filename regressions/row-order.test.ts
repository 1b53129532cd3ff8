import { describe, expect, test } from 'vitest';
import { fits, inOrder, type Load, loadOf } from './row-order.ts';
import { REGRESSIONS } from './registry.ts';
import { rowsOf } from './regression.ts';

const ROOM = { jobs: 3, memoryMb: 4000 };
const load = (system: string, memoryMb = 600, alone: Load['alone'] = 'no'): Load => ({
  system,
  memoryMb,
  alone,
});

describe('an attempt', () => {
  test('begins beside others while there is room', () => {
    expect(fits(load('a'), [load('a'), load('b')], ROOM)).toBe(true);
    expect(fits(load('a'), [load('a'), load('b'), load('b')], ROOM)).toBe(false);
    expect(fits(load('a', 3500), [load('b')], ROOM)).toBe(false);
  });
  test('alone always may: the run itself says what is too large', () => {
    expect(fits(load('a', 1e6), [], ROOM)).toBe(true);
  });
  test('that is the only one of its system waits for the other', () => {
    const large = load('alluxio', 1800, 'system');
    expect(fits(large, [large], ROOM)).toBe(false);
    expect(fits(load('alluxio'), [large], ROOM)).toBe(false);
    expect(fits(large, [load('etcd')], ROOM)).toBe(true);
  });
  test('that stands nothing beside it has nothing beside it', () => {
    const alone = load('a', 100, 'machine');
    expect(fits(alone, [load('b')], ROOM)).toBe(false);
    expect(fits(load('b'), [alone], ROOM)).toBe(false);
    expect(fits(alone, [], ROOM)).toBe(true);
  });
});

test('what runs one at a time is begun first, what runs with nothing beside it last', () => {
  const jobs = (['no', 'machine', 'system', 'no'] as const).map((alone, id) => ({
    id,
    load: load('a', 1, alone),
  }));
  expect(inOrder(jobs).map(({ id }) => id)).toEqual([2, 0, 3, 1]);
});

describe.each(REGRESSIONS.map((regression) => [regression.name, regression] as const))(
  '%s',
  (_, regression) => {
    const rows = rowsOf(regression);
    test('has rows with names of their own, one that must hit or hold', () => {
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
      expect(regression.quick.every((name) => rows.some((row) => row.name === name))).toBe(true);
    });
    test('can be had in every row, with a rate that says something', () => {
      for (const row of rows) {
        const { plan, version } = row;
        if (!('model' in plan)) expect(regression.system.versions).toContain(version);
        if (row.expected !== 'clean') expect(plan.rate).toBeGreaterThan(0);
        expect(plan.rate).toBeLessThanOrEqual(1);
        expect(plan.anomalies.length).toBeGreaterThan(0);
        expect(loadOf(row).memoryMb).toBeGreaterThan(0);
      }
    });
  },
);

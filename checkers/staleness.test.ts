import { describe, expect, it } from 'vitest';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkBoundedStaleness } from './staleness.ts';

const BUDGET = { timeMs: 1_000 };

/** Each line takes a millisecond. */
function validity(
  lines: readonly Line[],
  options: Parameters<typeof checkBoundedStaleness>[1],
): string {
  return checkBoundedStaleness(runOf(historyOf(lines)), options, BUDGET).valid;
}

function write(value: number): Line[] {
  return [
    [0, 'invoke', 'write', value],
    [0, 'ok', 'write', value],
  ];
}

function read(value: number | null): Line[] {
  return [
    [1, 'invoke', 'read', null],
    [1, 'ok', 'read', value],
  ];
}

describe('checkBoundedStaleness', () => {
  // The value 1 is gone by millisecond 3 at the latest; the read begins at 8.
  const late = [...write(1), ...write(2), ...read(2), ...read(2), ...read(1)];
  it('counts milliseconds from the end of the write that replaced the value', () => {
    expect(validity(late, { milliseconds: 5 })).toBe('valid');
    expect(validity(late, { milliseconds: 4 })).toBe('invalid');
  });
  it('counts versions', () => {
    const lines = [...write(1), ...write(2), ...write(3), ...read(1)];
    expect(validity(lines, { versions: 3 })).toBe('valid');
    expect(validity(lines, { versions: 2 })).toBe('invalid');
    expect(validity([...write(1), ...read(null)], { versions: 2 })).toBe('valid');
    expect(validity([...write(1), ...read(null)], { versions: 1 })).toBe('invalid');
  });
  it('judges values that are written twice by search', () => {
    const lines = [...write(1), ...write(2), ...write(1), ...read(2)];
    expect(validity(lines, { milliseconds: 1 })).toBe('valid');
    expect(validity(lines, { milliseconds: 0 })).toBe('invalid');
  });
  it('never excuses what was not written yet', () => {
    const lines = [...read(1), ...write(1)];
    expect(validity(lines, { milliseconds: 1_000 })).toBe('invalid');
    expect(validity(lines, { versions: 100 })).toBe('invalid');
  });
  it('names the operations', () => {
    const run = runOf(historyOf(late));
    const { anomalies } = checkBoundedStaleness(run, { milliseconds: 0 }, BUDGET);
    expect(anomalies?.[0]).toMatchObject({
      name: 'stale-read',
      operations: [0, 1, 2, 3, 6, 7, 8, 9],
    });
  });
  it('is unknown when nothing was read', () => {
    expect(validity(write(1), { versions: 1 })).toBe('unknown');
  });
  it('wants a bound, and no compare-and-sets', () => {
    expect(() => validity(late, {})).toThrow(/milliseconds or versions/);
    expect(() => validity(late, { versions: 0 })).toThrow(/from 1 on/);
  });
});

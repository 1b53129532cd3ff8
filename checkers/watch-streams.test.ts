import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkWatchStreams } from './watch-streams.ts';

/** Acknowledged puts, one after another: `[key, value, revision]`. */
const puts = (...writes: readonly (readonly [string, Value, number])[]): Line[] =>
  writes.flatMap(([key, value, revision]): Line[] => [
    [0, 'invoke', 'put', [key, value]],
    [0, 'ok', 'put', { revision }],
  ]);
/** A watch that was told these events; the value of each is ten times its revision. */
const watch = (
  told: Readonly<Record<string, Value>>,
  ...events: readonly (readonly [string, number])[]
): Line[] => [
  [1, 'invoke', 'watch', null],
  [
    1,
    'ok',
    'watch',
    {
      ...told,
      revisions: events.map(([key, revision]) => ({ revision, key, value: revision * 10 })),
    },
  ],
];

function judge(...lines: readonly Line[][]): Verdict {
  return checkWatchStreams(runOf(historyOf(lines.flat())), {}, { timeMs: 1_000 });
}
const names = (...lines: readonly Line[][]): string[] =>
  judge(...lines).anomalies?.map(({ name }) => name) ?? [];

const THREE = puts(['x', 20, 2], ['y', 30, 3], ['x', 40, 4]);

describe('accepts', () => {
  it('a stream that tells all there was, of its keys', () => {
    expect(judge(THREE, watch({ from: 2 }, ['x', 2], ['y', 3], ['x', 4])).valid).toBe('valid');
    expect(judge(THREE, watch({ from: 2, key: 'x' }, ['x', 2], ['x', 4])).valid).toBe('valid');
    expect(judge(THREE, watch({ from: 2, prefix: 'y', to: 4 }, ['y', 3])).valid).toBe('valid');
  });

  it('one that began later, was cut short, or resumed where it ended', () => {
    expect(names(THREE, watch({ from: 3 }, ['y', 3]))).toEqual([]);
    expect(names(THREE, watch({ from: null }, ['y', 3], ['x', 4]))).toEqual([]);
    const resumed = watch({ resumedFrom: 2 }, ['y', 3], ['x', 4]);
    expect(names(THREE, watch({ from: 2 }, ['x', 2]), resumed)).toEqual([]);
  });

  it('one that asked again for what it had been told', () => {
    expect(
      names(THREE, watch({ from: 2 }, ['x', 2], ['y', 3]), watch({ from: 2 }, ['x', 2])),
    ).toEqual([]);
  });

  it('two keys in one revision, and part of the last one', () => {
    const both = watch({ from: 2 }, ['x', 2], ['y', 2], ['x', 3]);
    expect(names(both, watch({ from: 2 }, ['x', 2]))).toEqual([]);
  });

  it('one whose beginning was compacted', () => {
    expect(names(THREE, watch({ from: 2, compacted: 3 }))).toEqual([]);
    expect(names(THREE, watch({ from: 2, compacted: 3 }, ['x', 4]))).toEqual([]);
  });

  it('writes that overlap and got their revisions in either order', () => {
    const overlapping: Line[] = [
      [0, 'invoke', 'put', ['x', 30]],
      [2, 'invoke', 'put', ['y', 20]],
      [0, 'ok', 'put', { revision: 3 }],
      [2, 'ok', 'put', { revision: 2 }],
    ];
    expect(names(overlapping, watch({ from: 2 }, ['y', 2], ['x', 3]))).toEqual([]);
  });

  it('no verdict on watches that were told nothing', () => {
    expect(judge(THREE, watch({ from: 9 }))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });
});

describe('rejects', () => {
  it('an event out of order', () => {
    expect(names(THREE, watch({ from: 2 }, ['x', 2], ['x', 4], ['y', 3]))).toEqual([
      'watch-unordered',
    ]);
  });

  it('an event told twice', () => {
    expect(names(THREE, watch({ from: 2 }, ['x', 2], ['x', 2]))).toEqual(['watch-duplicate']);
  });

  it('an event from before the beginning: a resumed stream that goes back', () => {
    const resumed = watch({ resumedFrom: 3 }, ['y', 3], ['x', 4]);
    expect(names(THREE, resumed)).toEqual(['watch-before-start']);
  });

  it('an acknowledged write that the stream passed over', () => {
    const verdict = judge(THREE, watch({ from: 2 }, ['x', 2], ['x', 4]));
    expect(verdict.anomalies?.[0]).toMatchObject({ name: 'watch-gap', operations: [2, 3, 6, 7] });
    expect(verdict.anomalies?.[0]?.explanation).toContain('missed 1 events: "y" at 3');
  });

  it('one missing after a progress notification, and after resuming', () => {
    expect(names(THREE, watch({ from: 2, to: 4 }, ['x', 2], ['y', 3]))).toEqual(['watch-gap']);
    expect(names(THREE, watch({ resumedFrom: 2 }, ['x', 4]))).toEqual(['watch-gap']);
  });

  it('one that only another stream was told', () => {
    const [one, other] = [
      watch({ from: 2 }, ['x', 2], ['y', 3], ['x', 4]),
      watch({ from: 2 }, ['x', 2], ['x', 4]),
    ];
    expect(names(one, other)).toEqual(['watch-gap']);
  });

  it('another value than was written, and streams that differ', () => {
    expect(names(puts(['x', 99, 2]), watch({ from: 2 }, ['x', 2]))).toEqual(['watch-conflict']);
    const deleted: Line[] = [
      [2, 'invoke', 'watch', null],
      [2, 'ok', 'watch', { from: 2, revisions: [{ revision: 2, key: 'x', type: 'delete' }] }],
    ];
    expect(names(watch({ from: 2 }, ['x', 2]), deleted)).toEqual(['watch-conflict']);
  });

  it('revisions that go back, or are given twice', () => {
    expect(names(puts(['x', 30, 3], ['y', 20, 2]), watch({ from: 9 }))).toEqual([
      'revision-decreased',
    ]);
    const overlapping: Line[] = [
      [0, 'invoke', 'put', ['x', 1]],
      [2, 'invoke', 'put', ['x', 2]],
      [0, 'ok', 'put', { revision: 3 }],
      [2, 'ok', 'put', { revision: 3 }],
    ];
    expect(names(overlapping)).toEqual(['revision-twice']);
  });
});

describe('values that break the conventions', () => {
  it('are named by their line', () => {
    const lines: Line[] = [
      [1, 'invoke', 'watch', null],
      [1, 'ok', 'watch', { revisions: [{ revision: 'two', key: 'x' }] }],
    ];
    expect(() => judge(lines)).toThrow(/line 1: .* expected each of revisions to be/);
  });

  it('a watch whose outcome is not known may tell what it was told', () => {
    const unknown: Line[] = [
      [1, 'invoke', 'watch', null],
      [1, 'info', 'watch', null],
    ];
    const partial: Line[] = [
      [2, 'invoke', 'watch', null],
      [2, 'info', 'watch', { from: 2, revisions: [{ revision: 4, key: 'x', value: 40 }] }],
    ];
    expect(names(THREE, unknown, partial)).toEqual(['watch-gap']);
  });
});

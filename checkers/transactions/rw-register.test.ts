import { describe, expect, it } from 'vitest';

import type { JudgingOptions } from '../judging/history-judge.ts';
import type { Line } from '../micro-history.ts';
import { judged, sequentially, serially, together, type Script } from './micro-transactions.ts';

const MODEL = 'rw-register';
const one = (...scripts: readonly Script[]): Line[] => serially(MODEL, ...scripts);
const same = (...scripts: readonly Script[]): Line[] => together(MODEL, ...scripts);
const WFR = { versionOrders: ['wfr-keys'] as const };

function typesOf(lines: readonly Line[], options?: Partial<JudgingOptions>): readonly string[] {
  return judged(MODEL, lines, options).anomalyTypes ?? [];
}

describe('histories that are serial', () => {
  it('are valid, with an order that replays', () => {
    const verdict = judged(MODEL, one('wx1', 'rx1 wx2', 'rx2 wy1', 'ry1 rx2'), WFR);
    expect(verdict.verdict.valid).toBe('valid');
    expect(verdict.certificates).toEqual([
      { kind: 'serial-order', order: [0, 2, 4, 6], respects: 'realtime' },
    ]);
  });
  it('may hold transactions that are not known to have happened, and some that failed', () => {
    expect(typesOf(one('wx1', ['wx2', 'info'], 'rx2', ['wx3', 'fail'], 'rx2'))).toEqual([]);
  });
});

describe('anomalies without a cycle', () => {
  it('G1a', () => {
    expect(typesOf(one(['wx1', 'fail'], 'rx1'))).toContain('G1a');
    expect(typesOf(one(['wx1', 'info'], 'rx1'))).toEqual([]);
  });
  it('G1b', () => {
    expect(typesOf(same('wx1 wx2', 'rx1'))).toContain('G1b');
    expect(typesOf(same('wx1 wx2', 'rx2'))).toEqual([]);
  });
  it('internal', () => {
    expect(typesOf(one('wx1', 'wx2 rx1'))).toContain('internal');
    expect(typesOf(one('wx1', 'rx_ rx1'))).toContain('internal');
    expect(typesOf(one('wx1', 'wx2 rx2'))).toEqual([]);
  });
  it('lost-update', () => {
    expect(typesOf(one('wx1', 'rx1 wx2', 'rx1 wx3'))).toContain('lost-update');
    expect(typesOf(one('wx1', 'rx1 wx2', 'rx2 wx3'))).toEqual([]);
  });
  it('cyclic-versions: an assumption that the history refutes', () => {
    const circle = same('rx1 wx2', 'rx2 wx1');
    expect(typesOf(circle, WFR)).toContain('cyclic-versions');
    expect(typesOf(circle)).not.toContain('cyclic-versions');
    const back = sequentially(MODEL, 'wx1', 'wx2', 'rx1');
    expect(typesOf(back, { versionOrders: ['sequential-keys'] })).toContain('cyclic-versions');
    expect(typesOf(back)).toEqual([]);
    const stale = one('wx1', 'wx2', 'rx1');
    expect(typesOf(stale, { versionOrders: ['linearizable-keys'] })).toContain('cyclic-versions');
    expect(typesOf(stale, { versionOrders: ['sequential-keys'] })).toEqual([]);
  });
});

describe('cycles', () => {
  it('G0', () => {
    const lines: Line[] = [
      ...same('wx1 wy2', 'wx2 wy1'),
      ...sequentially(MODEL, 'rx2'),
      [1, 'invoke', 'txn', [['r', 'y', null]]],
      [1, 'ok', 'txn', [['r', 'y', 2]]],
    ];
    expect(typesOf(lines, { versionOrders: ['sequential-keys'] })).toContain('G0');
    expect(typesOf(lines)).toEqual([]);
  });
  it('G1c', () => {
    expect(typesOf(same('wx1 ry1', 'wy1 rx1'))).toEqual(['G1c']);
    expect(typesOf(same('wx1 ry_', 'wy1 rx1'))).toEqual([]);
  });
  it('G-single-item', () => {
    expect(typesOf(same('wx1 wy1', 'rx1 ry_'))).toEqual(['G-single-item']);
    expect(typesOf(same('wx1 wy1', 'rx_ ry_'))).toEqual([]);
  });
  it('G-nonadjacent-item', () => {
    expect(typesOf(same('wx1', 'wy1', 'rx1 ry_', 'rx_ ry1'))).toEqual(['G-nonadjacent-item']);
  });
  it('G2-item', () => {
    expect(typesOf(same('rx_ wy1', 'ry_ wx1'))).toEqual(['G2-item']);
    expect(typesOf(same('rx_ wy1', 'ry1 wx1'))).toEqual([]);
  });
  it('-realtime and -process', () => {
    expect(typesOf(one('wx1', 'rx_'))).toEqual(['G-single-item-realtime']);
    expect(typesOf(one('rx1', 'wx1'))).toEqual(['G1c-realtime']);
    const session = { consistency: ['strong-session-serializable'] };
    expect(typesOf(sequentially(MODEL, 'wx1', 'rx_'), session)).toEqual(['G-single-item-process']);
    expect(typesOf(one('wx1', 'rx_'), session)).toEqual([]);
  });
  it('by a write that follows a read', () => {
    const skipped = one('wx1', 'rx1 wx2', 'rx1');
    expect(typesOf(skipped, WFR)).toContain('G-single-item-realtime');
    expect(typesOf(skipped)).toEqual([]);
  });
  it('through a key that nobody read at first, with many writers', () => {
    const writes = Array.from({ length: 9 }, (_, i) => `wx${String(i + 1)}`);
    expect(typesOf(one(...writes, 'rx_'))).toContain('G-single-item-realtime');
    expect(typesOf(one('rx_', ...writes))).toEqual([]);
  });
});

describe('what cannot be judged', () => {
  it('is unknown where what was read may be of two writers', () => {
    expect(judged(MODEL, one('wx1', 'wx1', 'rx1')).verdict).toMatchObject({ valid: 'unknown' });
    expect(judged(MODEL, one('wx1', 'wx1', 'rx_')).verdict.valid).not.toBe('unknown');
  });
});

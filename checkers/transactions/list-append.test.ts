import { describe, expect, it } from 'vitest';

import type { JudgingOptions } from '../judging/history-judge.ts';
import type { Line } from '../micro-history.ts';
import { judged, sequentially, serially, together } from './micro-transactions.ts';

const MODEL = 'list-append';
const one = (...scripts: Parameters<typeof serially> extends [string, ...infer S] ? S : never) =>
  serially(MODEL, ...scripts);
const same = (...scripts: Parameters<typeof serially> extends [string, ...infer S] ? S : never) =>
  together(MODEL, ...scripts);

function typesOf(lines: readonly Line[], options?: Partial<JudgingOptions>): readonly string[] {
  return judged(MODEL, lines, options).anomalyTypes ?? [];
}

describe('histories that are serial', () => {
  it('are valid, with an order that replays', () => {
    const verdict = judged(MODEL, one('ax1', 'rx1 ax2', 'rx12 ay1', 'ry1 rx12'));
    expect(verdict.verdict.valid).toBe('valid');
    expect(verdict.anomalyTypes).toEqual([]);
    expect(verdict.certificates).toEqual([
      { kind: 'serial-order', order: [0, 2, 4, 6], respects: 'realtime' },
    ]);
  });
  it('may hold transactions that are not known to have happened', () => {
    const lines = one('ax1', ['ax2', 'info'], ['ax3', 'info'], 'rx13', ['ax4', 'invoke']);
    const verdict = judged(MODEL, lines);
    expect(verdict.verdict.valid).toBe('valid');
    expect(verdict.certificates).toEqual([
      { kind: 'serial-order', order: [0, 4, 6], respects: 'realtime' },
    ]);
  });
  it('may hold transactions that failed', () => {
    expect(typesOf(one('ax1', ['ax2', 'fail'], 'rx1'))).toEqual([]);
  });
});

describe('anomalies without a cycle', () => {
  it('G1a: what a failed transaction appended', () => {
    expect(typesOf(one(['ax1', 'fail'], 'rx1'))).toContain('G1a');
    expect(typesOf(one(['ax1', 'info'], 'rx1'))).toEqual([]);
  });
  it('G1b: what its transaction appended more to', () => {
    expect(typesOf(same('ax1 ax2', 'rx1'))).toContain('G1b');
    expect(typesOf(same('ax1 ax2', 'rx12'))).toEqual([]);
    expect(typesOf(one('ax1 rx1 ax2', 'rx12'))).toEqual([]);
  });
  it('internal: a read against its own reads and appends', () => {
    expect(typesOf(one('ax1', 'ay1 rx1 rx_'))).toContain('internal');
    expect(typesOf(one('ax1', 'ax2 rx1', 'rx12'))).toContain('internal');
    expect(typesOf(one('ax1', 'rx1 ax2 rx12 ax3 rx123'))).toEqual([]);
    expect(typesOf(one('ax1', 'ax2 rx12'))).toEqual([]);
  });
  it('future-read: a read of what it appends only afterwards', () => {
    expect(typesOf(one('rx1 ax1'))).toContain('future-read');
    expect(typesOf(one('ax1 rx1', 'rx1'))).toEqual([]);
  });
  it('dirty-update: on top of what a failed transaction appended', () => {
    expect(typesOf(one(['ax1', 'fail'], 'ax2', 'rx12'))).toContain('dirty-update');
    expect(typesOf(one(['ax1', 'fail'], 'ax2', 'rx2'))).toEqual([]);
    expect(typesOf(one('ax2', ['ax1', 'fail'], 'rx21'))).not.toContain('dirty-update');
  });
  it('lost-update: two read a list, and both append to it', () => {
    expect(typesOf(one('ax1', 'rx1 ax2', 'rx1 ax3'))).toContain('lost-update');
    expect(typesOf(same('rx_ ax2', 'rx_ ax3'))).toContain('lost-update');
    expect(typesOf(one('ax1', 'rx1 ax2', 'rx12 ax3'))).toEqual([]);
  });
  it('duplicate-elements: an element twice', () => {
    expect(typesOf(one('ax1', 'rx11'))).toContain('duplicate-elements');
    expect(typesOf(one('ax1 ay1', 'rx1 ry1'))).toEqual([]);
  });
  it('incompatible-order: lists that are no states of one list', () => {
    expect(typesOf(same('ax1', 'ax2', 'rx12', 'rx21'))).toContain('incompatible-order');
    expect(typesOf(same('ax1', 'ax2', 'rx12', 'rx1'))).not.toContain('incompatible-order');
  });
  it('unproduced-read: what nobody appended', () => {
    expect(typesOf(one('ax1', 'rx12'))).toContain('unproduced-read');
    expect(typesOf(one(['ax1', 'invoke'], 'rx1'))).toEqual([]);
  });
  it('reordered-appends: two elements of one transaction the other way round', () => {
    expect(typesOf(one('ax1 ax2', 'rx21'))).toContain('reordered-appends');
    expect(typesOf(one('ax1 ax2', 'rx12'))).toEqual([]);
  });
});

describe('cycles', () => {
  it('G0: writes ordered one way on a key, the other way on another', () => {
    expect(typesOf(same('ax1 ay1', 'ax2 ay2', 'rx12 ry21'))).toContain('G0');
    expect(typesOf(same('ax1 ay1', 'ax2 ay2', 'rx12 ry12'))).toEqual([]);
  });
  it('G1c: each reads what the other wrote', () => {
    expect(typesOf(same('ax1 ry1', 'ay1 rx1'))).toContain('G1c');
    expect(typesOf(same('ax1 ry1', 'ay1 rx_'))).toEqual([]);
  });
  it('G-single-item: it reads one key before, the other after a transaction', () => {
    expect(typesOf(same('ax1 ay1', 'rx1 ry_'))).toEqual(['G-single-item']);
    expect(typesOf(same('ax1 ay1', 'rx_ ry_'))).toEqual([]);
  });
  it('G-nonadjacent-item: a long fork', () => {
    expect(typesOf(same('ax1', 'ay1', 'rx1 ry_', 'rx_ ry1'))).toEqual(['G-nonadjacent-item']);
    expect(typesOf(same('ax1', 'ay1', 'rx1 ry_', 'rx1 ry1'))).toEqual([]);
  });
  it('G2-item: write skew', () => {
    expect(typesOf(same('rx_ ay1', 'ry_ ax1'))).toEqual(['G2-item']);
    expect(typesOf(same('rx_ ay1', 'ry1 ax1'))).toEqual([]);
  });
  it('-realtime: only with the order of real time', () => {
    expect(typesOf(one('ax1', 'rx_'))).toEqual(['G-single-item-realtime']);
    expect(typesOf(one('ax1', 'rx_'), { consistency: ['serializable'] })).toEqual([]);
    expect(typesOf(one('ax1', 'ax2', 'rx21'))).toContain('G0-realtime');
    expect(typesOf(one('rx1 ry_', 'ax1 ay1'))).toContain('G-single-item');
    expect(typesOf(one('rx1', 'ax1'))).toContain('G1c-realtime');
    expect(typesOf(same('ax1', 'rx_'))).toEqual([]);
  });
  it('-process: only with the order of a process', () => {
    const session = { consistency: ['strong-session-serializable'] };
    const stale = sequentially(MODEL, 'ax1', 'rx_');
    expect(typesOf(stale, session)).toEqual(['G-single-item-process']);
    expect(typesOf(one('ax1', 'rx_'), session)).toEqual([]);
    expect(typesOf(sequentially(MODEL, 'rx1', 'ax1'), session)).toEqual(['G1c-process']);
    expect(typesOf(sequentially(MODEL, 'ax1', 'ax2', 'rx21'), session)).toContain('G0-process');
    expect(typesOf(stale, { consistency: ['serializable'] })).toEqual([]);
    // Without real time strict serializability asks for the order of sessions.
    expect(typesOf(stale, { realtime: false })).toEqual(['G-single-item-process']);
  });
  it('are told from those that go through many appends that no read shows', () => {
    const appends = Array.from({ length: 12 }, (_, i) => `ax${String(i % 10)}`).slice(0, 9);
    expect(typesOf(same('rx_ ay1', 'ry_ rx_', ...appends))).toEqual([]);
    expect(typesOf(one(...appends, 'rx_'))).toEqual(['G-single-item-realtime']);
  });
});

describe('consistency', () => {
  const skew = same('rx_ ay1', 'ry_ ax1');
  it('chooses what is invalid', () => {
    const verdictFor = (model: string): string =>
      judged(MODEL, skew, { consistency: [model] }).verdict.valid;
    expect(verdictFor('serializable')).toBe('invalid');
    expect(verdictFor('repeatable-read')).toBe('invalid');
    expect(verdictFor('snapshot-isolation')).toBe('valid');
    expect(verdictFor('read-committed')).toBe('valid');
  });
  it('names the weakest models ruled out, and what is left', () => {
    const { not, alsoNot, verdict } = judged(MODEL, skew);
    expect(not).toEqual(['repeatable-read']);
    expect(alsoNot).toEqual(['serializable', 'strong-serializable', 'strong-session-serializable']);
    expect(verdict.figures?.['allows']).toContain('strong-snapshot-isolation');
  });
  it('may be single anomalies', () => {
    expect(typesOf(skew, { anomalies: ['G2-item'] })).toEqual(['G2-item']);
    expect(typesOf(skew, { anomalies: ['G0'] })).toEqual([]);
  });
  it('rejects a name it does not know, with the nearest', () => {
    expect(() => judged(MODEL, skew, { consistency: ['serialisable'] })).toThrow(
      /'serialisable'; nearest: 'serializable'/,
    );
  });
});

describe('what cannot be judged', () => {
  it('is unknown where nothing depends on anything', () => {
    const { verdict, anomalyTypes } = judged(MODEL, same('ax1', 'ay1'));
    expect(anomalyTypes).toEqual(['empty-transaction-graph']);
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });
  it('is unknown where an element was appended twice', () => {
    const { verdict } = judged(MODEL, one('ax1', 'ax1', 'rx11'));
    expect(verdict).toMatchObject({ valid: 'unknown' });
    expect(verdict.summary).toMatch(/1 was written to key "x" more than once \(#0–#1 and #2–#3\)/);
  });
});

describe('evidence', () => {
  it('gives a reason for each edge, in plain words', () => {
    const { verdict, certificates } = judged(MODEL, same('ax1 ay1', 'rx1 ry_'));
    expect(certificates).toEqual([
      {
        kind: 'transaction-cycle',
        anomaly: 'G-single-item',
        edges: [
          { from: 1, to: 0, type: 'rw', key: 'y', value: null, next: 1, because: 'read-list' },
          { from: 0, to: 1, type: 'wr', key: 'x', value: 1 },
        ],
      },
    ]);
    expect(verdict.anomalies).toMatchObject([{ name: 'G-single-item', operations: [0, 1, 2, 3] }]);
    expect(verdict.anomalies?.[0]?.explanation).toBe(
      'Let T1 = #1–#3 [r "x" [1], r "y" []]; T2 = #0–#2 [append "x" 1, append "y" 1]. Then ' +
        'T1 < T2, because T1 observed the initial state of "y", to which T2 appended 1. However, ' +
        'T2 < T1, because T1 observed T2\'s append of 1 to key "x": a contradiction!',
    );
  });
  it('tells of a long way through time by its ends', () => {
    const keys = 'abcdefghijklmnopqrst';
    const between = Array.from(keys, (key) => `a${key}1`);
    const lines = one('ax1', ...between, 'rx_');
    const cycle = judged(MODEL, lines).certificates.find(
      ({ kind }) => kind === 'transaction-cycle',
    );
    expect(cycle).toMatchObject({ edges: { length: 2 } });
  });
});

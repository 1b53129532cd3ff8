import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { checkLinearizableRegister } from './linearizable-register.ts';
import { historyOf, killRecords, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';

const BUDGET = { timeMs: 5_000 };

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkLinearizableRegister(runOf(historyOf(lines)), options, BUDGET);
}

const write = (process: number, value: Value): Line[] => [
  [process, 'invoke', 'write', value],
  [process, 'ok', 'write', value],
];
const read = (process: number, value: Value): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', value],
];
const cas = (process: number, from: Value, to: Value, swapped: boolean): Line[] => [
  [process, 'invoke', 'cas', { from, to }],
  [process, 'ok', 'cas', { swapped }],
];

describe('accepts', () => {
  const accepted: Record<string, Line[]> = {
    'absent at first': read(0, null),
    'a write, then its value': [...write(0, 1), ...read(1, 1)],
    'a read beside a write, old': [
      [0, 'invoke', 'write', 1],
      ...read(1, null),
      [0, 'ok', 'write', 1],
    ],
    'a read beside a write, new': [[0, 'invoke', 'write', 1], ...read(1, 1), [0, 'ok', 'write', 1]],
    'an unknown write that shows late': [
      [0, 'invoke', 'write', 1],
      [0, 'info', 'write', 1],
      ...read(1, null),
      ...write(2, 2),
      ...read(1, 1),
    ],
    'an unknown write that never shows': [
      [0, 'invoke', 'write', 1],
      [0, 'info', 'write', 1],
      ...read(1, null),
    ],
    'a write that never completes': [[0, 'invoke', 'write', 1], ...read(1, 1)],
    'a failed write': [[0, 'invoke', 'write', 1], [0, 'fail', 'write', 1], ...read(1, null)],
    'a read of unknown answer': [
      ...write(0, 1),
      [1, 'invoke', 'read', null],
      [1, 'info', 'read', null],
    ],
    'cas and refused cas': [
      ...write(0, 1),
      ...cas(1, 1, 2, true),
      ...cas(2, 1, 3, false),
      ...read(0, 2),
    ],
    'cas from absent': [...cas(0, null, 1, true), ...read(1, 1)],
    'an unknown cas that swapped': [
      ...write(0, 1),
      [1, 'invoke', 'cas', [1, 2]],
      [1, 'info', 'cas', null],
      ...read(0, 2),
    ],
    'values with versions': [...write(0, { value: 1 }), ...read(1, { value: 1, version: 3 })],
  };
  it.each(Object.entries(accepted))('%s', (_, lines) => {
    const verdict = judge(lines);
    // A history of writes and unknown reads alone tells nothing: never valid, never invalid.
    expect(verdict.valid).toBe(
      lines.some(([, type, f]) => type === 'ok' && f !== 'write') ? 'valid' : 'unknown',
    );
  });

  it('another initial value', () => {
    expect(judge(read(0, 7), { initial: 7 }).valid).toBe('valid');
    expect(judge(read(0, 7)).valid).toBe('invalid');
  });

  it('two keys that would be illegal as one register', () => {
    const lines: Line[] = [
      ...write(0, ['a', 1]),
      ...write(0, ['b', 2]),
      [1, 'invoke', 'read', ['a', null]],
      [1, 'ok', 'read', ['a', 1]],
    ];
    const wrong: Line[] = [
      [2, 'invoke', 'read', ['b', null]],
      [2, 'ok', 'read', ['b', 1]],
    ];
    expect(judge(lines, { keyed: true }).valid).toBe('valid');
    const verdict = judge([...lines, ...wrong], { keyed: true });
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.[0]?.explanation).toContain('Key "b"');
  });
});

describe('rejects', () => {
  const rejected: Record<string, Line[]> = {
    'a value never written': read(0, 1),
    'a read from the future': [...read(0, 1), ...write(1, 1)],
    'a failed write that shows': [
      [0, 'invoke', 'write', 1],
      [0, 'fail', 'write', 1],
      ...read(1, 1),
    ],
    'a read of absent after a write': [...write(0, 1), ...read(1, null)],
    'an old value': [...write(0, 1), ...write(0, 2), ...read(1, 1)],
    'new, then old beside one write': [
      ...write(0, 1),
      [0, 'invoke', 'write', 2],
      ...read(1, 2),
      ...read(2, 1),
      [0, 'ok', 'write', 2],
    ],
    'a swap of what was not there': [...write(0, 1), ...cas(1, 2, 3, true)],
    'a refused compare that fits': [...write(0, 1), ...cas(1, 1, 3, false)],
    'two swaps of one value': [...write(0, 1), ...cas(1, 1, 2, true), ...cas(2, 1, 3, true)],
    'one unknown write seen twice': [
      [0, 'invoke', 'write', 1],
      [0, 'info', 'write', 1],
      ...write(1, 2),
      ...read(1, 1),
      ...write(1, 3),
      ...read(1, 1),
    ],
  };
  it.each(Object.entries(rejected))('%s', (_, lines) => {
    const verdict = judge(lines);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.[0]?.operations.length).toBeGreaterThan(0);
  });
});

describe('evidence', () => {
  const lost: Line[] = [
    ...write(0, 1),
    ...read(1, 1),
    ...write(0, 2),
    ...read(1, 2),
    ...read(2, 1),
    ...read(1, 1),
  ];

  it('names the acknowledged write and the later reads that miss it', () => {
    const faults = [
      ...killRecords('kill-1', 'n2', 5e6, 8e6),
      ...killRecords('kill-2', 'n1', 20e6, null),
    ];
    const verdict = checkLinearizableRegister(runOf(historyOf(lost), { faults }), {}, BUDGET);
    expect(verdict.anomalies).toHaveLength(1);
    const [anomaly] = verdict.anomalies ?? [];
    expect(anomaly?.name).toBe('lost-acknowledged-write');
    expect(anomaly?.operations).toEqual([0, 1, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(anomaly?.faults).toEqual(['kill-1']);
    expect(anomaly?.explanation).toContain('acknowledged write of 2 (#4–#5, process 0, n1)');
    expect(anomaly?.explanation).toContain('missed by 2 later reads');
    expect(anomaly?.explanation).toContain('#8–#9 by process 2 on n3 read 1');
    expect(anomaly?.explanation).toContain('#10–#11 by process 1 on n2 read 1');
    expect(anomaly?.explanation).toContain('write of 1 (#0–#1, process 0, n1)');
    expect(anomaly?.explanation).toContain('1 read begun after it did return it, on n2');
  });

  it('names a value lost to absent', () => {
    const [anomaly] = judge([...write(0, 1), ...read(1, null)]).anomalies ?? [];
    expect(anomaly?.name).toBe('lost-acknowledged-write');
    expect(anomaly?.explanation).toContain('read absent');
    expect(anomaly?.explanation).toContain('nothing wrote that value');
  });

  it('calls a read stale when the same node shows the write afterwards', () => {
    const [anomaly] = judge([...lost, ...read(1, 2), ...read(2, 2)]).anomalies ?? [];
    expect(anomaly?.name).toBe('stale-read');
  });

  it('does not blame a write when an unknown one explains the old value', () => {
    const unknown: Line[] = [
      [5, 'invoke', 'write', 1],
      [5, 'info', 'write', 1],
    ];
    expect(judge([...unknown, ...lost]).valid).toBe('valid');
    const [anomaly] = judge([...unknown, ...lost, ...write(0, 3), ...read(1, 1)]).anomalies ?? [];
    expect(anomaly?.name).toBe('nonlinearizable');
  });

  it('leaves out what is not needed and says why no order works', () => {
    const noise = Array.from({ length: 40 }, (_, n): Line[] => [
      ...write(3, n),
      ...read(4, n),
    ]).flat();
    const [anomaly] =
      judge([
        ...noise,
        ...write(0, 100),
        [0, 'invoke', 'write', 200],
        ...read(1, 200),
        ...read(2, 100),
        [0, 'ok', 'write', 200],
      ]).anomalies ?? [];
    expect(anomaly?.name).toBe('nonlinearizable');
    expect(anomaly?.operations.length).toBeLessThanOrEqual(8);
    expect(anomaly?.operations).toEqual(expect.arrayContaining([165, 166]));
    expect(anomaly?.explanation).toContain(
      'with the read of 100 (#165–#166, process 2, n3) they have none',
    );
    expect(anomaly?.explanation).toContain('holds 200 when it must have taken effect');
    expect(anomaly?.explanation).toContain('the read of 200 (#163–#164, process 1, n2)');
    expect(anomaly?.explanation).toContain('do not help');
  });
});

describe('does not judge', () => {
  it('a search that ends its budget', () => {
    const lines: Line[] = [];
    for (let open = 0; open < 50; open++) {
      const [from, to] = [open % 5, Math.floor(open / 5) % 5];
      lines.push([100 + open, 'invoke', 'cas', [from, to]]);
    }
    for (let round = 0; round < 60; round++) {
      lines.push(...write(0, round % 5), ...read(1, (round + 1 + (round % 4)) % 5));
    }
    const run = runOf(historyOf(lines));
    let looks = 0;
    const verdict = checkLinearizableRegister(
      run,
      {},
      { timeMs: 10, elapsedMs: () => looks++ * 10 },
    );
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'budget' });
  });

  it('an empty history', () => {
    expect(judge([])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });

  it('values against the conventions: that is a bug of ours', () => {
    expect(() => judge([[0, 'invoke', 'cas', 3]])).toThrow(/line 0.*expected \{from, to\}/);
    expect(() =>
      judge([
        [0, 'invoke', 'cas', [1, 2]],
        [0, 'ok', 'cas', null],
      ]),
    ).toThrow(/swapped/);
    expect(() => judge(read(0, 1), { keyed: true })).toThrow(/pair \[key, value\]/);
    expect(() => judge([], { reads: 'read' })).toThrow(/option reads: expected a list of names/);
  });
});

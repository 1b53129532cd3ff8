import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { OperationType, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line, MicroRun } from '../micro-history.ts';
import { checkDurability } from './durability.ts';

const did = (
  f: string,
  asked: Value,
  answered: Value = asked,
  type: OperationType = 'ok',
): Line[] => [
  [0, 'invoke', f, asked],
  [0, type, f, answered],
];
const write = (value: Value, type: OperationType = 'ok'): Line[] =>
  did('write', value, value, type);
const read = (value: Value): Line[] => did('read', null, value);

function judge(
  lines: readonly (readonly Line[])[],
  options: Readonly<Record<string, Value>> = {},
  more: MicroRun = {},
): Verdict {
  return checkDurability(runOf(historyOf(lines.flat()), more), options, { timeMs: 1_000 });
}

describe('accepts', () => {
  it('the last acknowledged write, or one that is not known to have ended', () => {
    expect(judge([write(1), write(2), read(2)]).valid).toBe('valid');
    expect(judge([write(1, 'info'), write(2), read(1)]).valid).toBe('valid');
    expect(judge([write(1), write(2, 'info'), read(1)]).valid).toBe('valid');
    expect(judge([write(1), write(2, 'fail'), read(1)]).valid).toBe('valid');
  });

  it('either of two writes that overlapped', () => {
    const overlapping: Line[] = [
      [0, 'invoke', 'write', 1],
      [1, 'invoke', 'write', 2],
      [0, 'ok', 'write', 1],
      [1, 'ok', 'write', 2],
    ];
    for (const last of [1, 2]) expect(judge([overlapping, read(last)]).valid).toBe('valid');
    expect(judge([overlapping, read(null)]).valid).toBe('invalid');
  });

  it('a value that was written again, swapped in, or deleted', () => {
    expect(judge([write(1), write(2), write(1), read(1)]).valid).toBe('valid');
    const swap = did('cas', { from: 1, to: 2 }, { swapped: true });
    expect(judge([write(1), swap, read(2)]).valid).toBe('valid');
    expect(judge([write(1), did('cas', [9, 2], { swapped: false }), read(1)]).valid).toBe('valid');
    expect(judge([write(1), did('delete', null), read(null)]).valid).toBe('valid');
  });
});

describe('rejects', () => {
  it('a final read of what was replaced, or of nothing', () => {
    const verdict = judge([write(1), write(2), read(1)]);
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'lost-acknowledged-write',
      operations: [2, 3, 4, 5],
    });
    expect(judge([write(1), read(null)]).valid).toBe('invalid');
    expect(judge([write(1), did('cas', [1, 2], { swapped: true }), read(1)]).valid).toBe('invalid');
  });

  it('for each key, and with values and versions', () => {
    const keyed = [
      did('write', ['x', 1]),
      did('write', ['y', 1]),
      did('read', ['x', null], ['x', { value: 1, version: 3 }]),
    ];
    expect(judge(keyed, { keyed: true }).valid).toBe('valid');
    const lost = [...keyed, did('read', ['y', null], ['y', null])];
    expect(judge(lost, { keyed: true }).anomalies?.[0]?.explanation).toContain('final read of "y"');
  });

  it('an element that was added and is gone', () => {
    const adds = [did('add', 1), did('add', 2), did('add', 3, 3, 'info')];
    expect(judge([...adds, read([2, 1])]).valid).toBe('valid');
    expect(judge([...adds, read([1, 3])]).anomalies?.[0]?.operations).toEqual([2, 3, 6, 7]);
  });
});

describe('final reads', () => {
  it('are those after the last write, or of the phase', () => {
    expect(judge([write(1), read(null), write(2), read(2)]).valid).toBe('valid');
    expect(judge([write(1), read(null), write(2)])).toMatchObject({ reason: 'vacuous' });
    const at = { notBefore: 2 * MILLISECOND, notAfter: 2 * MILLISECOND };
    const events = [{ type: 'phase' as const, phase: 'read back', ...at }];
    expect(judge([write(1), read(null), write(2)], {}, { events }).valid).toBe('invalid');
  });
});

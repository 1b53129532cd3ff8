import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { Operation, OperationType, Value } from '../../harness/operation.ts';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import {
  brokenGuarantee,
  GUARANTEES,
  monotonicReads,
  monotonicWrites,
  readYourWrites,
  writesFollowReads,
} from './guarantees.ts';
import type { Guarantee } from './guarantees.ts';
import { registerOptions } from '../register-history.ts';
import { sessionHistory } from './session-history.ts';
import type { SessionHistory } from './session-history.ts';
import { checkSessionGuarantees } from './session-guarantees.ts';

/** `a w x 1`: session a writes 1 to x, acknowledged; `a r x 1` reads it; `a i x 1`: a write with unknown outcome. */
function parse(text: string): Operation[] {
  const lines: Line[] = [];
  const processes = new Map<string, number>();
  for (const step of text.split(';')) {
    const [session = '', kind = '', key = '', word = ''] = step.trim().split(' ');
    const process = processes.get(session) ?? processes.size;
    processes.set(session, process);
    const value: Value = word === '-' ? null : Number(word);
    const f = kind === 'r' ? 'read' : 'write';
    const type: OperationType = kind === 'i' ? 'info' : 'ok';
    lines.push([process, 'invoke', f, [key, kind === 'r' ? null : value], { session }]);
    lines.push([process, type, f, [key, value], { session }]);
    if (kind === 'i') processes.set(session, process + 100);
  }
  return historyOf(lines);
}

const OPTIONS = { keyed: true };

function judge(text: string, options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkSessionGuarantees(runOf(parse(text)), { ...OPTIONS, ...options }, { timeMs: 1_000 });
}

const read = (text: string): SessionHistory =>
  sessionHistory(parse(text), registerOptions(OPTIONS));

/** What it says for each guarantee alone: those that are broken. */
function broken(text: string): Guarantee[] {
  return GUARANTEES.filter((guarantee) => brokenGuarantee(read(text), [guarantee]) !== null);
}

describe('monotonic reads', () => {
  it('accepts reads that go on, and sessions that are at different places', () => {
    expect(broken('a w x 1; b r x 1; c r x -; b r x 1; c r x 1')).toEqual([]);
  });

  it('rejects a session that goes back', () => {
    expect(broken('a w x 1; c w x 2; b r x 1; b r x 2; b r x 1')).toEqual(['monotonic-reads']);
    expect(monotonicReads(read('a w x 1; b r x 1; b r x -'))).not.toBeNull();
  });

  it('rejects two sessions that read in opposite orders: no one order has both', () => {
    expect(broken('a w x 1; d w x 2; b r x 1; b r x 2; c r x 2; c r x 1')).toEqual([
      'monotonic-reads',
    ]);
  });

  it('does not follow a process into its next session', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', ['x', 1], { session: 's' }],
      [0, 'ok', 'write', ['x', 1], { session: 's' }],
      [1, 'invoke', 'read', ['x', null], { session: 't' }],
      [1, 'ok', 'read', ['x', 1], { session: 't' }],
      [1, 'invoke', 'read', ['x', null], { session: 'u' }],
      [1, 'ok', 'read', ['x', null], { session: 'u' }],
    ];
    expect(checkSessionGuarantees(runOf(historyOf(lines)), OPTIONS, { timeMs: 1 }).valid).toBe(
      'valid',
    );
  });

  it('takes reads of one session that overlap in no order', () => {
    const overlapping = (again: number): Line[] => [
      [0, 'invoke', 'write', ['x', 1], { session: 's' }],
      [0, 'ok', 'write', ['x', 1], { session: 's' }],
      [1, 'invoke', 'read', ['x', null], { session: 't' }],
      [2, 'invoke', 'read', ['x', null], { session: 't' }],
      [1, 'ok', 'read', ['x', 1], { session: 't' }],
      [2, 'ok', 'read', ['x', null], { session: 't' }],
      [again, 'invoke', 'read', ['x', null], { session: 't' }],
      [again, 'ok', 'read', ['x', null], { session: 't' }],
    ];
    const valid = (again: number): string =>
      checkSessionGuarantees(runOf(historyOf(overlapping(again))), OPTIONS, { timeMs: 1 }).valid;
    expect(valid(2)).toBe('valid');
    expect(valid(1)).toBe('invalid');
  });
});

describe('read your writes', () => {
  it('accepts own writes, and later ones of others', () => {
    expect(broken('a w x 1; a r x 1; b w x 2; a r x 2')).toEqual([]);
  });

  it('rejects a read that misses an own write', () => {
    expect(broken('a w x 1; a r x -')).toEqual(['read-your-writes']);
    const verdict = judge('a w x 1; a r x -');
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'broken-read-your-writes',
      operations: [0, 1, 2, 3],
    });
    expect(verdict.anomalies?.[0]?.explanation).toContain('as session a wrote 1 of "x" (#0–#1)');
  });

  it('rejects two own writes that are each read as the last', () => {
    expect(readYourWrites(read('a w x 1; a w x 2; a r x 1; a r x 2'))).not.toBeNull();
    expect(readYourWrites(read('a w x 1; a w x 2; a r x 1; a r x 1'))).toBeNull();
    expect(readYourWrites(read('a w x 1; a w x 2; a r x 2; a w x 3; a r x 1'))).not.toBeNull();
  });

  it('accepts a read that misses an own write with an unknown outcome', () => {
    expect(broken('a i x 1; a r x -')).toEqual([]);
  });
});

describe('monotonic writes', () => {
  it('accepts writes in order, over keys as well', () => {
    expect(broken('a w x 1; a w y 2; b r y 2; b r x 1')).toEqual([]);
  });

  it('is broken together with the reads of others', () => {
    const text = 'a w x 1; a w x 2; b r x 2; b r x 1';
    expect(broken(text)).toEqual([]);
    const verdict = judge(text);
    expect(verdict.anomalies?.[0]?.name).toBe('broken-session-guarantees');
    expect(judge(text, { guarantees: ['monotonic-writes'] }).valid).toBe('valid');
    expect(monotonicWrites(read(text))).toBeNull();
  });

  it('holds over keys together with writes that follow reads', () => {
    const text = 'a w x 1; a w y 2; b r y 2; b w x 3; c r x 3; c r x 1';
    expect(judge(text).valid).toBe('invalid');
    expect(judge('a w x 1; a w y 2; b r y 2; b w x 3; c r x 1; c r x 3').valid).toBe('valid');
  });

  it('does not order what came after a write with an unknown outcome', () => {
    expect(judge('a i x 1; a w x 2; b r x 2; b r x 1').valid).toBe('valid');
    expect(judge('a w x 1; a i x 2; b r x 2; b r x 1').valid).toBe('invalid');
  });
});

describe('writes follow reads', () => {
  it('accepts a write after what was read', () => {
    expect(broken('a w x 1; b r x 1; b w x 2; c r x 1; c r x 2')).toEqual([]);
  });

  it('rejects sessions that each read what the other writes later', () => {
    const lines: Line[] = [
      [0, 'invoke', 'read', ['x', null]],
      [0, 'ok', 'read', ['x', 2]],
      [1, 'invoke', 'read', ['y', null]],
      [1, 'ok', 'read', ['y', 1]],
      [0, 'invoke', 'write', ['y', 1]],
      [1, 'invoke', 'write', ['x', 2]],
      [0, 'ok', 'write', ['y', 1]],
      [1, 'ok', 'write', ['x', 2]],
    ];
    const history = sessionHistory(historyOf(lines), registerOptions(OPTIONS));
    expect(writesFollowReads(history)).not.toBeNull();
    expect(monotonicReads(history)).toBeNull();
  });

  it('orders what a swap read before what it wrote', () => {
    const swap = (from: Value, to: Value): Line[] => [
      [5, 'invoke', 'cas', { from, to }],
      [5, 'ok', 'cas', { swapped: true }],
    ];
    const reads = (...values: Value[]): Line[] =>
      values.flatMap((value): Line[] => [
        [6, 'invoke', 'read', null],
        [6, 'ok', 'read', value],
      ]);
    const valid = (lines: Line[]): string =>
      checkSessionGuarantees(runOf(historyOf(lines)), {}, { timeMs: 1 }).valid;
    expect(valid([...swap(null, 1), ...swap(1, 2), ...reads(1, 2)])).toBe('valid');
    expect(valid([...swap(null, 1), ...swap(1, 2), ...reads(2, 1)])).toBe('invalid');
  });
});

describe('what cannot be told', () => {
  it('concludes nothing from values that were written twice, or never', () => {
    const verdict = judge('a w x 1; c w x 1; b r x 1; b r x -; b r x 7');
    expect(verdict).toMatchObject({ valid: 'valid', figures: { ambiguousReads: 2 } });
    expect(judge('a w x 1; b w x 2')).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });

  it('names a guarantee that there is not', () => {
    expect(() => judge('a w x 1', { guarantees: ['monotonic-read'] })).toThrow(
      /did you mean "monotonic-reads"/,
    );
  });
});

describe('versions', () => {
  const told = (kind: 'read' | 'write', value: number, version: number): Line[] => [
    [0, 'invoke', kind, kind === 'read' ? null : value],
    [0, 'ok', kind, { value, version }],
  ];
  const names = (...lines: Line[][]): (string | undefined)[] =>
    checkSessionGuarantees(
      runOf(historyOf(lines.flat())),
      { versions: true },
      { timeMs: 1 },
    ).anomalies?.map(({ name }) => name) ?? [];

  it('accepts versions that rise', () => {
    expect(names(told('write', 1, 1), told('read', 1, 1), told('write', 2, 2))).toEqual([]);
  });

  it('rejects each step back under its own name', () => {
    expect(names(told('read', 9, 5), told('read', 8, 4))).toEqual(['broken-monotonic-reads']);
    expect(names(told('write', 1, 5), told('read', 8, 4))).toEqual(['broken-read-your-writes']);
    expect(names(told('write', 1, 5), told('write', 2, 5))).toEqual(['broken-monotonic-writes']);
    expect(names(told('read', 9, 5), told('write', 2, 4))).toEqual(['broken-writes-follow-reads']);
  });
});

describe('against all orders of the writes tried', () => {
  /** The definition of guarantees.ts, by trying every order. */
  function existsOrder(history: SessionHistory, guarantees: readonly Guarantee[]): boolean {
    const { writes, sessions } = history;
    const holds = (places: readonly number[]): boolean => {
      const before = (one: number, other: number): boolean =>
        (places[one] as number) < (places[other] as number);
      const key = (write: number): number => writes[write]!.initial;
      if (writes.some(({ initial }, write) => initial !== write && before(write, initial)))
        return false;
      for (const accesses of sessions.values()) {
        for (const [at, later] of accesses.entries()) {
          for (const earlier of accesses.slice(0, at + 1)) {
            const same = earlier === later;
            const has = (guarantee: Guarantee): boolean => guarantees.includes(guarantee);
            const { read, written } = later;
            if (has('monotonic-reads') && !same && read !== null && earlier.read !== null)
              if (key(read) === key(earlier.read) && before(read, earlier.read)) return false;
            if (has('read-your-writes') && !same && read !== null && earlier.written !== null)
              if (
                earlier.acknowledged &&
                key(read) === key(earlier.written) &&
                before(read, earlier.written)
              )
                return false;
            if (has('monotonic-writes') && !same && written !== null && earlier.written !== null)
              if (earlier.acknowledged && before(written, earlier.written)) return false;
            if (has('writes-follow-reads') && written !== null && earlier.read !== null)
              if (!before(earlier.read, written)) return false;
          }
        }
      }
      return true;
    };
    const tryPlaces = (order: number[]): boolean => {
      if (order.length === writes.length) {
        const places = new Array<number>(writes.length);
        for (const [place, write] of order.entries()) places[write] = place;
        return holds(places);
      }
      return writes.some((_, write) => !order.includes(write) && tryPlaces([...order, write]));
    };
    return tryPlaces([]);
  }

  const step = fc.tuple(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('w', 'r', 'r', 'r', 'i'),
    fc.constantFrom('x', 'x', 'y'),
    fc.nat(4),
  );

  it('finds a broken guarantee exactly when there is no order', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 9 }), (steps) => {
        let written = 0;
        const text = steps.map(([session, kind, key, value]) => {
          if (kind === 'r') return `${session} r ${key} ${value === 0 ? '-' : String(value)}`;
          return `${session} ${written < 4 ? kind : 'r'} ${key} ${String(++written)}`;
        });
        const history = read(text.join(';'));
        for (const guarantees of [...GUARANTEES.map((one) => [one]), GUARANTEES]) {
          const is = brokenGuarantee(history, guarantees);
          if (is !== null) found++;
          expect(is === null, text.join(';')).toBe(existsOrder(history, guarantees));
        }
      }),
      { numRuns: 250 },
    );
    expect(found).toBeGreaterThan(20);
  });
});

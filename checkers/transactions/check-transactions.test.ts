import { describe, expect, it } from 'vitest';

import { checkListAppend } from '../list-append.ts';
import { historyOf, killRecords, runOf } from '../micro-history.ts';
import { checkRwRegister } from '../rw-register.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { serially, together } from './micro-transactions.ts';

const BUDGET = { timeMs: 60_000 };

describe('checkListAppend', () => {
  const skew = historyOf(together('list-append', 'rx_ ay1', 'ry_ ax1'));
  it('accepts a serial run', () => {
    const run = runOf(historyOf(serially('list-append', 'ax1', 'rx1 ax2', 'rx12')));
    expect(checkListAppend(run, {}, BUDGET)).toMatchObject({ valid: 'valid' });
  });
  it('rejects write skew, with the lines, the time and the faults then', () => {
    const faults = killRecords('k1', 'n1', 0, 2 * MILLISECOND);
    const verdict = checkListAppend(runOf(skew, { faults }), {}, BUDGET);
    expect(verdict).toMatchObject({
      valid: 'invalid',
      figures: { not: ['repeatable-read'] },
      anomalies: [
        { name: 'G2-item', operations: [0, 1, 2, 3], from: 0, to: 3 * MILLISECOND, faults: ['k1'] },
      ],
    });
  });
  it('holds a run against the consistency asked for', () => {
    const options = { consistency: ['snapshot-isolation'] };
    expect(checkListAppend(runOf(skew), options, BUDGET).valid).toBe('valid');
    const strict = { consistency: ['snapshot-isolation'], anomalies: ['G2-item'] };
    expect(checkListAppend(runOf(skew), strict, BUDGET).valid).toBe('invalid');
  });
  it('looks at transactions only', () => {
    const other = historyOf([[0, 'invoke', 'read', null]]);
    expect(checkListAppend(runOf(other), {}, BUDGET)).toMatchObject({
      valid: 'unknown',
      reason: 'vacuous',
    });
  });
});

describe('checkRwRegister', () => {
  const stale = historyOf(serially('rw-register', 'wx1', 'rx1 wx2', 'rx1'));
  it('knows an order of versions only where it may assume one', () => {
    expect(checkRwRegister(runOf(stale), {}, BUDGET).valid).toBe('valid');
    const options = { versionOrders: ['wfr-keys'] };
    expect(checkRwRegister(runOf(stale), options, BUDGET)).toMatchObject({
      valid: 'invalid',
      anomalies: [{ name: 'G-single-item-realtime' }],
    });
  });
  it('refuses an assumption it does not know', () => {
    expect(() => checkRwRegister(runOf(stale), { versionOrders: ['wfr'] }, BUDGET)).toThrow(
      /expected some of wfr-keys, sequential-keys, linearizable-keys, got 'wfr'/,
    );
  });
});

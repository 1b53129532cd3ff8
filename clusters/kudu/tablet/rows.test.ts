import { describe, expect, it } from 'vitest';
import { decodeRows, encodeRow, type RowColumn } from './rows.ts';

const KEY: RowColumn = { name: 'key', key: true, nullable: false };
const VALUE: RowColumn = { name: 'val', key: false, nullable: true };

describe('rows', () => {
  it('have a kind, which cells are set, which are null, and the others', () => {
    const row = encodeRow([KEY, VALUE], { kind: 'insert', cells: [1, 10] });
    expect(row.toString('hex')).toBe('01' + '03' + '00' + '01000000' + '0a000000');
  });

  it('leave out what is not set, and hold no bytes of what is null', () => {
    const upsert = (cells: readonly (number | null | undefined)[]): string =>
      encodeRow([KEY, VALUE], { kind: 'upsert', cells }).toString('hex');
    expect(upsert([-1, undefined])).toBe('05' + '01' + '00' + 'ffffffff');
    expect(upsert([2, null])).toBe('05' + '03' + '02' + '02000000');
  });

  it('have no bitmap of nulls where no column may be null', () => {
    const row = encodeRow([KEY], { kind: 'delete', cells: [7] });
    expect(row.toString('hex')).toBe('03' + '01' + '07000000');
  });

  it('of a scan are of one width, with their nulls after the cells', () => {
    const bytes = Buffer.from('0100000002000000' + '00' + '0300000000000000' + '02', 'hex');
    expect(decodeRows([KEY, VALUE], 2, bytes)).toEqual([
      [1, 2],
      [3, null],
    ]);
    expect(() => decodeRows([KEY, VALUE], 3, bytes)).toThrow(RangeError);
  });
});

import { describe, expect, it } from 'vitest';

import { historyOf, type Line } from '../micro-history.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { FAIL, INFO, NEVER, OK, UNKNOWN, UNRECORDED, type TransactionColumns } from './columns.ts';
import { VersionTable } from './version-table.ts';

function columnsOf(lines: readonly Line[], reads: 'lists' | 'registers' = 'lists') {
  const builder = new ColumnsBuilder(reads);
  for (const operation of historyOf(lines)) builder.add(operation);
  return builder.finish();
}

/** The list that a read shows. */
function listOf({ value, length, elements, versions }: TransactionColumns, op: number): unknown[] {
  const start = value[op] ?? 0;
  const list = elements.subarray(start, start + (length[op] ?? 0));
  return Array.from(list, (version) => versions.valueOf(version));
}

describe('columns', () => {
  it('hold transactions in order of invocation, with their ends', () => {
    const columns = columnsOf([
      [7, 'invoke', 'txn', [['append', 'x', 1]]],
      [9, 'invoke', 'txn', [['append', 'x', 2]]],
      [9, 'fail', 'txn', [['append', 'x', 2]]],
      [7, 'ok', 'txn', [['append', 'x', 1]]],
      [
        7,
        'invoke',
        'txn',
        [
          ['append', 'x', 3],
          ['r', 'x', null],
        ],
      ],
      [9, 'invoke', 'txn', [['append', 'x', 4]]],
      [9, 'info', 'txn', null],
    ]);
    expect([...columns.type]).toEqual([OK, FAIL, INFO, INFO]);
    expect([...columns.process]).toEqual([0, 1, 0, 1]);
    expect([...columns.invoke]).toEqual([0, 1, 4, 5]);
    expect([...columns.completion]).toEqual([3, 2, NEVER, 6]);
    expect([...columns.events]).toEqual([0, 2, 3, 1, 4, 6, 7]);
    const open = columns.firstOp[2] ?? -1;
    expect(columns.endOp[2]).toBe(open + 2);
    expect(columns.value[open + 1]).toBe(UNKNOWN);
  });
  it('hold lists, whether they repeat the longest one or not', () => {
    const reads = [[1, 2], [1], [1, 2, 3], [1, 3], [], null];
    const columns = columnsOf(reads.map((list): Line => [0, 'ok', 'txn', [['r', 'x', list]]]));
    expect(reads.map((_, op) => listOf(columns, op))).toEqual(reads.map((list) => list ?? []));
    expect([...columns.invoke].every((index) => index === UNRECORDED)).toBe(true);
  });
  it('tell values of all sorts apart', () => {
    const values = [0, 1, -1, 1.5, '1', null, true, [1], { a: 1 }, 2 ** 40, 'x'];
    const columns = columnsOf(
      values.map((value): Line => [0, 'ok', 'txn', [['w', 'k', value]]]),
      'registers',
    );
    expect(new Set(columns.value).size).toBe(values.length);
    expect(Array.from(columns.value, (v) => columns.versions.valueOf(v))).toEqual(values);
  });
});

describe('lenient reading', () => {
  it('a completion belongs to the invocation that asked for the same', () => {
    const columns = columnsOf([
      [0, 'invoke', 'txn', [['append', 'x', 1]]],
      [0, 'invoke', 'txn', [['append', 'x', 2]]],
      [0, 'ok', 'txn', [['append', 'x', 2]]],
      [0, 'ok', 'txn', [['append', 'x', 1]]],
    ]);
    expect([...columns.completion]).toEqual([3, 2]);
    expect(columns.count).toBe(2);
  });
  it('a completion without an invocation is a transaction of its own', () => {
    const columns = columnsOf([[0, 'ok', 'txn', [['append', 'x', 1]]]]);
    expect([...columns.invoke]).toEqual([UNRECORDED]);
    expect([...columns.events]).toEqual([1]);
  });
});

it.each([
  [[0, 'ok', 'txn', 5], /line 0: expected a list of .*, got 5/],
  [[0, 'ok', 'txn', [['cas', 'x', 1]]], /got \["cas","x",1\]/],
  [[0, 'ok', 'txn', [['r', 'x', 5]]], /got \["r",null,5\]/],
  [[0, 'ok', 'txn', ['r']], /got "r"/],
] as const)('refuses %j', (line, message) => {
  expect(() => columnsOf([line as unknown as Line])).toThrow(message);
});

it('numbers many versions', () => {
  const table = new VersionTable();
  const ids = Array.from({ length: 20_000 }, (_, i) => table.idOf(i % 7, table.tokenOf(i >> 1)));
  const again = Array.from({ length: 20_000 }, (_, i) => table.find(i % 7, table.tokenOf(i >> 1)));
  expect(again).toEqual(ids);
  expect(table.size).toBe(new Set(ids).size);
  expect(table.find(99, table.tokenOf(1))).toBe(-1);
});

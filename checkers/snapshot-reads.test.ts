import { describe, expect, it } from 'vitest';
import type { OperationType, Value } from '../harness/operation.ts';
import { historyOf, runOf, type Line } from './micro-history.ts';
import { checkSnapshotReads } from './snapshot-reads.ts';

const write = (
  key: string,
  value: number,
  timestamp: Value,
  type: OperationType = 'ok',
): Line[] => [
  [0, 'invoke', 'write', [key, value]],
  [0, type, 'write', type === 'ok' ? [key, { value, timestamp }] : [key, value]],
];
const read = (key: string, value: Value, snapshot: Value, process = 1): Line[] => [
  [process, 'invoke', 'snapshot-read', [key, 0]],
  [process, 'ok', 'snapshot-read', [key, { value, snapshot }]],
];

function names(...lines: readonly (readonly Line[])[]): readonly string[] {
  const run = runOf(historyOf(lines.flat()));
  const verdict = checkSnapshotReads(run, { keyed: true }, { timeMs: 1_000 });
  expect(verdict.valid).toBe((verdict.anomalies ?? []).length > 0 ? 'invalid' : 'valid');
  return verdict.anomalies?.map(({ name }) => name) ?? [];
}

describe('accepts', () => {
  it('the last write before the snapshot, however late it is read', () => {
    expect(
      names(
        write('a', 1, 10),
        write('a', 2, 20),
        read('a', 1, 20),
        read('a', 2, 21),
        read('a', 1, 11),
      ),
    ).toEqual([]);
  });

  it('an absent value before the first write, and other keys', () => {
    expect(names(write('a', 1, 10), read('a', null, 10), read('b', null, 99))).toEqual([]);
  });

  it('either outcome of a write that was not answered, to all alike', () => {
    const open = write('a', 2, 20, 'info');
    expect(names(write('a', 1, 10), open, read('a', 2, 30), read('a', 2, 30))).toEqual([]);
    expect(names(write('a', 1, 10), open, read('a', 1, 30))).toEqual([]);
  });

  it('timestamps beyond 2^53, told apart to the last digit', () => {
    const [before, at] = ['7353348308215967744', '7353348308215967745'];
    expect(names(write('a', 1, before), read('a', null, before), read('a', 1, at))).toEqual([]);
  });
});

describe('rejects', () => {
  it('two values at one snapshot', () => {
    const open = write('a', 2, 20, 'info');
    expect(names(write('a', 1, 10), open, read('a', 1, 30), read('a', 2, 30, 2))).toEqual([
      'snapshot-not-repeatable',
    ]);
  });

  it('a snapshot that lacks an acknowledged write before it', () => {
    expect(names(write('a', 1, 10), write('a', 2, 20), read('a', 1, 21))).toEqual([
      'snapshot-misses-write',
    ]);
    expect(names(write('a', 1, 10), read('a', null, 11))).toEqual(['snapshot-misses-write']);
  });

  it('a snapshot that lacks a write that is acknowledged only later', () => {
    expect(names(read('a', null, 11), write('a', 1, 10))).toEqual(['snapshot-misses-write']);
  });

  it('a snapshot that has a write after it', () => {
    expect(names(write('a', 1, 10), read('a', 1, 10))).toEqual(['snapshot-sees-later-write']);
  });
});

it('says nothing where no read tells a snapshot', () => {
  const run = runOf(historyOf(write('a', 1, 10)));
  expect(checkSnapshotReads(run, { keyed: true }, { timeMs: 1_000 }).valid).toBe('unknown');
});

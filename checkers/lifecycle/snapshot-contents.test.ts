import { describe, expect, it } from 'vitest';

import type { Value } from '../../harness/operation.ts';
import { historyOf, type Line, runOf } from '../micro-history.ts';
import { checkSnapshotContents } from './snapshot-contents.ts';

const change = (f: string, path: string, type: 'ok' | 'fail' | 'info' = 'ok'): Line[] => [
  [0, 'invoke', f, path],
  [0, type, f, path],
];
const BEGIN: Line[] = [
  [1, 'invoke', 'backup', 'local'],
  [1, 'ok', 'backup', { id: 'x', state: 'Initiating' }],
];
const told = (state: string): Line[] => [
  [1, 'invoke', 'backup-status', 'x'],
  [1, 'ok', 'backup-status', { id: 'x', state, uri: '/backups/x.gz' }],
];
const END = told('Completed');
const held = (paths: Value, f = 'backup-contents'): Line[] => [
  [2, 'invoke', f, null],
  [2, 'ok', f, { backup: 'x.gz', paths }],
];
const files = (complete: Value, markers: Value): Line[] => [
  [2, 'invoke', 'backup-files', null],
  [2, 'ok', 'backup-files', { complete, markers }],
];
const judge = (...parts: readonly Line[][]): string[] | string => {
  const verdict = checkSnapshotContents(runOf(historyOf(parts.flat())), {}, { timeMs: 1_000 });
  return verdict.valid === 'unknown'
    ? 'unknown'
    : (verdict.anomalies?.map(({ name }) => name) ?? []);
};
const add = (path: string): Line[] => change('create', path);

describe('accepts', () => {
  it('what was there before, and any part of what came meanwhile', () => {
    const [first = [0, 'invoke', 'create', 'c'], ...rest] = change('create', 'c');
    const lines = [add('a'), BEGIN, add('b'), [first], END, rest];
    for (const paths of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      expect(judge(...lines, held(paths))).toEqual([]);
    }
  });

  it('what may or may not be: unknown outcomes, and what was removed meanwhile', () => {
    const lines = [change('create', 'a', 'info'), add('b'), BEGIN, change('delete', 'b'), END];
    expect(judge(...lines, held([]))).toEqual([]);
    expect(judge(...lines, held(['a', 'b']))).toEqual([]);
  });
});

describe('rejects', () => {
  it('a backup without what was acknowledged before it', () => {
    expect(judge(add('a'), BEGIN, END, held([]))).toEqual(['missing-from-backup']);
  });

  it('one that is of no single moment', () => {
    const lines = [BEGIN, add('a'), add('b'), END];
    expect(judge(...lines, held(['b']))).toEqual(['missing-from-backup']);
  });

  it('what came after it, failed, was gone before, or was never made', () => {
    const one = ['not-of-the-backups-time'];
    expect(judge(BEGIN, END, add('a'), held(['a']))).toEqual(one);
    expect(judge(change('create', 'a', 'fail'), BEGIN, END, held(['a']))).toEqual(one);
    expect(judge(add('a'), change('delete', 'a'), BEGIN, END, held(['a']))).toEqual(one);
    expect(judge(BEGIN, END, held(['a']))).toEqual(one);
  });

  it('a master that was restored with something else', () => {
    const lines = [BEGIN, add('a'), END, held(['a']), held([], 'restored')];
    expect(judge(...lines)).toEqual(['restored-otherwise']);
  });

  it('a complete backup without its file, and a failed one with a mark', () => {
    expect(judge(BEGIN, END, held([]), files([], []))).toEqual(['completed-without-a-file']);
    const failed = judge(BEGIN, told('Failed'), files(['x.gz'], ['x.gz.complete']));
    expect(failed).toEqual(['failed-backup-marked-complete']);
  });
});

it('is unknown when no complete backup was read', () => {
  expect(judge(add('a'), BEGIN, END)).toBe('unknown');
  expect(judge(BEGIN, told('Failed'), held(null))).toBe('unknown');
});

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchDirectory } from './watch-directory.ts';

let root = '';
let seen: string[] = [];
let watch: Disposable | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'faultline-watch-'));
  seen = [];
});
afterEach(() => {
  watch?.[Symbol.dispose]();
  rmSync(root, { recursive: true });
});

const sees = (name: string): Promise<void> => vi.waitFor(() => expect(seen).toContain(name), 2000);
const pass = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

test('tells of files created, written and renamed into place, not of those removed', async () => {
  writeFileSync(join(root, 'old'), '1');
  watch = watchDirectory(root, (name) => seen.push(name));
  writeFileSync(join(root, 'new'), '1');
  await sees('new');
  renameSync(join(root, 'new'), join(root, 'renamed'));
  await sees('renamed');
  writeFileSync(join(root, 'renamed'), '2');
  await pass();
  seen.length = 0;
  rmSync(join(root, 'renamed'));
  await pass();
  expect(seen).toEqual([]);
});

test('waits for a directory that is not there yet, and tells what it holds already', async () => {
  const directory = join(root, 'a', 'b', 'c');
  watch = watchDirectory(directory, (name) => seen.push(name));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'first'), '1');
  await sees('first');
  writeFileSync(join(directory, 'second'), '1');
  await sees('second');
});

test('goes on when the directory is removed and made again', async () => {
  const directory = join(root, 'a');
  mkdirSync(directory);
  watch = watchDirectory(directory, (name) => seen.push(name));
  writeFileSync(join(directory, 'first'), '1');
  await sees('first');
  rmSync(directory, { recursive: true });
  await pass();
  mkdirSync(directory);
  writeFileSync(join(directory, 'second'), '1');
  await sees('second');
});

test('disposed, it tells nothing more', async () => {
  watch = watchDirectory(root, (name) => seen.push(name));
  watch[Symbol.dispose]();
  writeFileSync(join(root, 'late'), '1');
  await pass();
  expect(seen).toEqual([]);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileSink, Journal, MemorySink, type Sink, StoreFullError } from './journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'faultline-journal-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('lines reach the file at a flush, at a full block, and at closing', () => {
  const file = join(directory, 'x.jsonl');
  const journal = new Journal(file, new FileSink(file));
  journal.append('one');
  expect(readFileSync(file, 'utf8')).toBe('');
  journal.flush();
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  for (let line = 0; line < 2000; line++) journal.append('x'.repeat(99));
  expect(readFileSync(file).length).toBeGreaterThan(100_000);
  journal.append('é'.repeat(100_000));
  journal.close();
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2003);
  expect(journal.lineCount).toBe(2002);
  expect(() => journal.append('after')).toThrow(/closed/);
});

test('a full disk is a StoreFullError', async () => {
  const journal = new Journal('/dev/full', new FileSink('/dev/full'));
  journal.append('kept for later');
  expect(() => journal.flush()).toThrow(StoreFullError);
  expect(() => journal.flush()).toThrow(/cannot write \/dev\/full: no space left.*ENOSPC/);
  await expect(journal.sync()).rejects.toThrow(StoreFullError);
  expect(() => {
    for (let line = 0; line < 10_000; line++) journal.append('x'.repeat(99));
  }).toThrow(StoreFullError);
  expect(() => journal.close()).toThrow(StoreFullError);
  expect(journal.closed).toBe(true);
});

test('what a full disk did not take is written when there is room again', () => {
  let room = 10;
  const memory = new MemorySink();
  const sink: Sink = {
    blockBytes: 64,
    write: (bytes, from, to) => {
      if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      const size = Math.min(room, to - from);
      room -= size;
      return memory.write(bytes, from, from + size);
    },
    sync: () => Promise.resolve(),
    close: () => undefined,
  };
  const journal = new Journal('x', sink);
  journal.append('first line');
  journal.append('second line');
  expect(() => journal.flush()).toThrow(StoreFullError);
  expect(memory.contents().toString()).toBe('first line');
  room = 1000;
  journal.append('third line');
  journal.close();
  expect(memory.contents().toString()).toBe('first line\nsecond line\nthird line\n');
});

test('other errors are not taken for a full disk', () => {
  const sink = new MemorySink();
  sink.write = () => {
    throw new TypeError('bug');
  };
  const journal = new Journal('x', sink);
  journal.append('line');
  expect(() => journal.flush()).toThrow(TypeError);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { ServerLog } from './server-log.ts';

let directory = '';
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'faultline-log-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function append(log: ServerLog, text: string): void {
  log.append(log.offset, Buffer.from(text));
}

test('tells whole lines, though they come in pieces', () => {
  const log = new ServerLog(realClock(), null);
  const lines: string[] = [];
  log.follow((line) => lines.push(line));
  append(log, 'one\ntw');
  append(log, 'o\r\n');
  append(log, '\nthree\nfour');
  expect(lines).toEqual(['one', 'two', '', 'three']);
});

test('a character cut in two is whole in its line', () => {
  const log = new ServerLog(realClock(), null);
  const lines: string[] = [];
  log.follow((line) => lines.push(line));
  const bytes = Buffer.from('zoë\n');
  log.append(0, bytes.subarray(0, 3));
  log.append(3, bytes.subarray(3));
  expect(lines).toEqual(['zoë']);
});

test('keeps each byte once, though some come twice', async () => {
  const path = join(directory, 'nodes', 'n1', 'server.log');
  const log = new ServerLog(realClock(), path);
  const lines: string[] = [];
  log.follow((line) => lines.push(line));
  log.append(0, Buffer.from('one\ntwo\n'));
  log.append(0, Buffer.from('one\ntwo\nthree\n'));
  log.append(4, Buffer.from('two\n'));
  await log.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(log.offset).toBe(14);
});

test('a follower that is disposed hears nothing more', () => {
  const log = new ServerLog(realClock(), null);
  const lines: string[] = [];
  const follower = (line: string): void => void lines.push(line);
  const first = log.follow(follower);
  log.follow(follower);
  append(log, 'one\n');
  first[Symbol.dispose]();
  append(log, 'two\n');
  expect(lines).toEqual(['one', 'one', 'two']);
});

test('a file that cannot be written is told at the end', async () => {
  const log = new ServerLog(realClock(), directory);
  append(log, 'one\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(log.close()).rejects.toThrow(/EISDIR/);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastLogLines } from './node-log.ts';

const directory = mkdtempSync(join(tmpdir(), 'faultline-node-log-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(node: string, name: string, text: string): void {
  mkdirSync(join(directory, 'nodes', node), { recursive: true });
  writeFileSync(join(directory, 'nodes', node, name), text);
}

test('the last lines, of all the logs of the node, and no more than fit a message', () => {
  write('n1', 'server.log', Array.from({ length: 3000 }, (_, at) => `line ${at}\r\n`).join(''));
  const told = lastLogLines(directory, 'n1').split('\n');
  expect(told[0]).toBe('n1 logged last:');
  expect(told.slice(1)).toEqual([...Array(8).keys()].map((at) => `  line ${2992 + at}`));
});

test('a node that logged nothing, and a run that keeps nothing', () => {
  write('n2', 'server.log', '');
  write('n2', 'trace.txt', 'no log');
  expect(lastLogLines(directory, 'n2')).toBe('n2 logged nothing');
  expect(lastLogLines(directory, 'n3')).toBe('n3 logged nothing');
  expect(lastLogLines(null, 'n1')).toBe('n1 logged nothing');
});

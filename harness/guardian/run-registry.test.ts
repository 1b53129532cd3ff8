import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStarted } from './process-started.ts';
import { isUnderWay, type RunEntry, RunRegistry } from './run-registry.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'faultline-registry-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function entry(runId: string, more: Partial<RunEntry> = {}): RunEntry {
  const started = processStarted(process.pid) ?? '';
  const of = { pid: process.pid, started, directory: folder, settings: {}, origin: 0 };
  return { runId, testbed: 'docker', ...of, ...more };
}

test('what is written is listed until it is removed; removing twice is fine', () => {
  const registry = new RunRegistry(join(folder, 'deeper', 'runs'));
  expect(registry.list()).toEqual([]);
  registry.write(entry('b'));
  registry.write(entry('a'));
  registry.write(entry('b', { guardian: 17 }));
  expect(registry.list()).toEqual([entry('a'), entry('b', { guardian: 17 })]);
  registry.remove('a');
  registry.remove('a');
  expect(registry.list().map(({ runId }) => runId)).toEqual(['b']);
});

test('what is no entry is passed over', () => {
  writeFileSync(join(folder, 'half.json'), '{"runId":');
  writeFileSync(join(folder, 'other.json'), '{"runId": 3}');
  writeFileSync(join(folder, 'null.json'), 'null');
  writeFileSync(join(folder, 'x.json.77.tmp'), '');
  const registry = new RunRegistry(folder);
  registry.write(entry('run'));
  expect(registry.list()).toEqual([entry('run')]);
});

test('a run is under way while that very process lives: a pid that is used again does not count', () => {
  expect(isUnderWay(entry('a'))).toBe(true);
  expect(isUnderWay(entry('a', { started: '1' }))).toBe(false);
  expect(isUnderWay(entry('a', { pid: 2 ** 22 + 1 }))).toBe(false);
});

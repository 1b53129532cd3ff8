/**
 * What equal seeds promise on a real system: the same intended faults, byte for byte, and the same k-th operation of
 * each thread; not the same timing.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRun } from '../../harness/store.ts';
import { type RealRun, realRun } from './real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-seeds-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

/** Lines of faults.jsonl as they are on disk. */
function intended({ directory }: RealRun): string {
  const lines = readFileSync(join(directory, 'faults.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('{"state":"intended"')).join('\n');
}

/** What each thread was asked to do until the final reads, in order. */
function operations({ directory }: RealRun): readonly string[][] {
  const threads: string[][] = Array.from({ length: 6 }, () => []);
  const { history, events } = readRun(directory);
  const ended = events.find((event) => event.type === 'phase' && event.phase === 'read back');
  for (const { type, time, process, f, value } of history) {
    if (type !== 'invoke' || time > (ended?.notBefore ?? 0)) continue;
    threads[process % threads.length]?.push(JSON.stringify([f, value]));
  }
  return threads;
}

test('equal seeds: the same intended records, the same operations; another seed: others', async () => {
  const common = { target: 'etcd@3.5.16', seconds: 10, runsDirectory };
  const one = await realRun({ ...common, seed: 7n });
  const two = await realRun({ ...common, seed: 7n });
  const other = await realRun({ ...common, seed: 8n });
  expect([one.summary, two.summary, other.summary]).toEqual(['valid', 'valid', 'valid']);
  expect(intended(one).split('\n').length).toBeGreaterThan(2);
  expect(intended(two)).toBe(intended(one));
  expect(intended(other)).not.toBe(intended(one));
  const [mine, again] = [operations(one), operations(two)];
  let compared = 0;
  for (const [thread, list] of mine.entries()) {
    const length = Math.min(list.length, again[thread]?.length ?? 0);
    expect(again[thread]?.slice(0, length)).toEqual(list.slice(0, length));
    compared += length;
  }
  expect(compared).toBeGreaterThan(100);
});

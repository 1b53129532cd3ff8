/** A disk that fills up under the run directory. Needs root, to mount a small file system. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { Recorder } from '../../harness/history.ts';
import { openStore, readRun, StoreFullError } from '../../harness/store.ts';
import { clientOf, run, write } from '../fakes/run-interpreter.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-full-'));
beforeAll(() => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'faultline-test', runsDirectory]);
});
afterAll(() => {
  execFileSync('umount', [runsDirectory]);
  rmdirSync(runsDirectory);
});

test('the run ends as a failure of the harness, and what was written can be read', async () => {
  const clock = realClock();
  const store = openStore({
    runsDirectory,
    test: 'full',
    wallMillis: clock.wallMillis(),
    seed: 1n,
  });
  store.writeJson('spec.json', {});
  const recorder = new Recorder({ journal: store.journal('history.jsonl'), clock });
  store.journal('events.jsonl');
  let sent = 0;
  const client = clientOf(async ({ value }) => {
    sent++;
    if (sent === 100) store.flush(clock.now());
    return value;
  });
  const { failure } = await run({ clock, recorder, client, generator: () => write(sent) });
  expect(failure).toBeInstanceOf(StoreFullError);
  expect(failure?.message).toMatch(/history\.jsonl: no space left on the disk \(ENOSPC\)/);
  expect(() => store.close()).toThrow(StoreFullError);
  expect(() => store.writeJson('results.json', { big: 'x'.repeat(1e6) })).toThrow(StoreFullError);
  const stored = readRun(store.directory ?? '');
  expect(stored.cutOff).toBe(true);
  expect(stored.history.length).toBeGreaterThan(190);
  expect(stored.warnings.join()).toMatch(/cut off/);
});

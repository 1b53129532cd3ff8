/** The guardian as a process: deaf to what ends its harness, started again when it is killed, gone after a goodbye. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { machineMillis, realClock } from '../../harness/clock.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { processStarted } from '../../harness/guardian/process-started.ts';
import { type RunEntry, RunRegistry } from '../../harness/guardian/run-registry.ts';
import { StartedGuardian } from '../../harness/guardian/start-guardian.ts';
import { engineSettings } from '../../harness/testbeds/docker/undo/backend.ts';
import { docker, until } from './docker-cluster.ts';

const clock = realClock();
let folder: string;
let registry: RunRegistry;
let entry: RunEntry;
const pids: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-guardian-'));
  registry = new RunRegistry(join(folder, 'registry'));
  entry = {
    ...{ runId: `guarded-${process.pid}`, pid: process.pid, started: '', testbed: 'docker' },
    ...{ directory: folder, settings: engineSettings(docker), origin: machineMillis() },
  };
  pids.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function startOne(): StartedGuardian {
  const started = (pid: number): void => void pids.push(pid);
  return new StartedGuardian({
    entry,
    folder: registry.folder,
    clock,
    say: () => undefined,
    started,
  });
}

const lives = (pid: number | undefined): boolean =>
  pid !== undefined && processStarted(pid) !== null;

/** Until it has taken the name by which it is known; how long node takes to start is not what is tested. */
async function ready(pid: number | undefined): Promise<void> {
  const title = (): string => readFileSync(`/proc/${pid ?? 0}/cmdline`, 'utf8');
  while (!title().startsWith('faultline-guardian guarded-')) await clock.sleep(20 * MILLISECOND);
}

it('ends by itself after a goodbye, and by no signal but KILL; killed, it is started again', async () => {
  const guardian = startOne();
  await ready(pids[0]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pids[0]!, signal);
  await clock.sleep(200 * MILLISECOND);
  expect(lives(pids[0])).toBe(true);
  process.kill(pids[0]!, 'SIGKILL');
  await until(clock, 'another guardian', () => pids.length === 2 && lives(pids[1]));
  await ready(pids[1]);
  guardian.end();
  await until(clock, 'the guardian ends', () => !lives(pids[1]));
  expect(pids).toHaveLength(2);
});

it('heals when its pipe ends without one, and forgets a run of which nothing is left', async () => {
  const undo = [{ act: 'start', node: 'n1' }];
  const armed = { state: 'armed', id: 'kill-1', notBefore: 1, notAfter: 2, undo };
  writeFileSync(join(folder, 'faults.jsonl'), `${JSON.stringify(armed)}\n`);
  registry.write(entry);
  const guardian = startOne();
  await ready(pids[0]);
  guardian.abandon();
  await until(clock, 'the guardian ends', () => !lives(pids[0]));
  // The node is no more: it counts as healed.
  const last = readFileSync(join(folder, 'faults.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ state: 'healed', id: 'kill-1', by: 'guardian' });
  expect(registry.list()).toEqual([]);
});

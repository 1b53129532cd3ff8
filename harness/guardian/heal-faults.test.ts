import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { readRun } from '../read-run.ts';
import type { Undo, UndoBackend } from '../undo.ts';
import { FaultFile } from './fault-file.ts';
import { healFaults } from './heal-faults.ts';
import { mendDeadRuns } from './janitor.ts';
import { type RunEntry, RunRegistry } from './run-registry.ts';
import { unhealedFaults } from './unhealed.ts';

let folder: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-heal-'));
  journal = join(folder, 'faults.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function armed(id: string, undo: Undo): string {
  return `${JSON.stringify({ state: 'armed', id, notBefore: 1, notAfter: 2, undo })}\n`;
}

/** Undoes everything but what is named, and remembers what it was asked for. */
class FakeBackend implements UndoBackend {
  readonly asked: Undo[] = [];
  readonly #failing: string;
  constructor(failing = '') {
    this.#failing = failing;
  }
  async perform(undo: Undo): ReturnType<UndoBackend['perform']> {
    this.asked.push(undo);
    return undo.map((act) => ({
      act,
      problem: act.act === this.#failing ? { reason: 'it is lost', command: 'mend it' } : null,
    }));
  }
}

const STEPS =
  armed('kill-1', [{ act: 'start', node: 'n1' }]) +
  armed('lost-1', [
    { act: 'start', node: 'n1' },
    { act: 'by-hand', node: 'n2' },
  ]);

test('one fault that cannot be healed stops no other, and is told with its command', async () => {
  writeFileSync(journal, STEPS);
  const file = new FaultFile(folder);
  const backend = new FakeBackend('by-hand');
  const faults = unhealedFaults(file.read());
  const left = await healFaults(faults, {
    ...{ backend, file, clock: realClock(), by: 'guardian', alone: true },
  });
  const told = { reason: 'it is lost', command: 'mend it', byHand: true };
  expect(left).toEqual([{ id: 'lost-1', ...told }]);
  // Each act once.
  expect(backend.asked).toEqual([
    [
      { act: 'start', node: 'n1' },
      { act: 'by-hand', node: 'n2' },
    ],
  ]);
  const [healed, failed] = file.read().slice(-2);
  expect(healed).toMatchObject({ state: 'healed', id: 'kill-1', by: 'guardian' });
  const reason = 'not healed: it is lost; by hand: mend it';
  expect(failed).toMatchObject({ state: 'failed', id: 'lost-1', by: 'guardian', reason });
  expect(unhealedFaults(file.read()).map(({ id }) => id)).toEqual(['lost-1']);
});

test('a torn last line is cut off, so that what is added can be read', async () => {
  writeFileSync(journal, STEPS);
  appendFileSync(journal, '{"state":"armed","id":"half');
  const file = new FaultFile(folder);
  const backend = new FakeBackend();
  const healing = { backend, file, clock: realClock(), by: 'guardian', alone: true } as const;
  await healFaults(unhealedFaults(file.read()), healing);
  writeFileSync(join(folder, 'spec.json'), '{}');
  writeFileSync(join(folder, 'watermark'), '5');
  const run = readRun(folder);
  expect(run.cutOff).toBe(true);
  // Judged up to where the harness's own records reach.
  expect(run.faults.map(({ state }) => state)).toEqual(['armed', 'armed']);
});

test('what a guardian added while the harness hung is not among the lines that it counted', () => {
  writeFileSync(journal, STEPS);
  new FaultFile(folder).append(
    [{ state: 'healed', id: 'kill-1', notBefore: 3, notAfter: 4, by: 'guardian' }],
    false,
  );
  writeFileSync(join(folder, 'spec.json'), '{}');
  writeFileSync(join(folder, 'closed.json'), '{"faults.jsonl": 2}');
  const run = readRun(folder);
  expect([run.cutOff, run.faults.length]).toEqual([false, 3]);
});

function dead(runId: string, directory = folder): RunEntry {
  const process = { pid: 2 ** 22 + 1, started: '1', settings: {}, origin: 0 };
  return { runId, directory, testbed: 'docker', ...process };
}

test('dead runs are mended and forgotten; one of which something is left is remembered', async () => {
  writeFileSync(journal, STEPS);
  const registry = new RunRegistry(join(folder, 'runs'));
  registry.write(dead('gone', join(folder, 'no such folder')));
  registry.write(dead('broken'));
  const backend = new FakeBackend('by-hand');
  const mended = await mendDeadRuns(registry, undefined, async () => backend);
  expect(mended).toMatchObject([
    { entry: { runId: 'broken' }, healed: 1, left: [{ id: 'lost-1', command: 'mend it' }] },
  ]);
  expect(registry.list().map(({ runId }) => runId)).toEqual(['broken']);
  expect(readFileSync(journal, 'utf8')).toContain('"by":"janitor"');
});

test('runs under way are left alone, and nodes that cannot be reached are told', async () => {
  writeFileSync(journal, STEPS);
  const registry = new RunRegistry(join(folder, 'runs'));
  registry.write(dead('broken'));
  const { pid } = process;
  const started = (await import('./process-started.ts')).processStarted(pid) ?? '';
  registry.write({ ...dead('alive'), pid, started });
  const mended = await mendDeadRuns(registry, undefined, async () => {
    throw new Error('no engine answers');
  });
  expect(mended).toMatchObject([
    { entry: { runId: 'broken' }, healed: 0, left: [{ id: 'kill-1' }, { id: 'lost-1' }] },
  ]);
  expect(mended[0]?.left[0]).toMatchObject({
    reason: 'no engine answers',
    command: 'faultline heal broken',
  });
  expect(registry.list()).toHaveLength(2);
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Recorder } from './history.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { openStore, readRun, type RunStore, StoreFullError, writeResults } from './store.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-store-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

const WALL = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const open = (directory: string | null = runsDirectory): RunStore =>
  openStore({ runsDirectory: directory, test: 'zk 3.9/register', wallMillis: WALL, seed: 7n });

describe('a run directory', () => {
  test('is named by test, time and seed, and is the latest', () => {
    const store = open();
    expect(store.directory).toBe(join(runsDirectory, 'zk-3.9-register', '20260102T030405678Z-7'));
    const again = open();
    expect(again.runId).toBe('20260102T030405678Z-7-2');
    expect(readlinkSync(join(runsDirectory, 'latest'))).toBe(`zk-3.9-register/${again.runId}`);
    expect(existsSync(store.nodeDirectory('n1'))).toBe(true);
    expect(store.path('a', 'b')).toBe(join(store.directory ?? '', 'a', 'b'));
    store.close();
    again.close();
  });

  test('two runs of one seed that begin at once have ids of their own, whatever they test', () => {
    const ids = ['one', 'other'].map((name) => {
      const store = openStore({ runsDirectory, test: name, wallMillis: WALL + 1, seed: 7n });
      store.close();
      return store.runId;
    });
    expect(ids).toEqual(['20260102T030405679Z-7', '20260102T030405679Z-7-2']);
  });

  test('JSON files are written as a whole', () => {
    const store = open();
    store.writeJson('spec.json', { seed: '7' });
    expect(JSON.parse(readFileSync(store.path('spec.json'), 'utf8'))).toEqual({ seed: '7' });
    expect(() => store.writeJson('spec.json', { big: 1n })).toThrow(TypeError);
    expect(JSON.parse(readFileSync(store.path('spec.json'), 'utf8'))).toEqual({ seed: '7' });
    writeResults(store.directory ?? '', { validity: 'valid' });
    expect(readdirSync(store.directory ?? '').filter((name) => name.endsWith('.tmp'))).toEqual([]);
    store.close();
  });

  test('run.log has times, and goes on after the journals were closed', () => {
    const store = open();
    store.log('phase: drive');
    expect(readFileSync(store.path('run.log'), 'utf8')).toMatch(/^ +\d+\.\d{3} phase: drive\n$/);
    store.close();
    store.log('late');
    expect(readFileSync(store.path('run.log'), 'utf8')).toMatch(/drive\n.* late\n$/);
    rmSync(store.directory ?? '', { recursive: true });
    store.log('into nothing');
  });

  test('what is recorded is read back', () => {
    const store = open();
    store.writeJson('spec.json', { seed: '7' });
    record(store);
    store.close();
    store.close();
    const run = readRun(store.directory ?? '');
    expect([run.history.length, run.events.length, run.faults.length]).toEqual([2, 1, 1]);
    expect([run.cutOff, run.warnings, run.spec]).toEqual([false, [], { seed: '7' }]);
  });

  test('a directory that cannot be written', () => {
    const file = join(runsDirectory, 'file');
    mkdirSync(file);
    rmSync(file, { recursive: true });
    expect(() => open('/dev/null/runs')).toThrow(/ENOTDIR/);
    expect(new StoreFullError('x', 'EIO', null).message).toMatch(/the disk reported an error/);
  });
});

describe('in memory', () => {
  test('journals are read without a directory', () => {
    const store = open(null);
    record(store);
    store.writeJson('spec.json', {});
    store.log('nothing');
    const facts = { nodes: ['n1'], concurrency: 1, reads: [], directory: null, recoveryMs: 1 };
    expect(store.recorded(facts).history).toHaveLength(2);
    store.close();
    expect(store.recorded(facts)).toMatchObject({ facts, events: [{ phase: 'drive' }] });
    expect(store.lines('history.jsonl')).toHaveLength(2);
    expect(store.lines('nothing')).toEqual([]);
    expect(() => store.path('x')).toThrow(/kept in memory/);
  });
});

function record(store: RunStore): void {
  const clock = new SimulatedClock();
  const recorder = new Recorder({ journal: store.journal('history.jsonl'), clock });
  recorder.record('invoke', 0, 'read', null, 'n1');
  recorder.record('ok', 0, 'read', 1, 'n1');
  const phase = { type: 'phase', phase: 'drive', notBefore: 0, notAfter: 0 };
  store.journal('events.jsonl').append(JSON.stringify(phase));
  store
    .journal('faults.jsonl')
    .append('{"state":"skipped","id":"kill-1","notBefore":0,"notAfter":0}');
  store.flush(0);
}

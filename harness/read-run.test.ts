import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { CorruptJournalError, parseRun, readRun, WATERMARK_FILE } from './read-run.ts';
import { openStore, type RunStore } from './store.ts';
import type { Operation } from './operation.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-read-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

let store: RunStore;
let directory = '';
beforeEach(() => {
  store = openStore({ runsDirectory, test: 'x', wallMillis: 0, seed: 1n });
  directory = store.directory ?? '';
  store.writeJson('spec.json', {});
});

const line = (index: number, changes: Partial<Record<keyof Operation, unknown>> = {}): string =>
  JSON.stringify({
    index,
    time: index * 100,
    process: index >> 1,
    type: index % 2 === 0 ? 'invoke' : 'ok',
    f: 'read',
    value: null,
    node: 'n1',
    ...changes,
  });
const event = (at: number): string =>
  JSON.stringify({ type: 'phase', phase: 'drive', notBefore: at, notAfter: at });

function write(history: readonly string[], events: readonly string[] = [event(0)]): void {
  for (const text of history) store.journal('history.jsonl').append(text);
  for (const text of events) store.journal('events.jsonl').append(text);
  store.journal('faults.jsonl').flush();
}

describe('a run that was cut off', () => {
  test('a half-written last line is dropped with a warning', () => {
    write([line(0), line(1), line(2)]);
    store.flush(150);
    truncateSync(
      join(directory, 'history.jsonl'),
      readFileSync(join(directory, 'history.jsonl')).length - 10,
    );
    const run = readRun(directory);
    expect(run.history.map(({ index }) => index)).toEqual([0, 1]);
    expect(run.cutOff).toBe(true);
    expect(run.warnings[0]).toMatch(/history.jsonl: the last line \(3\) is half-written/);
  });

  test('is read up to the time that all journals are complete to', () => {
    write([line(0), line(1), line(2)], [event(0), event(120)]);
    store.flush(100);
    write([line(3)], [event(350)]);
    for (const name of ['history.jsonl', 'events.jsonl']) store.journal(name).flush();
    const run = readRun(directory);
    expect(run.history.map(({ time }) => time)).toEqual([0, 100]);
    expect(run.events).toHaveLength(1);
    expect(run.warnings).toEqual([expect.stringMatching(/cut off: .* complete up to 0.000 s/)]);
  });

  test('without a watermark, up to the least of the last times', () => {
    write([line(0), line(1), line(2)], [event(0), event(100)]);
    store.flush(1000);
    rmSync(join(directory, WATERMARK_FILE));
    expect(readRun(directory).history).toHaveLength(2);
  });

  test('a multi-byte character cut in two', () => {
    write([line(0, { value: 'é' })]);
    store.flush(1000);
    appendFileSync(join(directory, 'history.jsonl'), Buffer.from('{"value":"é').subarray(0, -1));
    expect(readRun(directory).history.map(({ value }) => value)).toEqual(['é']);
  });
});

describe('corrupt journals name file, line and what was expected', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'not JSON',
      [line(0), '{"index":1,', line(2)],
      /history.jsonl:2: expected a line of JSON, got/,
    ],
    ['no object', [line(0), '7'], /history.jsonl:2: expected an operation as a JSON object, got 7/],
    ['a gap', [line(0), line(1), line(3)], /history.jsonl:3: "index": expected 2, got 3/],
    [
      'time back',
      [line(0, { time: 50 }), line(1, { time: 49 })],
      /:2: "time": expected at least 50/,
    ],
    ['type', [line(0, { type: 'invok' })], /:1: unknown type "invok".*did you mean "invoke"/],
    ['process', [line(0, { process: 0.5 })], /:1: "process": expected an integer, got 0.5/],
    ['f', [line(0, { f: 3 })], /:1: "f": expected a string, got 3/],
    ['node', [line(0, { node: undefined })], /:1: "node": expected a string, got nothing/],
    ['value', [line(0, { value: undefined })], /:1: "value": expected JSON, got nothing/],
    ['session', [line(0, { session: 1 })], /:1: "session": expected a string, got 1/],
    [
      'error',
      [line(0), line(1, { error: { kind: 'odd', message: '' } })],
      /:2: unknown kind "odd"/,
    ],
    [
      'pairing',
      [line(0), line(1), line(2, { type: 'ok' })],
      /history.jsonl:3: operation 2: "ok" of process 1/,
    ],
  ];
  test.each(cases)('%s', (_, history, message) => {
    write(history);
    store.close();
    expect(() => readRun(directory)).toThrow(CorruptJournalError);
    expect(() => readRun(directory)).toThrow(message);
  });

  test('events and faults', () => {
    const read = (name: string, text: string) => () =>
      parseRun((asked) => Buffer.from(asked === name ? `${text}\n` : ''));
    expect(read('events.jsonl', '{"type":"stal"}')).toThrow(/events.jsonl:1: unknown type "stal"/);
    expect(read('events.jsonl', '{"type":"stall"}')).toThrow(/"notBefore": expected a number/);
    expect(read('faults.jsonl', '{"state":"fired"}')).toThrow(/faults.jsonl:1: "id": expected/);
    expect(read('faults.jsonl', '{"state":"fired","id":"a","notBefore":2,"notAfter":1}')).toThrow(
      /"notAfter": expected at least notBefore \(2\), got 1/,
    );
    expect(read('faults.jsonl', '{"state":"intended","step":{}}')).toThrow(/"step.id"/);
  });

  test('lines that are missing from a closed run', () => {
    write([line(0), line(1), line(2), line(3)]);
    store.close();
    writeFileSync(join(directory, 'history.jsonl'), `${line(0)}\n${line(1)}\n`);
    expect(() => readRun(directory)).toThrow(
      /history.jsonl: has 2 lines, expected 4 \(closed.json\)/,
    );
  });

  test('no spec, or one that is not JSON', () => {
    store.close();
    writeFileSync(join(directory, 'spec.json'), 'nonsense');
    expect(() => readRun(directory)).toThrow(/spec.json: not JSON/);
    rmSync(join(directory, 'spec.json'));
    expect(() => readRun(directory)).toThrow(
      /no such file; expected a run directory with spec.json/,
    );
  });
});

test('files longer than a block are read whole', () => {
  const lines = Array.from({ length: 30_000 }, (_, index) => line(index));
  write(lines);
  store.close();
  const { history } = readRun(directory);
  expect(history).toHaveLength(30_000);
  expect(history.at(-1)).toEqual(JSON.parse(lines.at(-1) ?? ''));
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../harness/operation.ts';
import { READING_LIMITS } from './format.ts';
import { formatNamed, FORMATS } from './formats.ts';
import { guessFormat } from './guess-format.ts';
import { guessModel } from './guess-model.ts';
import { SourceFile } from './source-file.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'faultline-formats-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(format: string, paths: readonly string[]) {
  const sources = paths.map((path) => new SourceFile(path));
  const cases = [];
  for await (const { batches, ...rest } of formatNamed(format).read(sources, READING_LIMITS)) {
    const operations: Operation[] = [];
    const lines: number[] = [];
    for await (const batch of batches) {
      operations.push(...batch.operations);
      lines.push(...batch.lines);
    }
    expect(operations.map(({ index }) => index)).toEqual(operations.map((_, at) => at));
    cases.push({ ...rest, operations, lines });
  }
  return cases;
}

/** `0 invoke write 1`. */
const words = (operations: readonly Operation[]): string[] =>
  operations.map(
    ({ process, type, f, value }) => `${String(process)} ${type} ${f} ${JSON.stringify(value)}`,
  );

const OPS =
  '{"p":0,"f":"write","v":1,"call":0,"ret":5,"type":"ok","out":null}\n' +
  '{"p":1,"f":"read","v":null,"call":1,"ret":2,"type":"ok","out":1}\n' +
  '{"p":2,"f":"cas","v":[1,2],"call":3,"ret":null,"type":"info","out":null}\n' +
  '{"p":1,"f":"cas","v":[9,2],"call":4,"ret":6,"type":"fail","out":null}\n' +
  '{"p":2,"f":"read","v":null,"call":7,"ret":8,"type":"ok","out":2}\n';
const CASE =
  '{"id":3,"expected":true,"ops":[[1,"read",null,2,3,"ok",null],[0,"write",1,0,1,"ok",null]]}\n';
const RECORDS = Buffer.concat([
  record('S', 1),
  record('R', 0xbebeebee, 0xbebeebee, 7, 0),
  record('W', 11, 7, 5),
  record('C', 1),
  record('S', 2),
  record('W', 12, 7, 5),
]);

function record(kind: string, ...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(1 + 8 * numbers.length);
  bytes.write(kind, 'latin1');
  for (const [at, number] of numbers.entries()) bytes.writeBigUInt64BE(BigInt(number), 1 + 8 * at);
  return bytes;
}

const SAMPLES: Readonly<Record<string, { content: string | Buffer; expected: readonly string[] }>> =
  {
    'jepsen-edn': {
      content:
        '[{:process 0, :type :invoke, :f :write, :value 1, :index 9}\n' +
        ' {:process :nemesis, :type :info, :f :start, :value nil}\n' +
        ' {:process 0, :type :ok, :f :write, :value 1, :index 3}]',
      expected: ['0 invoke write 1', '0 ok write 1'],
    },
    'jepsen-log': {
      content:
        'INFO  jepsen.core - starting\n' +
        'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]\n' +
        'INFO  jepsen.util - 1   :invoke :read   nil\n' +
        'INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n' +
        'INFO  jepsen.util - 0\t:info\t:cas\t:timed-out\n' +
        'INFO  jepsen.util - 1\t:ok\t:read\t3\n',
      expected: [
        '0 invoke cas [1,2]',
        '1 invoke read null',
        '0 info cas "timed-out"',
        '1 ok read 3',
      ],
    },
    'jepsen-json': {
      content:
        '[{"process":0,"type":"invoke","f":"txn","value":[["r",1,null]]},\n' +
        '{"process":":nemesis","type":":info","f":"kill","value":null},' +
        '{"process":0,"type":"ok","f":"txn","value":[["r",1,[2]]]}]',
      expected: ['0 invoke txn [["r",1,null]]', '0 ok txn [["r",1,[2]]]'],
    },
    'porcupine-kv': {
      content:
        '{:process 9, :type :invoke, :f :append, :key "0", :value "x"}\n' +
        '{:process 1, :type :invoke, :f :get, :key "0", :value nil}\n',
      expected: ['9 invoke append ["0","x"]', '1 invoke get ["0",null]'],
    },
    'elle-golden': {
      content:
        '{"workload":"list-append","opts":{},"history":[{"index":0,"process":0,"type":"ok","f":null,' +
        '"value":[["append","x",1]],"time":-1}],"result":{"valid?":true}}\n',
      expected: ['0 ok txn [["append","x",1]]'],
    },
    'elle-oracle': {
      content:
        '{"id":"a","workload":"rw-register","opts":{"wfr-keys?":true},' +
        '"history":[[0,1,"invoke",[["w",1,1]]]],"result":{}}\n',
      expected: ['1 invoke txn [["w",1,1]]'],
    },
    'elle-perf': {
      content: '{"id":"a","workload":"list-append","opts":{}}\n[0,4,"invoke",[["append",7,1]]]\n',
      expected: ['4 invoke txn [["append",7,1]]'],
    },
    'register-ops': {
      content: OPS,
      expected: [
        '0 invoke write 1',
        '1 invoke read null',
        '1 ok read 1',
        '2 invoke cas [1,2]',
        '1 invoke cas [9,2]',
        '0 ok write 1',
        '1 fail cas [9,2]',
        '2 info cas [1,2]',
        '2 invoke read null',
        '2 ok read 2',
      ],
    },
    'register-cases': {
      content: CASE,
      expected: ['0 invoke write 1', '0 ok write 1', '1 invoke read null', '1 ok read null'],
    },
    'cobra-jsonl': {
      content: '{"s":4,"t":0,"ops":[["r",0,null],["w",0,1]]}\n',
      expected: ['4 invoke txn [["r",0,null],["w",0,1]]', '4 ok txn [["r",0,null],["w",0,1]]'],
    },
    'cobra-raw': {
      content: RECORDS,
      expected: [
        '0 invoke txn [["r",7,null],["w",7,11]]',
        '0 ok txn [["r",7,null],["w",7,11]]',
        '0 invoke txn [["w",7,12]]',
        '0 info txn [["w",7,12]]',
      ],
    },
    awdit: {
      content: 'w 0 0\nr 1 0\n-----\nr 0 0\n=====\nr 0 5\n',
      expected: [
        '0 invoke txn [["w",0,0],["r",1,null]]',
        '0 ok txn [["w",0,0],["r",1,null]]',
        '0 invoke txn [["r",0,null]]',
        '0 ok txn [["r",0,0]]',
        '1 invoke txn [["r",0,null]]',
        '1 ok txn [["r",0,5]]',
      ],
    },
    faultline: {
      content:
        '{"index":0,"time":5,"process":0,"type":"invoke","f":"add","value":1,"node":"n1"}\n' +
        '{"index":1,"time":6,"process":0,"type":"ok","f":"add","value":1,"node":"n1"}\n',
      expected: ['0 invoke add 1', '0 ok add 1'],
    },
  };

describe('every format', () => {
  test('has a sample here', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(FORMATS.map(({ name }) => name).sort());
  });

  test.each(Object.entries(SAMPLES))('%s', async (name, { content, expected }) => {
    const plain = file(name, content);
    const [history, ...more] = await read(name, [plain]);
    expect(words(history?.operations ?? [])).toEqual(expected);
    expect(more).toEqual([]);
    expect(await guessFormat(plain)).toBe(name);
    // Gzip is known by its first bytes, whatever the file is called.
    const packed = file(`${name}-packed`, gzipSync(content));
    expect(await read(name, [packed])).toEqual(await read(name, [plain]));
    expect(await guessFormat(packed)).toBe(name);
  });
});

test('lines of operations count from 1 and skip what is no operation', async () => {
  const [history] = await read('jepsen-log', [file('log', SAMPLES['jepsen-log']!.content)]);
  expect(history?.lines).toEqual([2, 3, 5, 6]);
});

test('logs of sessions have no real time; several binary logs are one history', async () => {
  const logs = [file('T0', RECORDS), file('T1', RECORDS)];
  const [history, ...more] = await read('cobra-raw', logs);
  expect(more).toEqual([]);
  expect(history?.options).toEqual({ realtime: false });
  expect(new Set(history?.operations.map(({ process }) => process))).toEqual(new Set([0, 1]));
});

test("Elle's options become ours", async () => {
  const line = (opts: object) =>
    `${JSON.stringify({ id: 'a', workload: 'rw-register', opts, history: [], result: {} })}\n`;
  const cases = await read('elle-oracle', [
    file(
      'options',
      line({}) +
        line({ 'consistency-models': null, anomalies: ['G1'] }) +
        line({
          'consistency-models': ['serializable'],
          'wfr-keys?': true,
          'sequential-keys?': false,
        }),
    ),
  ]);
  expect(cases.map(({ options }) => options)).toEqual([
    { consistency: ['strict-serializable'], versionOrders: [] },
    { consistency: [], anomalies: ['G1'], versionOrders: [] },
    { consistency: ['serializable'], versionOrders: ['wfr-keys'] },
  ]);
});

test('times never decrease, whatever the file says', async () => {
  const times = ['5', '##NaN', '-7', '3', '9', 'nil'];
  const lines = times.map((time) => `{:type :invoke :f :read :process 0 :time ${time}}`);
  const [history] = await read('jepsen-edn', [file('times', lines.join('\n'))]);
  expect(history?.operations.map(({ time }) => time)).toEqual([5, 5, 5, 5, 9, 9]);
});

describe('a model is guessed only where nothing else can be meant', () => {
  const all = (...operations: [string, unknown][]) =>
    operations.map(([f, value], index) => ({ f, value, type: 'ok', index }) as Operation);
  test.each([
    [all(['write', 1], ['read', 1]), 'cas-register'],
    [all(['read', 1]), null],
    [all(['write', ['k', 1]]), null],
    [all(['acquire', null], ['release', null]), 'mutex'],
    [all(['txn', [['append', 1, 2]]]), 'list-append'],
    [all(['txn', [['r', 1, 2]]], ['txn', [['w', 1, 2]]]), 'rw-register'],
    [all(['txn', [['r', 1, 2]]]), null],
    [all(['add', 1], ['read', 1]), 'counter'],
    [all(['add', 1], ['read', [1]]), null],
    [all(['transfer', {}], ['read', {}]), 'bank'],
  ])('%#', (operations, model) => expect(guessModel(operations)).toBe(model));
});

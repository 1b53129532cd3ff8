/**
 * Goal: whatever a history holds, `judge` names file and line and exits 254, or reads it in the way that docs/judging.md
 * says; it never judges what it cannot know, and never overflows. Method: the real command, many files a start; and the
 * readers themselves where a file would be too large.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { formatNamed } from '../../formats/formats.ts';
import { SourceFile } from '../../formats/source-file.ts';

const op = (process: number, type: string, f: string, value: string, rest = '') =>
  `{:process ${String(process)}, :type :${type}, :f :${f}, :value ${value}${rest}}\n`;
const GOOD = op(0, 'invoke', 'write', '1') + op(0, 'ok', 'write', '1');
const STALE = GOOD + op(1, 'invoke', 'read', 'nil') + op(1, 'ok', 'read', '2');

/** Name, content, and what is said of it: `FILE` stands for its path. */
const REFUSED: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['empty', '', /FILE: is empty/],
  [
    'no-operations.edn',
    op(0, 'invoke', 'write', '1').replace('0', ':nemesis'),
    /FILE: holds no operations of clients/,
  ],
  [
    'cut.edn.gz',
    gzipSync(GOOD.repeat(5_000)).subarray(0, -400),
    /FILE:\d+: the gzip file is cut off/,
  ],
  ['damaged.edn.gz', damaged(gzipSync(GOOD.repeat(5_000))), /FILE:\d+: the gzip file is damaged/],
  [
    'two-calls.edn',
    GOOD + op(3, 'invoke', 'read', 'nil') + op(3, 'invoke', 'read', 'nil'),
    /FILE:4: process 3 calls read before its call on line 3 was answered/,
  ],
  [
    'no-call.edn',
    GOOD + op(4, 'ok', 'read', '1'),
    /FILE:3: ok of process 4, which has called nothing/,
  ],
  [
    'type.edn',
    GOOD + op(0, 'invok', 'read', 'nil'),
    /FILE:3: unknown type "invok"; .*did you mean "invoke"/,
  ],
  [
    'no-type.edn',
    `${GOOD}{:process 1, :f :read}\n`,
    /FILE:3: type: expected one of invoke, ok, fail, info, got nothing/,
  ],
  ['no-f.edn', `${GOOD}{:process 1, :type :invoke, :value 1}\n`, /FILE:3: f: expected a name/],
  [
    'process.edn',
    GOOD + '{:process 1.5, :type :invoke, :f :read}',
    /FILE:3: process: expected a whole number, got 1.5/,
  ],
  ['open.edn', `[${GOOD}`, /FILE:3: ended too early: expected "\]" for what began on line 1/],
  ['closed.edn', `[${GOOD}]]`, /FILE:3: "\]" closes nothing/],
  ['no-map.edn', `[${GOOD} [1 2]]`, /FILE:3: expected an operation map .* got \[1,2\]/],
  [
    'deep.edn',
    `${GOOD}{:process 1, :type :invoke, :f :write, :value ${'['.repeat(200_000)}`,
    /FILE:3: more than 1000 levels of brackets/,
  ],
  [
    'deep.json',
    `{"type":"invoke","process":0,"f":"write","value":${'['.repeat(200_000)}`,
    /FILE:1: /,
  ],
  [
    'deep-lists.json',
    `[{"type":"invoke","process":0,"f":"write","value":${'['.repeat(200_000)}${']'.repeat(200_000)}}]`,
    /FILE:1: more than 1000 levels of brackets/,
  ],
  [
    'nan.json',
    '[{"type":"invoke","process":0,"f":"write","value":1},\n{"type":"ok","process":0,"time":NaN}]',
    /FILE:2: not JSON/,
  ],
  [
    'latin.edn',
    Buffer.from(GOOD + op(1, 'invoke', 'write', '"café"'), 'latin1'),
    /FILE:3: not UTF-8 text/,
  ],
  [
    'wide.edn',
    Buffer.from(GOOD, 'utf16le'),
    /FILE: its format cannot be guessed|FILE:1: not UTF-8/,
  ],
  [
    'ranks.jsonl',
    '{"p":0,"f":"write","v":1,"call":4,"ret":5,"type":"ok"}\n{"p":1,"f":"read","call":3,"ret":6,"type":"ok"}\n',
    /FILE:2: call 3 after call 4: expected operations in the order of their calls/,
  ],
  [
    'backwards.jsonl',
    '{"p":0,"f":"write","v":1,"call":4,"ret":3,"type":"ok"}\n',
    /FILE:1: ret: expected a rank above call 4, got 3/,
  ],
  [
    'overlap.jsonl',
    '{"p":0,"f":"write","v":1,"call":0,"ret":3,"type":"ok"}\n{"p":0,"f":"read","call":1,"ret":2,"type":"ok"}\n',
    /FILE:2: process 0 calls again before its operation/,
  ],
  ['awdit.txt', 'w 0 1\nr 0\n', /FILE:2: expected "r key value"/],
  [
    'history.log',
    'INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\n',
    /FILE:2: expected <process> :<type> :<f> <value>/,
  ],
  [
    'ours.jsonl',
    '{"index":0,"time":NaN}\n',
    /FILE: its format cannot be guessed; expected --format, one of jepsen-edn/,
  ],
  ['words.txt', 'hello\nworld\n', /FILE: its format cannot be guessed/],
  [
    'sets.edn',
    op(0, 'invoke', 'add', '1') + op(0, 'ok', 'add', '1'),
    /FILE: its operations \(add\) could be of several models; expected --model/,
  ],
];

/** Read all the same, as docs/judging.md says, and judged. */
const LENIENT: readonly (readonly [string, string, boolean])[] = [
  [
    'tags.edn',
    `#jepsen.history.History [${STALE.replace('{', '#unknown/tag {').replace(':value 1', ':value #odd/value 1')}]`,
    false,
  ],
  ['tags-valid.edn', GOOD.replace(':value 1', ':value #odd/value 1'), true],
  [
    'times.edn',
    op(0, 'invoke', 'write', '1', ', :time ##NaN') +
      op(0, 'ok', 'write', '1', ', :time -5') +
      op(1, 'invoke', 'read', 'nil', ', :time 9') +
      op(1, 'ok', 'read', '1', ', :time 3'),
    true,
  ],
  [
    'indexes.edn',
    op(0, 'invoke', 'write', '1', ', :index 7') + op(0, 'ok', 'write', '1', ', :index 3'),
    true,
  ],
  ['never-answered.edn', STALE + op(7, 'invoke', 'write', '2'), false],
  [
    'crashed.edn',
    op(7, 'invoke', 'write', '2') + op(7, 'info', 'write', ':timed-out') + STALE,
    true,
  ],
];

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xff, 40, 60);
  return copy;
}

let folder = '';
const pathOf = (name: string): string => join(folder, name);

/** The command, in this process. */
async function judge(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { exitCode: await main(['judge', ...argv]), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-judge-'));
  for (const [name, content] of [...REFUSED, ...LENIENT]) writeFileSync(pathOf(name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('bad histories are refused with file and line; each is told, none is judged', async () => {
  const { exitCode, stdout, stderr } = await judge(
    ...REFUSED.map(([name]) => pathOf(name)),
    pathOf('none'),
    folder,
  );
  expect(stderr).not.toMatch(/crashed|Maximum call stack|\n\s+at /);
  expect(stdout).toBe('');
  for (const [name, , message] of REFUSED) {
    const told = stderr.split('\n').filter((line) => line.includes(`${pathOf(name)}:`));
    const lines = told.map((line) => line.replace(pathOf(name), 'FILE')).join('\n');
    expect(lines, name).toMatch(message);
  }
  expect(stderr).toMatch(/none: no such file/);
  expect(stderr).toMatch(/is a directory without a history.jsonl/);
  expect(exitCode).toBe(254);
});

test('what is read leniently is judged as documented', async () => {
  const { exitCode, stdout } = await judge(
    '--json',
    '--format',
    'jepsen-edn',
    '--model',
    'register',
    ...LENIENT.map(([name]) => pathOf(name)),
  );
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; valid: unknown });
  expect(found.map(({ file, valid }) => [file, valid])).toEqual(
    LENIENT.map(([name, , valid]) => [pathOf(name), valid]),
  );
  expect(exitCode).toBe(1);
});

describe('wrong use', () => {
  test.each([
    [['--model', 'cas-registr', 'x'], /unknown model "cas-registr"; .*did you mean "cas-register"/],
    [['--format', 'jepsen-end', 'x'], /unknown format "jepsen-end"; .*did you mean "jepsen-edn"/],
    [['--nil-reads', 'al', 'x'], /--nil-reads: unknown value "al"; expected one of any, initial/],
    [['--failed-cas', 'drop', 'x'], /--failed-cas: .*did you mean "dropped"/],
    [['--initial', '{', 'x'], /--initial: expected a value such as 0, nil/],
    [['--budget', 'soon', 'x'], /--budget: expected a positive time/],
    [['--corpus', '/no/such', 'x'], /expected files or --corpus, not both/],
    [['--corpus', '/no/such'], /no such file: \/no\/such\/expected.json/],
    [[], /expected a file/],
  ])('%j', async (argv, message) => {
    const { exitCode, stderr } = await judge(...argv);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(254);
  });
});

/** A file that is made up as it is read. */
class MadeUp extends SourceFile {
  readonly #pieces: () => Iterable<string>;

  constructor(pieces: () => Iterable<string>) {
    super('made-up');
    this.#pieces = pieces;
  }

  override async *chunks(): AsyncGenerator<Buffer> {
    for (const piece of this.#pieces()) yield Buffer.from(piece);
  }
}

function* endless(first: string, then: string): Generator<string> {
  yield first;
  for (;;) yield then.repeat(1_000);
}

async function count(format: string, source: SourceFile): Promise<number> {
  const limits = { recordLength: 100_000, depth: 100 };
  let operations = 0;
  for await (const { batches } of formatNamed(format).read([source], limits)) {
    for await (const batch of batches) operations += batch.operations.length;
  }
  return operations;
}

describe('a line without end', () => {
  test.each([
    ['register-ops', '{"p":0,"f":"write","v":"', 'xxxxxxxxxx'],
    ['elle-golden', '{"workload":"list-append","history":[', '{"index":0},'],
    ['jepsen-log', 'INFO  jepsen.util - 0 :invoke :write ', '1 1 1 1 1 '],
    ['jepsen-edn', '{:process 0, :type :invoke, :f :write, :value "', 'xxxxxxxxxx'],
    ['jepsen-edn', '{:process 0, :type :invoke, :f :write, :value [', '1 2 3 4 5 '],
    ['jepsen-json', '[{"process":0,"type":"invoke","f":"write","value":[', '1,2,3,4,5,'],
    ['awdit', 'w 0 1', '1111111111'],
  ])('%s: one operation of it is refused, however long it goes on', async (format, first, then) => {
    const refused = count(format, new MadeUp(() => endless(first, then)));
    await expect(refused).rejects.toThrow(/^made-up:1: longer than 100000 characters/);
  });

  test.each([
    ['jepsen-edn', '[', '{:process 0, :type :invoke, :f :write, :value 1} ', ']'],
    ['jepsen-json', '[', '{"process":0,"type":"invoke","f":"write","value":1},', ']'],
  ])('%s: many operations on it are read one by one', async (format, open, one, close) => {
    function* pieces(): Generator<string> {
      yield open;
      for (let piece = 0; piece < 100; piece++) yield one.repeat(500);
      yield close;
    }
    expect(await count(format, new MadeUp(pieces))).toBe(50_000);
  });
});

/**
 * Goal: what `judge` prints and how it exits; that nothing outlives its budget; that `--corpus` accepts only what is as
 * expected. Method: the command in this process, and threads of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { compareToExpected, expectationOf } from '../../cli/judge-expectation.ts';
import { UsageError } from '../../cli/exit-code.ts';
import { judgeFile } from '../../cli/judge-file.ts';
import { resolveFlags, type JudgeFlags } from '../../cli/judge-options.ts';
import { worstCode } from '../../cli/judge.ts';
import type { CaseResult, CheckedCertificate, FileTask } from '../../cli/judge-task.ts';
import { JudgeThread } from '../../cli/judge-thread.ts';
import { main } from '../../cli/main.ts';
import type { JudgingOptions } from '../../checkers/judging/history-judge.ts';
import { realClock } from '../../harness/clock.ts';

let folder = '';
const pathOf = (name: string): string => join(folder, name);

const line = (process: number, type: string, f: string, value: string): string =>
  `{:process ${String(process)}, :type :${type}, :f :${f}, :value ${value}}\n`;
const WRITE = line(0, 'invoke', 'write', '1') + line(0, 'ok', 'write', '1');
const history = (read: string, start = WRITE): string =>
  start + line(1, 'invoke', 'read', 'nil') + line(1, 'ok', 'read', read);
const caseOf = (id: number, value: number): string =>
  JSON.stringify({
    id,
    expected: value === 1,
    ops: [
      [0, 'write', 1, 0, 1, 'ok', null],
      [0, 'read', null, 2, 3, 'ok', value],
    ],
  });
const FILES = {
  'good.edn': history('1'),
  'bad.edn': history('7'),
  'initial.edn': history('5', ''),
  'nil.edn': history('nil'),
  'cases.jsonl': `${caseOf(0, 1)}\n${caseOf(1, 2)}\n${caseOf(2, 1)}\n`,
  'three-good-cases.jsonl': `${[0, 1, 2].map((id) => caseOf(id, 1)).join('\n')}\n`,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-judge-'));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(pathOf(name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

const jsonOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);

test('a line of JSON a history or case; the exit code is the worst', async () => {
  const found = await judge('--json', ...['good.edn', 'cases.jsonl', 'bad.edn'].map(pathOf));
  const lines = jsonOf(found.stdout);
  expect(lines.map(({ file, case: name, valid }) => [file, name, valid])).toEqual([
    [pathOf('good.edn'), undefined, true],
    [pathOf('cases.jsonl'), '0', true],
    [pathOf('cases.jsonl'), '1', false],
    [pathOf('cases.jsonl'), '2', true],
    [pathOf('bad.edn'), undefined, false],
  ]);
  expect(lines[0]).toMatchObject({ model: 'cas-register', format: 'jepsen-edn', operations: 2 });
  expect(lines[0]).toHaveProperty('milliseconds');
  expect(lines[4]).toHaveProperty('certificate');
  expect(found.stderr).toContain(`${pathOf('cases.jsonl')}: read as register-cases`);
  expect(found.exitCode).toBe(1);
});

test('in words: the verdict, and the operations that prove it with their lines', async () => {
  const { stdout, exitCode } = await judge(pathOf('bad.edn'));
  expect(stdout).toMatch(/bad.edn: INVALID \(cas-register, 2 operations, /);
  expect(stdout).toMatch(/line 4: process 1 ok read 7|line 3: process 1 invoke read absent/);
  expect(exitCode).toBe(1);
});

/** One file judged on this thread. */
async function judged(name: string, model: string, options: Partial<JudgingOptions> = {}) {
  const results: CaseResult[] = [];
  const format = 'jepsen-edn';
  const rest = { timeMs: 10_000, skip: 0, field: null, validate: false };
  await judgeFile(
    { files: [pathOf(name)], format, model, options, ...rest },
    realClock(),
    (sign) => {
      if (sign.kind === 'case') results.push(sign.result);
    },
  );
  return results[0]?.verdict.verdict.valid;
}

describe('how a history is to be read', () => {
  test.each<[string, string[], string]>([
    ['initial.edn', ['--initial', '5'], 'valid'],
    ['initial.edn', [], 'invalid'],
    ['nil.edn', ['--nil-reads', 'any'], 'valid'],
    ['nil.edn', ['--nil-reads', 'initial'], 'invalid'],
  ])('%s %j: %s', async (name, [flag, value], valid) => {
    const flags = { realtime: true, budget: '60s' };
    const told = flag === '--initial' ? { initial: value } : { nilReads: value };
    const { options } = resolveFlags({
      ...flags,
      ...(value === undefined ? {} : told),
    } as JudgeFlags);
    expect(await judged(name, 'register', options)).toBe(valid);
  });
});

test.each([
  [[0, 2], 2],
  [[2, 1, 0], 1],
  [[1, 254, 2], 254],
  [[254, 255, 1], 255],
  [[], 0],
])('of %j the worst is %i', (codes, worst) => expect(worstCode(codes)).toBe(worst));

describe('nothing outlives its budget', () => {
  const task: FileTask = {
    files: ['x'],
    format: 'register-cases',
    model: 'register',
    options: {},
    timeMs: 50,
    skip: 0,
    field: null,
    validate: false,
  };
  const hanging = new URL('./hanging-judge-worker.ts', import.meta.url);

  test('a case that never ends is unknown, and those after it are judged', async () => {
    const thread = new JudgeThread(new AbortController().signal, true, hanging);
    const results: CaseResult[] = [];
    const ending = await thread.judge(task, (result) => void results.push(result));
    await thread.close();
    expect(ending).toEqual({ kind: 'done' });
    expect(
      results.map(({ name, verdict: { verdict } }) => [name, verdict.valid, verdict.reason]),
    ).toEqual([
      ['first', 'valid', undefined],
      ['hang', 'unknown', 'budget'],
      ['third', 'valid', undefined],
      ['hang', 'unknown', 'budget'],
      ['last', 'valid', undefined],
    ]);
  });

  test('an interruption ends it with what was judged so far', async () => {
    const controller = new AbortController();
    const thread = new JudgeThread(controller.signal, true, hanging);
    const names: (string | null)[] = [];
    const ending = await thread.judge({ ...task, timeMs: 60_000 }, ({ name }) => {
      names.push(name);
      controller.abort();
    });
    await thread.close();
    expect(ending).toEqual({ kind: 'interrupted' });
    expect(names).toEqual(['first']);
  });

  test('a thread that cannot start is told once', async () => {
    const missing = new URL('./no-such-worker.ts', import.meta.url);
    const thread = new JudgeThread(new AbortController().signal, true, missing);
    const ending = await thread.judge(task, () => expect.unreachable());
    expect(ending).toMatchObject({ kind: 'failed' });
  });
});

describe("a model of one's own", () => {
  const model = (step: string): string =>
    `export const model = { name: 'mine', init: () => 1, step: (state, operation) => ${step} };`;
  const write = (name: string, text: string): string => {
    writeFileSync(pathOf(name), text);
    return pathOf(name);
  };

  test('judges; one that never comes back is ended', async () => {
    const accepts = write('accepts.mjs', model('state'));
    const refuses = write('refuses.mjs', model("operation.f === 'read' ? undefined : state"));
    const hangs = write('hangs.mjs', model('{ for (;;); }'));
    expect(await judged('bad.edn', accepts)).toBe('valid');
    expect(await judged('good.edn', refuses)).toBe('invalid');
    const { stdout, exitCode } = await judge(
      '--json',
      '--budget',
      '0.1',
      '--model',
      hangs,
      pathOf('good.edn'),
    );
    expect(jsonOf(stdout)[0]).toMatchObject({ valid: 'unknown', reason: 'budget' });
    expect(exitCode).toBe(2);
  });

  test('that is none, or not there, is wrong use', async () => {
    const none = write('none.mjs', 'export const model = 5;');
    const broken = write('broken.mjs', 'export const');
    for (const [path, message] of [
      [none, /expected .* to export one model \(name, init and step\), found 0/],
      [broken, /broken.mjs cannot be imported/],
      ['missing.ts', /no such file: missing.ts/],
    ] as const) {
      await expect(judged('good.edn', path)).rejects.toThrow(message);
      await expect(judged('good.edn', path)).rejects.toThrow(UsageError);
    }
  });
});

describe('--corpus', () => {
  const entry = (file: string, expected: object) => ({
    files: [file],
    format: file.endsWith('.edn') ? 'jepsen-edn' : 'register-cases',
    model: 'cas-register',
    options: { initial: null },
    expect: expected,
  });
  const write = (...entries: object[]) =>
    writeFileSync(pathOf('expected.json'), JSON.stringify(entries));

  test('everything as expected exits 0', async () => {
    write(
      entry('good.edn', { valid: true }),
      entry('bad.edn', { valid: false }),
      entry('cases.jsonl', { perCase: 'expected' }),
    );
    const { exitCode, stdout, stderr } = await judge('--corpus', folder);
    expect(stdout).toMatch(/ok +good.edn: expected valid, found valid/);
    expect(stdout).toMatch(/ok +cases.jsonl: 3 of 3 cases as expected/);
    expect(stderr).toMatch(/3 of 3 entries as expected; 5 cases, 0 not as expected/);
    expect(exitCode).toBe(0);
  });

  test('a mismatch, a file that is missing and an expectation of nothing exit 1', async () => {
    write(
      entry('good.edn', { valid: false }),
      entry('none.edn', { valid: true }),
      entry('three-good-cases.jsonl', { perCase: 'no-such-field' }),
    );
    const { exitCode, stdout, stderr } = await judge('--corpus', folder);
    expect(stdout).toMatch(/MISMATCH good.edn: expected invalid, found valid/);
    expect(stdout).toMatch(/MISMATCH none.edn: .*no such file/);
    expect(stdout).toMatch(/MISMATCH three-good-cases.jsonl: 0 of 3 cases as expected/);
    expect(stderr).toMatch(/0 of 3 entries as expected/);
    expect(exitCode).toBe(1);
  });
});

describe('expected beside found', () => {
  const accepted = (anomaly: string): CheckedCertificate => ({
    kind: 'transaction-cycle',
    anomaly,
    problem: null,
  });
  const found = (
    valid: 'valid' | 'invalid' | 'unknown',
    rest: object = {},
    checked: CheckedCertificate[] = [],
  ) =>
    ({
      verdict: { verdict: { valid, summary: '' }, certificates: [], ...rest },
      checked,
    }) as unknown as CaseResult;
  const invalid = (types: string[], checked: CheckedCertificate[] = []) =>
    found('invalid', { anomalyTypes: types, not: ['serializable'], alsoNot: ['x'] }, checked);
  const elle = (valid: unknown, types: string[]) => ({ 'valid?': valid, 'anomaly-types': types });

  test.each([
    [true, found('valid'), true],
    [true, found('unknown'), false],
    [false, found('unknown'), false],
    [{ valid: false }, invalid([]), true],
    [
      elle('unknown', ['empty-transaction-graph']),
      found('unknown', { anomalyTypes: ['empty-transaction-graph'] }),
      true,
    ],
    [elle(false, ['G0']), invalid(['G0']), true],
    [elle(false, ['G0', 'cycle-search-timeout']), invalid(['G0']), true],
    [elle(false, ['G0', 'G1c']), invalid(['G0']), false],
    [elle(false, ['G0']), invalid(['G0', 'G1c']), false],
    [elle(false, ['G0']), invalid(['G0', 'G1c'], [accepted('G1c')]), true],
    [elle(false, ['G0']), invalid(['G0', 'G1c'], [{ ...accepted('G1c'), problem: 'no' }]), false],
    [{ valid: false, not: ['serializable'] }, invalid([]), true],
    [{ valid: false, not: ['snapshot-isolation'] }, invalid([]), false],
    [{ valid: false, allows: ['x'] }, invalid([]), false],
    [{ levels: { causal: true } }, found('valid', { levels: { causal: true } }), true],
    [{ levels: { causal: true } }, found('invalid', { levels: { causal: false } }), false],
    [{ levels: { causal: true } }, found('unknown', { levels: {} }), false],
    [undefined, found('valid'), false],
  ])('%#: %j', (told, result, matches) => {
    expect(compareToExpected(expectationOf(told), result).matches).toBe(matches);
  });
});

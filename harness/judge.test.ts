import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import type { CheckerRef, RecordedRun } from './checker.ts';
import { ownChecker } from './checker.ts';
import { judge, judgeInline } from './judge.ts';
import type { Operation } from './operation.ts';

const FACTS = {
  nodes: ['n1'],
  concurrency: 1,
  reads: ['read'],
  directory: null,
  recoveryMs: 1_000,
};

const HISTORY: readonly Operation[] = [
  { index: 0, time: 0, process: 0, type: 'invoke', f: 'write', value: 1, node: 'n1' },
  { index: 1, time: 10, process: 0, type: 'ok', f: 'write', value: 1, node: 'n1' },
  { index: 2, time: 20, process: 0, type: 'invoke', f: 'read', value: null, node: 'n1' },
  { index: 3, time: 30, process: 0, type: 'ok', f: 'read', value: null, node: 'n1' },
];
const RUN: RecordedRun = { history: HISTORY, events: [], faults: [], facts: FACTS };

/** A checker whose source is in its URL. */
function checker(name: string, body: string): CheckerRef {
  const source = `export const check = (run, options, budget) => { ${body} };`;
  return { name, module: `data:text/javascript,${encodeURIComponent(source)}`, export: 'check' };
}

const GOOD = checker('good', "return { valid: 'valid', summary: String(run.history.length) };");
const THROWING = checker('throwing', "throw new RangeError('my own bug');");
const ENDLESS = checker('endless', 'for (;;) {}');
const VACUOUS = checker(
  'vacuous',
  "return { valid: 'unknown', reason: 'vacuous', summary: 'nothing' };",
);
const REGISTER = ownChecker('checkers/linearizable-register', 'checkLinearizableRegister');

it('judges in worker threads, each checker for itself, and composes by the worst', async () => {
  const checkers = [GOOD, THROWING, ENDLESS, VACUOUS, GOOD];
  const judged = await judge({ run: RUN, checkers, budget: { timeMs: 300 } });
  expect(judged.validity).toBe('unknown');
  expect(Object.keys(judged.verdicts)).toEqual([
    'good',
    'throwing',
    'endless',
    'vacuous',
    'good-2',
  ]);
  expect(judged.verdicts['good']).toEqual({ valid: 'valid', summary: '4' });
  expect(judged.verdicts['good-2']).toEqual({ valid: 'valid', summary: '4' });
  expect(judged.verdicts['endless']).toMatchObject({ valid: 'unknown', reason: 'budget' });
  expect(judged.verdicts['throwing']).toMatchObject({
    valid: 'unknown',
    reason: 'harness-failure',
  });
  expect(judged.verdicts['throwing']?.summary).toMatch(/RangeError: my own bug\n\s+at /);
  expect(judged.summary).toMatch(/^unknown: harness-failure \(throwing: /);
}, 20_000);

it('finds our own checkers, and reads a run directory in the worker', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-judge-'));
  try {
    writeFileSync(join(directory, 'spec.json'), JSON.stringify({ facts: FACTS }));
    const lines = HISTORY.map((operation) => `${JSON.stringify(operation)}\n`);
    writeFileSync(join(directory, 'history.jsonl'), lines.join(''));
    const counts = { 'history.jsonl': 4, 'events.jsonl': 0, 'faults.jsonl': 0 };
    writeFileSync(join(directory, 'closed.json'), JSON.stringify(counts));
    const judged = await judge({ directory, checkers: [REGISTER] });
    expect(judged.validity).toBe('invalid');
    const [anomaly] = judged.verdicts['linearizable-register']?.anomalies ?? [];
    expect(anomaly).toMatchObject({ name: 'lost-acknowledged-write', operations: [0, 1, 2, 3] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 20_000);

it('makes a run that cannot be read a failure of the harness', async () => {
  const judged = await judge({ directory: '/nonexistent', checkers: [GOOD] });
  expect(judged.verdicts['good']).toMatchObject({ valid: 'unknown', reason: 'harness-failure' });
}, 20_000);

it('stops when interrupted', async () => {
  const interruption = new AbortController();
  const judging = judge({
    run: RUN,
    checkers: [ENDLESS, ENDLESS, GOOD],
    signal: interruption.signal,
  });
  interruption.abort();
  const { verdicts } = await judging;
  for (const verdict of Object.values(verdicts)) {
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'interrupted' });
  }
}, 20_000);

it('survives a checker that ends its thread', async () => {
  const exiting = checker('exiting', 'process.exit(3);');
  const { verdicts } = await judge({ run: RUN, checkers: [exiting, GOOD, GOOD] });
  expect(verdicts['exiting']).toMatchObject({ valid: 'unknown', reason: 'harness-failure' });
  expect(verdicts['good']).toMatchObject({ valid: 'valid' });
  expect(verdicts['good-2']).toMatchObject({ valid: 'valid' });
}, 20_000);

it('judges inline, with the same outcome for bugs', async () => {
  const missing: CheckerRef = { ...REGISTER, name: 'missing', export: 'checkNothing' };
  const accusing = checker('accusing', "return { valid: 'invalid', summary: 'without proof' };");
  const judged = await judgeInline({ run: RUN, checkers: [REGISTER, THROWING, missing, accusing] });
  expect(judged.validity).toBe('invalid');
  expect(judged.summary).toMatch(/^invalid \(linearizable-register: /);
  expect(judged.verdicts['throwing']).toMatchObject({ reason: 'harness-failure' });
  expect(judged.verdicts['missing']?.summary).toMatch(
    /no function checkNothing; it exports .*checkLinearizableRegister/,
  );
  expect(judged.verdicts['accusing']?.summary).toMatch(/invalid without an anomaly/);
});

it('tells what breaks a guarantee that is not promised, and does not accuse', async () => {
  const broken = checker(
    'broken',
    "return { valid: 'invalid', summary: 'two holders', anomalies: [{ name: 'overlap', operations: [], faults: [] }] };",
  );
  const documented = { weakerThan: 'a lock', source: 'https://example.org/locks' };
  const judged = await judgeInline({ run: RUN, checkers: [{ ...broken, documented }] });
  expect(judged.validity).toBe('valid');
  expect(judged.verdicts['broken']?.summary).toBe(
    'weaker than a lock, as documented (https://example.org/locks): two holders',
  );
  expect(judged.verdicts['broken']?.anomalies?.map(({ name }) => name)).toEqual(['overlap']);
});

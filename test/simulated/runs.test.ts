/** Whole simulated runs, through the real `run()`: what they find, whom they accuse, and that they can be had again. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { randomTest, type RandomTestOptions } from '../../clusters/primary-backup/random-test.ts';
import type { Client } from '../../harness/client.ts';
import { run, type RunResult } from '../../harness/test.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faultline-simulated-'));
});
afterEach(() => rm(directory, { recursive: true }));

function perform(options: RandomTestOptions): Promise<RunResult> {
  return run(randomTest(options), new AbortController().signal);
}

function anomalies(result: RunResult): readonly string[] {
  const found = Object.values(result.verdicts).flatMap((verdict) => verdict.anomalies ?? []);
  return found.map(({ name }) => name);
}

/** Anomalies that say that data was lost or went back, by the workload that found them. */
const ACCUSATIONS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'acks-before-replication',
    'register',
    ['lost-acknowledged-write', 'stale-read', 'nonlinearizable'],
  ],
  ['acks-before-replication', 'set', ['lost-acknowledged-write']],
  ['stale-reads', 'register', ['lost-acknowledged-write', 'stale-read', 'nonlinearizable']],
  ['forgets-on-restart', 'register', ['lost-acknowledged-write', 'stale-read', 'nonlinearizable']],
  ['forgets-on-restart', 'set', ['lost-acknowledged-write']],
];

it.each(ACCUSATIONS)(
  '%s is found by workload %s within 25 seeds',
  async (version, workload, names) => {
    for (let seed = 1n; seed <= 25n; seed++) {
      const result = await perform({ version, workload, seed });
      if (result.validity !== 'invalid') continue;
      expect(names).toContain(anomalies(result)[0]);
      return;
    }
    expect.unreachable('25 seeds found nothing');
  },
);

it.each(['register', 'set'])(
  'the correct version is valid in 100 random runs of %s',
  async (workload) => {
    for (let seed = 1n; seed <= 100n; seed++) {
      const { validity, summary } = await perform({ version: 'correct', workload, seed });
      expect(`seed ${seed}: ${validity} ${validity === 'valid' ? '' : summary}`).toBe(
        `seed ${seed}: valid `,
      );
    }
  },
  30_000,
);

it('two runs of one seed write the same bytes; another seed writes others', async () => {
  const files = ['history.jsonl', 'events.jsonl', 'faults.jsonl'];
  // Judging is left out: it is not what is compared, and starts threads.
  const journals = async (name: string, seed: bigint): Promise<readonly string[]> => {
    const options = { version: 'correct', workload: 'register', seed };
    const spec = randomTest({ ...options, runsDirectory: join(directory, name) });
    const workload = { ...spec.workload, checkers: [] };
    const result = await run({ ...spec, workload, checkers: [] }, new AbortController().signal);
    expect(result.state.failure).toBeNull();
    return Promise.all(files.map((file) => readFile(join(result.directory ?? '', file), 'utf8')));
  };
  for (const seed of [1n, 2n, 3n]) {
    const first = await journals(`first-${seed}`, seed);
    expect(first.every((text) => text.length > 1000)).toBe(true);
    expect(await journals(`again-${seed}`, seed)).toEqual(first);
    expect((await journals(`other-${seed}`, seed + 100n))[0]).not.toBe(first[0]);
  }
});

it('final reads that nobody answers are ended, and are no failure of the harness', async () => {
  const spec = randomTest({ version: 'correct', workload: 'set', seed: 1n });
  const read = { f: 'read', value: null };
  const finalGenerator = Array.from({ length: 1000 }, () => read);
  const silent: Client = {
    open: () => Promise.resolve(),
    invoke: () => new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
  let phase = '';
  const client = (...of: Parameters<typeof spec.system.client>): Client =>
    phase === 'read back' ? silent : spec.system.client(...of);
  const said: string[] = [];
  const progress = {
    ...spec.progress,
    phaseBegan: (name: string) => void (phase = name),
    say: (line: string) => void said.push(line),
  };
  const system = { ...spec.system, client };
  const workload = { ...spec.workload, finalGenerator };
  const result = await run({ ...spec, system, workload, progress }, new AbortController().signal);
  expect(said).toContain('final reads were ended after 100 s');
  expect(result.verdicts['harness']).toBeUndefined();
});

import { expect, it } from 'vitest';
import { run, type RunResult } from '../../harness/test.ts';
import { MODELS } from './random-tests.ts';

function testOf(name: string, version: string, workload: string, seed: number): Promise<RunResult> {
  const model = MODELS.find((other) => other.name === name);
  if (model === undefined) throw new RangeError(`no model ${name}`);
  const spec = model.randomTest({ version, workload, seed: BigInt(seed) });
  return run(spec, new AbortController().signal);
}

/** The first of these seeds whose run is accused; 0 when none is. */
async function firstFound(
  name: string,
  version: string,
  workload: string,
  seeds: readonly number[],
): Promise<RunResult | null> {
  for (const seed of seeds) {
    const result = await testOf(name, version, workload, seed);
    if (result.validity === 'invalid') return result;
  }
  return null;
}

const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
const seedsTo = (count: number): number[] => seedsFrom(1, count);

// Seeds that suffice, by `npm run bench:models`; where many runs are needed, some before the one that finds it.
it.each([
  ['registration-model', 'two-step', 'blocks', seedsTo(10)],
  ['backup-model', 'heartbeat-without-id', 'backups', seedsTo(30)],
  ['backup-model', 'stale-connection', 'backups', seedsFrom(80, 20)],
  ['kudu-master-model', 'soft-state-lost', 'alter', seedsTo(40)],
  ['kudu-master-model', 'heartbeat-all-masters', 'alter', seedsFrom(90, 8)],
  ['kudu-master-model', 'persisted-tablet-servers', 'alter', seedsTo(10)],
  ['zookeeper-sync-model', 'ack-order', 'set', seedsTo(40)],
])('%s: random faults find %s under %s', async (name, version, workload, seeds) => {
  expect(await firstFound(name, version, workload, seeds)).not.toBeNull();
});

it.each([
  ['registration-model', 'correct', 'blocks', 60],
  ['backup-model', 'correct', 'backups', 60],
  ['kudu-master-model', 'correct', 'alter', 30],
  ['zookeeper-sync-model', 'correct', 'register', 30],
  ['zookeeper-sync-model', 'correct', 'set', 30],
])('%s: %s is not accused under %s', async (name, version, workload, count) => {
  expect(await firstFound(name, version, workload, seedsTo(count))).toBeNull();
});

it('runs of equal seeds leave byte-identical journals', async () => {
  for (const { name, correct } of MODELS.slice(0, 4)) {
    const [variant] = correct;
    if (variant === undefined) continue;
    const [one, other] = [
      await testOf(name, variant.version, variant.workload, 7),
      await testOf(name, variant.version, variant.workload, 7),
    ];
    for (const journal of ['history.jsonl', 'events.jsonl', 'faults.jsonl']) {
      expect(one.state.store.lines(journal)).toEqual(other.state.store.lines(journal));
    }
  }
});

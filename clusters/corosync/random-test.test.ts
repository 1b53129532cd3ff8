import { expect, it } from 'vitest';
import { run, type RunResult } from '../../harness/test.ts';
import { randomTest } from './random-test.ts';

async function runs(
  version: string,
  from: number,
  count: number,
  packages = 'kill,pause',
): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const spec = randomTest({ version, workload: 'join', seed: BigInt(seed), packages });
    results.push(await run(spec, new AbortController().signal));
  }
  return results;
}

it('accuses the correct protocol of nothing, whatever the faults', async () => {
  const all = await runs('with-quorum', 1, 10, 'kill,pause,crash,partition');
  const told = all.filter(({ validity }) => validity === 'invalid').map(({ summary }) => summary);
  expect(told).toEqual([]);
});

it('finds epochs that differ before 0.7', async () => {
  const all = await runs('before-0.4', 1, 20);
  expect(all.some(({ validity }) => validity === 'invalid')).toBe(true);
});

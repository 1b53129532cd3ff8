/** Claims: members are replaced, taken out and let in again under load, and nothing is accused. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { FaultRecord } from '../../harness/nemesis.ts';
import { realRun } from '../live/real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-membership-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

test.each([
  { target: 'etcd@3.5.16', seed: 2n },
  { target: 'etcd@3.6.5', seed: 1n },
  { target: 'zookeeper@3.9.4', seed: 2n },
])('$target, seed $seed', async ({ target, seed }) => {
  const { directory, validity, verdicts } = await realRun({
    ...{ target, seed, runsDirectory, faults: 'membership', seconds: 25 },
  });
  const lines = readFileSync(join(directory, 'faults.jsonl'), 'utf8').trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as FaultRecord);
  const count = (state: string): number =>
    records.filter((record) => record.state === state).length;
  expect(records.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(count('verified')).toBeGreaterThanOrEqual(2);
  expect(count('healed')).toBe(count('verified'));
  const accused = Object.entries(verdicts).filter(([, { valid }]) => valid !== 'valid');
  expect(accused).toEqual([]);
  expect(validity).toBe('valid');
});

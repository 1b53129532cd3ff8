/** Claims: the newest join protocol over real corosync is accused of nothing; nor is corosync itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realRun } from '../live/real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-sheepdog-join-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

test.each([
  { workload: 'join', faults: 'kill,pause', seed: 1n },
  { workload: 'join', faults: 'kill,crash,partition', seed: 2n },
  { workload: 'ring', faults: 'crash,partition', seed: 3n },
])('$workload under $faults, seed $seed', async ({ workload, faults, seed }) => {
  const { verdicts } = await realRun({
    ...{ target: 'sheepdog-join@with-quorum', seed, workload, faults },
    ...{ runsDirectory, seconds: 40 },
  });
  const accused = Object.entries(verdicts).filter(([, { valid }]) => valid === 'invalid');
  expect(accused).toEqual([]);
});

/** Runs at once on one machine do not meet: each has its subnet, its containers, its verdict. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listLeftovers } from '../../harness/testbeds/docker/leftovers.ts';
import { docker } from './docker-cluster.ts';
import { realRun } from './real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-two-runs-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

/** Of the same seed, so that they would have the same names if names came of seeds alone. */
const SEED = 11n;

test.each([
  ['etcd@3.5.16', 'zookeeper@3.9.4'],
  ['etcd@3.5.16', 'etcd@3.5.16'],
])('%s beside %s: both valid, on subnets of their own', async (one, other) => {
  const runs = await Promise.all(
    [one, other].map((target) => realRun({ target, seed: SEED, seconds: 10, runsDirectory })),
  );
  expect(runs.map(({ summary }) => summary)).toEqual(['valid', 'valid']);
  const ids = runs.map(({ state }) => state.store.runId);
  expect(new Set(ids).size).toBe(2);
  const addresses = runs.flatMap((run) => run.addresses);
  expect(new Set(addresses).size).toBe(6);
  const subnets = runs.map((run) => new Set(run.addresses.map(subnetOf)));
  expect(subnets.map(({ size }) => size)).toEqual([1, 1]);
  expect(subnets[0]).not.toEqual(subnets[1]);
  for (const { leftovers, verdicts } of runs) {
    expect(leftovers).toEqual([]);
    expect(Number(verdicts['minimum-work']?.figures?.['faultsFelt'])).toBeGreaterThan(0);
  }
  expect((await listLeftovers(docker)).filter(({ run }) => ids.includes(run))).toEqual([]);
});

/** The /24 that an address is in. */
function subnetOf(address: string): string {
  return address.slice(0, address.lastIndexOf('.'));
}

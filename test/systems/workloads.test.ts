/**
 * Claims: each further workload of a real system finds nothing on a correct cluster under faults, and the deliberately
 * weak ones that need no luck are found out on the same cluster.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realRun } from '../live/real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-workloads-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

const ETCD = 'etcd@3.5.16';
const ZOOKEEPER = 'zookeeper@3.9.4';
const common = { seconds: 30, seed: 7n, runsDirectory };

test.each([
  { target: ETCD, workload: 'list-append' },
  { target: ETCD, workload: 'watch' },
  { target: ETCD, workload: 'backups' },
  { target: ZOOKEEPER, workload: 'registration' },
  { target: ZOOKEEPER, workload: 'membership' },
  { target: ZOOKEEPER, workload: 'creation' },
])('$target $workload: nothing is accused', async (options) => {
  const { validity, verdicts } = await realRun({ ...common, ...options });
  const accused = Object.entries(verdicts).filter(([, { valid }]) => valid === 'invalid');
  expect(accused).toEqual([]);
  expect(validity).not.toBe('invalid');
});

test.each([
  { target: ETCD, workload: 'watch-from-now', faults: 'none', anomaly: 'watch-gap' },
  {
    target: ZOOKEEPER,
    workload: 'registration-in-two-steps',
    faults: 'kill',
    anomaly: 'partial-registration',
  },
])('$target $workload: $anomaly', async ({ anomaly, ...options }) => {
  const { validity, verdicts } = await realRun({ ...common, ...options });
  expect(validity).toBe('invalid');
  const found = Object.values(verdicts).flatMap(({ anomalies = [] }) => anomalies);
  expect(found.map(({ name }) => name)).toContain(anomaly);
});

/** Transactions on three real members of etcd, judged by the cycles among them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realRun } from './real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-list-append-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

const common = { target: 'etcd@3.5.16', seconds: 20, runsDirectory };

test('list-append under kills: strictly serializable', async () => {
  const run = await realRun({ ...common, workload: 'list-append', faults: 'kill', seed: 7n });
  expect(run.verdicts['list-append']).toMatchObject({ valid: 'valid' });
  expect(Number(run.verdicts['list-append']?.figures?.['transactions'])).toBeGreaterThan(200);
  expect(run.verdicts['replica-convergence']).toMatchObject({ valid: 'valid' });
  // A busy machine may leave liveness unjudged; nothing may be accused.
  expect(run.validity).not.toBe('invalid');
});

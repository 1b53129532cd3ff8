/** Power loss on etcd: what its syncs kept is there; with syncs that lie acknowledged writes are lost, and told so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { etcd } from '../../clusters/etcd/system.ts';
import { set } from '../../clusters/etcd/workloads/set.ts';
import { groundFor } from '../../cli/testbeds.ts';
import { nodeNames, testSpec } from '../../clusters/test-spec.ts';
import { faultWindows } from '../../checkers/fault-windows.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { readRun } from '../../harness/read-run.ts';
import { run, type RunResult } from '../../harness/test.ts';
import { installed } from '../../harness/testbeds/docker/volumes/own-filesystem.ts';
import { canHaveFilesystems } from '../../harness/testbeds/docker/volumes/probe.ts';
import { step } from '../fakes/fake-run.ts';

const lack = canHaveFilesystems() ?? (installed('strace') ? null : 'strace is not installed');
if (lack !== null) process.stdout.write(`skipped: ${lack}\n`);

const nodes = nodeNames(3);
const POWER = { kind: 'power-loss', selector: 'all', heal: { after: 300 * MILLISECOND } } as const;

/** All three members lose power at once, under load. */
const HONEST: readonly FaultStep[] = [step({ id: 'power', ...POWER, trigger: { at: 3 * SECOND } })];

/** As above, after two seconds of syncs that do nothing. They are honest again when the members come back. */
const LYING: readonly FaultStep[] = [
  step({
    id: 'lie',
    kind: 'fsync-lying',
    selector: 'all',
    trigger: { at: SECOND },
    heal: { fault: { id: 'power', state: 'verified' } },
  }),
  step({
    id: 'power',
    ...POWER,
    trigger: { then: [{ fault: { id: 'lie', state: 'verified' } }, { after: 2 * SECOND }] },
  }),
];

async function etcdRun(schedule: readonly FaultStep[], seed: bigint): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-power-'));
  try {
    const { testbed, clock } = await groundFor(etcd, 'docker', seed);
    const spec = testSpec({
      system: etcd,
      version: '3.5.16',
      workload: set.make({ nodes, concurrency: 6, rate: 100 }),
      schedule,
      endWithSchedule: true,
      rest: 6 * SECOND,
      testbed,
      clock,
      progress: SILENT,
      seed,
      nodes,
      concurrency: 6,
      rate: 100,
      timeLimit: 60 * SECOND,
      runsDirectory: folder,
      again: '',
    });
    const result = await run(spec, new AbortController().signal);
    expect(result.leftovers).toEqual([]);
    const { faults } = readRun(result.directory ?? '');
    for (const window of faultWindows(faults)) {
      expect(window, JSON.stringify(window)).toMatchObject({ verified: true, failed: null });
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.skipIf(lack !== null)('keeps all that was acknowledged when syncs are honest', async () => {
  const { validity, verdicts, summary } = await etcdRun(HONEST, 1n);
  expect(verdicts['set'], summary).toMatchObject({ valid: 'valid' });
  expect(validity, summary).toBe('valid');
});

it.skipIf(lack !== null)('loses what was acknowledged when syncs lie, and says so', async () => {
  const { validity, verdicts, summary } = await etcdRun(LYING, 2n);
  expect(validity, summary).toBe('invalid');
  const anomalies = verdicts['set']?.anomalies ?? [];
  expect(
    anomalies.map(({ name }) => name),
    summary,
  ).toContain('lost-acknowledged-write');
});

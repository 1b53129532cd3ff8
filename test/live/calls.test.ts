/** Faults of system calls, by what they do to a program that writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Feed } from '../../harness/feed.ts';
import { Lack, meansOf } from '../../harness/means.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { installed } from '../../harness/testbeds/docker/volumes/own-filesystem.ts';
import { canHaveFilesystems } from '../../harness/testbeds/docker/volumes/probe.ts';
import { step } from '../fakes/fake-run.ts';
import { measure, printMeasures, type Running, takeDown } from './docker-cluster.ts';
import { lastNumber, logOf, nextLine, bringUpWriter } from './disk-writer.ts';
import { runSteps, tookOf, type FaultRun } from './fault-run.ts';

const lack = canHaveFilesystems() ?? (installed('strace') ? null : 'strace is not installed');
if (lack !== null) process.stdout.write(`skipped: ${lack}\n`);

describe.skipIf(lack !== null)('system calls of a server', () => {
  let running: Running;
  let feed: Feed;

  beforeAll(async () => {
    ({ running, feed } = await bringUpWriter());
    expect(meansOf(running.cluster.node('n1'), 'calls')).not.toBeInstanceOf(Lack);
  });

  afterAll(async () => {
    await takeDown(running);
    printMeasures();
  });

  /** Faults that must be seen in effect and seen healed. @returns what was logged meanwhile and since */
  async function broken(
    ...steps: readonly (Partial<FaultStep> & { kind: string })[]
  ): Promise<FaultRun & { readonly log: readonly string[] }> {
    const before = logOf(running).length - 1;
    const run = await runSteps(
      running,
      feed,
      steps.map((given) =>
        step({ id: given.kind, trigger: { at: 0 }, heal: { after: 800 * MILLISECOND }, ...given }),
      ),
    );
    const failed = run.records.filter(({ state }) => state === 'failed' || state === 'skipped');
    expect(failed, JSON.stringify(failed)).toEqual([]);
    expect(run.outcome).toMatchObject({ notHealed: [], failure: null });
    for (const { kind } of steps) {
      const { fire, heal } = tookOf(run.records, kind);
      measure(`${kind}: fire until seen`, fire * MILLISECOND);
      measure(`${kind}: heal`, heal * MILLISECOND);
    }
    // The first may have begun before the healing: the second has not.
    await nextLine(running, /^synced/);
    await nextLine(running, /^synced/);
    return { ...run, log: logOf(running).slice(before) };
  }

  it('io-error: the calls fail while it lasts, each n-th', async () => {
    const parameters = { calls: 'fsync', error: 'EIO', every: 2 };
    const heal = { log: { node: 'n1', pattern: 'sync Input/output error', nth: 2 } };
    const { log } = await broken({ kind: 'io-error', parameters, heal });
    const failed = log.filter((line) => line.includes('sync Input/output error')).length;
    const synced = log.filter((line) => /^synced \d+ in/.test(line)).length;
    expect(failed, log.join('; ')).toBeGreaterThanOrEqual(2);
    expect(synced).toBeGreaterThanOrEqual(failed);
  });

  it('io-slow: calls on that file take longer, and on others do not', async () => {
    const parameters = { path: '/data/lines', calls: 'write', delayMs: 60 };
    const { log } = await broken({ kind: 'io-slow', parameters });
    const took = log.map((line) => Number(/ in (\d+) ms/.exec(line)?.[1] ?? 0));
    expect(took.filter((ms) => ms >= 60).length, log.join('; ')).toBeGreaterThanOrEqual(5);
    expect(took.at(-2)).toBeLessThan(60);
    const elsewhere = { path: '/etc/hostname', calls: 'write', delayMs: 60 };
    const it = step({ id: 'it', kind: 'io-slow', trigger: { at: 0 }, parameters: elsewhere });
    const other = await runSteps(running, feed, [{ ...it, heal: { after: 100 * MILLISECOND } }]);
    // Nothing writes to it: a fault without effect is not counted as one.
    expect(other.outcome.verified).toEqual([]);
    expect(other.records.at(-1)).toMatchObject({ state: 'healed' });
  });

  it('fsync-slow: syncs take the delay, writes do not', async () => {
    const { log } = await broken({ kind: 'fsync-slow', parameters: { delayMs: 80 } });
    expect(log.some((line) => /^synced \d+ in (8|9)\d ms/.test(line))).toBe(true);
    expect(log.some((line) => /^wrote \d+ in [89]\d ms/.test(line))).toBe(false);
  });

  it('fsync-lying: what was called synced is lost with the power, and not without', async () => {
    const loss = { kind: 'power-loss', heal: { after: 50 * MILLISECOND } };
    const lied = { fault: { id: 'fsync-lying', state: 'verified' } } as const;
    const healedLater = { fault: { id: 'power-loss', state: 'healed' } } as const;
    const { log } = await broken(
      { kind: 'fsync-lying', heal: healedLater },
      { ...loss, trigger: { then: [lied, { after: 500 * MILLISECOND }] } },
    );
    const restart = log.findIndex((line) => line.startsWith('found '));
    const promised = lastNumber(log.slice(0, restart), /^synced (\d+) /);
    expect(lastNumber(log, /^found (\d+)/)).toBeLessThan(promised);
  });

  it('a server that starts again under the fault gets it again', async () => {
    const slow = { fault: { id: 'fsync-slow', state: 'verified' } } as const;
    const { log } = await broken(
      { kind: 'fsync-slow', parameters: { delayMs: 70 }, heal: { after: 2500 * MILLISECOND } },
      { kind: 'kill', trigger: slow, heal: { after: 50 * MILLISECOND } },
    );
    const restart = log.findIndex((line) => line.startsWith('found '));
    expect(log.slice(restart).some((line) => /^synced \d+ in 7\d ms/.test(line))).toBe(true);
  });
});

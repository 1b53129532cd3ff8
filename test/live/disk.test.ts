/** Faults of data volumes, by what they do to a program that writes. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Feed } from '../../harness/feed.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { canHaveFilesystems } from '../../harness/testbeds/docker/volumes/probe.ts';
import { imageOf } from '../../harness/testbeds/docker/volumes/own-filesystem.ts';
import { step } from '../fakes/fake-run.ts';
import { deaths, measure, printMeasures, type Running, takeDown } from './docker-cluster.ts';
import { lastNumber, logOf, nextLine, pause, bringUpWriter } from './disk-writer.ts';
import { runSteps, tookOf, type FaultRun } from './fault-run.ts';

const lack = canHaveFilesystems();
if (lack !== null) process.stdout.write(`skipped: ${lack}\n`);

describe.skipIf(lack !== null)('a volume with a file system of its own', () => {
  let running: Running;
  let feed: Feed;

  beforeAll(async () => {
    ({ running, feed } = await bringUpWriter());
  });

  afterAll(async () => {
    const { runId } = running;
    expect(existsSync(imageOf(runId, `fl-${runId}-n1-0`))).toBe(true);
    await takeDown(running);
    expect(existsSync(imageOf(runId, `fl-${runId}-n1-0`))).toBe(false);
    printMeasures();
  });

  /** One fault that must be seen in effect, seen again before it is healed, and seen healed. */
  async function broken(given: Partial<FaultStep> & { kind: string }): Promise<FaultRun> {
    const it = step({ id: 'it', trigger: { at: 0 }, heal: { after: 500 * MILLISECOND }, ...given });
    const run = await runSteps(running, feed, [it]);
    const states = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
    expect(
      run.records.map(({ state }) => state),
      JSON.stringify(run.records.find(({ state }) => state === 'failed') ?? run.records.at(-1)),
    ).toEqual(states);
    const healing = run.records.find(({ state }) => state === 'healing');
    expect(healing).not.toHaveProperty('reason');
    const { fire, heal } = tookOf(run.records, 'it');
    measure(`${given.kind}: fire`, fire * MILLISECOND);
    measure(`${given.kind}: heal`, heal * MILLISECOND);
    return run;
  }

  it('power loss leaves exactly the lines that were synced', async () => {
    for (let round = 0; round < 3; round++) {
      const before = deaths(running.events).length;
      const trigger = { log: { node: 'n1', pattern: '^wrote [0-9]*4 in' } };
      await broken({ kind: 'power-loss', trigger, heal: { after: 50 * MILLISECOND } });
      await nextLine(running, /^synced/);
      const log = logOf(running);
      const restart = log.findLastIndex((line) => line.startsWith('found '));
      const written = lastNumber(log.slice(0, restart), /^wrote (\d+) /);
      const synced = lastNumber(log.slice(0, restart), /^synced (\d+) /);
      expect(log[restart]).toBe(`found ${synced}`);
      expect(written).toBeGreaterThan(synced);
      // Killed by us, then ended with its container: nothing died by itself.
      expect(
        deaths(running.events)
          .slice(before)
          .map(({ expected }) => expected),
      ).not.toContain(false);
    }
  });

  it('a kill instead loses nothing', async () => {
    const trigger = { log: { node: 'n1', pattern: '^wrote [0-9]*4 in' } };
    await broken({ kind: 'kill', trigger, heal: { after: 50 * MILLISECOND } });
    await nextLine(running, /^synced/);
    const log = logOf(running);
    const restart = log.findLastIndex((line) => line.startsWith('found '));
    const written = lastNumber(log.slice(0, restart), /^wrote (\d+) /);
    expect(lastNumber(log.slice(restart), /^found (\d+)/)).toBeGreaterThanOrEqual(written);
  });

  it('a full disk takes no more, and does again', async () => {
    const pattern = '^failed [0-9]+: (write|sync) No space left on device';
    await broken({ kind: 'disk-full', heal: { log: { node: 'n1', pattern } } });
    await nextLine(running, /^synced/);
  });

  it('a hung disk makes a writer wait, and lets it go on', async () => {
    await broken({ kind: 'disk-hung' });
    await nextLine(running, /^synced/);
    const longest = Math.max(
      ...logOf(running).map((line) => Number(/ in (\d+) ms/.exec(line)?.[1] ?? 0)),
    );
    expect(longest).toBeGreaterThanOrEqual(450);
    expect(longest).toBeLessThan(2500);
  });

  it('a read-only disk fails writes of an open file, and takes them again', async () => {
    const pattern = '^failed [0-9]+: write Read-only file system';
    await broken({ kind: 'disk-read-only', heal: { log: { node: 'n1', pattern } } });
    await nextLine(running, /^synced/);
  });

  it('a slow disk lets through what it is said to', async () => {
    const slow = { bytesPerSecond: 16_384 };
    await broken({ kind: 'disk-slow', parameters: slow, heal: { after: 1000 * MILLISECOND } });
    // Ten lines are 4 KiB, which take a quarter of a second.
    expect(logOf(running).slice(-20).join()).toMatch(/synced \d+ in [1-9]\d\d ms/);
    await nextLine(running, /^synced \d+ in [0-9]{1,2} ms/);
  });

  it('a truncated file has lost its end', async () => {
    const parameters = { file: '/data/l*', bytes: 1000 };
    await broken({ kind: 'file-truncate', parameters });
    await nextLine(running, /^synced/);
    const log = logOf(running);
    const restart = log.findLastIndex((line) => line.startsWith('found '));
    const written = lastNumber(log.slice(0, restart), /^(?:wrote|synced) (\d+) /);
    // 1000 bytes are two lines and a part of one; one more may have been written before it was killed.
    expect(written - lastNumber(log.slice(restart), /^found (\d+)/)).toBeOneOf([2, 3]);
  });

  it('a lost volume is empty', async () => {
    await pause(running.clock, 100);
    await broken({ kind: 'disk-lost' });
    await nextLine(running, /^synced/);
    expect(lastNumber(logOf(running), /^found (\d+)/)).toBe(0);
  });
});

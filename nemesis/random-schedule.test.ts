import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import { FakeRun } from '../test/fakes/fake-run.ts';
import { FAULTS, PACKAGES, requirePackages } from './registry.ts';
import { quietWindows, randomSchedule, type RandomScheduleOptions } from './random-schedule.ts';
import { checkSchedule } from './schedule-check.ts';

const nodes = ['n1', 'n2', 'n3'];

function draw(seed: bigint, given: Partial<RandomScheduleOptions> = {}): readonly FaultStep[] {
  return randomSchedule({ packages: PACKAGES, nodes, seed, timeLimitNanos: 30 * SECOND, ...given });
}

/** Whole nanoseconds in which a step is planned to be active. */
function span(step: FaultStep): { from: number; to: number } {
  if (!('at' in step.trigger) || !('at' in step.heal)) throw new Error('planned times expected');
  return { from: step.trigger.at, to: step.heal.at };
}

const seeds = Array.from({ length: 1000 }, (_, index) => BigInt(index) * 0x9e3779b97f4a7c15n);

describe('random schedules', () => {
  it('over 1,000 seeds: equal seeds byte-identical, different seeds different', () => {
    const texts = seeds.map((seed) => JSON.stringify(draw(seed)));
    expect(seeds.map((seed) => JSON.stringify(draw(seed)))).toEqual(texts);
    expect(new Set(texts).size).toBe(seeds.length);
  });

  it('over 1,000 seeds: run through lanes, equal seeds give byte-identical intended records', async () => {
    const intended = async (seed: bigint): Promise<string> => {
      const run = new FakeRun({ faults: FAULTS, seed });
      run.enqueue(...draw(seed));
      await run.clock.sleep(1);
      await run.lanes.end();
      const lines = run.records.filter(({ state }) => state === 'intended');
      return lines.map((line) => JSON.stringify(line)).join('\n');
    };
    const texts = await Promise.all(seeds.map(intended));
    expect(await Promise.all(seeds.map(intended))).toEqual(texts);
    expect(new Set(texts).size).toBe(seeds.length);
  });

  it('a package more does not change the steps of the others', () => {
    const kill = requirePackages('kill');
    const both = requirePackages('kill,partition');
    for (const seed of seeds.slice(0, 200)) {
      const alone = draw(seed, { packages: kill });
      expect(draw(seed, { packages: both }).filter((step) => step.lane === 'kill')).toEqual(alone);
      expect(draw(seed).filter((step) => step.lane === 'kill')).toEqual(alone);
    }
  });

  it('packages draw independently of each other', () => {
    const spans = (name: string): readonly object[] =>
      seeds.slice(0, 50).map((seed) =>
        draw(seed, { packages: requirePackages(name) })
          .slice(1, 2)
          .map(({ draw }) => draw),
      );
    expect(spans('pause')).not.toEqual(spans('kill'));
  });

  it('nothing is planned in a quiet window, and steps of a lane do not overlap', () => {
    const lengths = fc.integer({ min: 2, max: 600 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), lengths, (seed, seconds) => {
        const timeLimitNanos = seconds * SECOND;
        const steps = draw(seed, { timeLimitNanos });
        const quiet = quietWindows(timeLimitNanos);
        for (const step of steps) {
          const { from, to } = span(step);
          expect(to).toBeGreaterThan(from);
          for (const window of quiet) expect(to <= window.from || from >= window.to).toBe(true);
        }
        for (const lane of new Set(steps.map((step) => step.lane))) {
          const spans = steps.filter((step) => step.lane === lane).map(span);
          spans.slice(1).forEach((next, index) => {
            expect(next.from).toBeGreaterThanOrEqual(spans[index]?.to ?? 0);
          });
        }
      }),
    );
  });

  it('the last fifth is quiet, and a tenth in the middle of the rest', () => {
    expect(quietWindows(100 * SECOND)).toEqual([
      { from: 0, to: 5 * SECOND },
      { from: 37.5 * SECOND, to: 47.5 * SECOND },
      { from: 80 * SECOND, to: 100 * SECOND },
    ]);
  });

  it('30 s of kill,partition: a kill right at the beginning, and the leader isolated, for every seed', () => {
    for (const seed of seeds) {
      const steps = draw(seed, { packages: requirePackages('kill,partition') });
      const kill = steps.find((step) => step.lane === 'kill');
      const partition = steps.find((step) => step.lane === 'partition');
      expect(kill).toMatchObject({ id: 'kill-1', kind: 'kill', selector: 'one' });
      expect(span(kill!).from).toBeLessThanOrEqual(2 * SECOND);
      expect(partition).toMatchObject({
        id: 'partition-1',
        kind: 'partition-leader',
        selector: 'leader',
      });
      expect(span(partition!).from).toBeLessThanOrEqual(6 * SECOND);
    }
  });

  it('10 s and more: every package has a step', () => {
    for (const seed of seeds.slice(0, 200)) {
      const lanes = new Set(draw(seed, { timeLimitNanos: 10 * SECOND }).map((step) => step.lane));
      expect([...lanes]).toEqual(['kill', 'crash', 'pause', 'partition']);
    }
  });

  it('draws every kind, and only steps that can be run', () => {
    const steps = seeds
      .slice(0, 100)
      .flatMap((seed) => draw(seed, { timeLimitNanos: 120 * SECOND }));
    expect(new Set(steps.map((step) => step.kind))).toEqual(new Set(FAULTS.keys()));
    expect(checkSchedule(draw(5n), { nodes })).toEqual([]);
  });

  it('run against a fake cluster: what is active stays out of the quiet windows', async () => {
    const quiet = quietWindows(30 * SECOND);
    for (const seed of seeds.slice(0, 50)) {
      const run = new FakeRun({ faults: FAULTS, seed });
      run.enqueue(...draw(seed));
      for (const { from, to } of quiet) {
        await run.clock.sleep(from - run.clock.now() + 0.3 * SECOND);
        expect(run.lanes.active()).toEqual([]);
        await run.clock.sleep(to - run.clock.now() - 0.01 * SECOND);
        expect(run.lanes.active()).toEqual([]);
      }
      const outcome = await run.lanes.end();
      expect(outcome).toMatchObject({ notHealed: [], failure: null, failed: [] });
      expect(outcome.verified).toContain('kill-1');
    }
  });

  it('run against a fake cluster: kill,partition does both, whatever the seed', async () => {
    for (const seed of seeds.slice(0, 50)) {
      const run = new FakeRun({ faults: FAULTS, seed });
      run.enqueue(...draw(seed, { packages: requirePackages('kill,partition') }));
      await run.clock.sleep(30 * SECOND);
      const { verified, skipped } = await run.lanes.end();
      expect(verified).toEqual(expect.arrayContaining(['kill-1', 'partition-1']));
      expect(skipped).toEqual([]);
    }
  });
});

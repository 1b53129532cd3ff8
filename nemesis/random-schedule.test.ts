import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultStep, Moments } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import { FakeRun } from '../test/fakes/fake-run.ts';
import { FAULTS, PACKAGES, requirePackages } from './registry.ts';
import { lossOf } from './quorum.ts';
import { quietWindows, randomSchedule, type RandomScheduleOptions } from './random-schedule.ts';
import { checkSchedule } from './schedule-check.ts';

const nodes = ['n1', 'n2', 'n3'];
/** What every testbed can do, in lanes of its own. */
const BASIC = requirePackages('kill,crash,pause,partition');
/** What is drawn step by step; chains plan no times (storm.test.ts). */
const SINGLE = PACKAGES.filter(({ chains }) => chains === undefined);
/** A system that tells much of itself. */
const moments: Moments = {
  catalogue: {
    files: [{ directory: '/data', name: 'epoch' }],
    logLines: ['LEADING'],
    acknowledgements: ['write'],
  },
  probes: ['serving'],
};

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
      run.enqueue(...draw(seed, { packages: BASIC }));
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
        const steps = draw(seed, { timeLimitNanos, packages: SINGLE });
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
      const steps = draw(seed, { packages: SINGLE, timeLimitNanos: 10 * SECOND });
      expect([...new Set(steps.map((step) => step.lane))]).toEqual(SINGLE.map(({ name }) => name));
    }
  });

  it('draws every kind of the basic packages, and only steps that can be run', () => {
    const long = { packages: BASIC, timeLimitNanos: 120 * SECOND };
    const steps = seeds.slice(0, 100).flatMap((seed) => draw(seed, long));
    const kinds = BASIC.flatMap((one) => one.kinds.map(({ kind }) => kind));
    expect(new Set(steps.map((step) => step.kind))).toEqual(new Set(kinds));
    for (const seed of seeds.slice(0, 100)) {
      const drawn = draw(seed, { moments, triggers: 'drawn' });
      expect(checkSchedule(drawn, { nodes, probes: moments.probes })).toEqual([]);
    }
  });

  it('drawn triggers: from the catalogue, each in its slot, and nothing else changes', () => {
    const used = new Set<string>();
    for (const seed of seeds.slice(0, 200)) {
      const timed = draw(seed, { packages: SINGLE });
      const drawn = draw(seed, { packages: SINGLE, moments, triggers: 'drawn' });
      drawn.forEach((step, index) => {
        const plain = timed[index]!;
        if (!('then' in step.trigger)) return expect(step).toEqual(plain);
        expect({ ...step, trigger: null }).toEqual({ ...plain, trigger: null });
        const [planned, or] = step.trigger.then;
        expect(planned).toEqual(plain.trigger);
        const [moment, otherwise] = or !== undefined && 'or' in or ? or.or : [];
        used.add(Object.keys(moment ?? {}).join());
        const { from, to } = span(plain);
        expect(otherwise).toEqual({ after: Math.round((to - from) / 2e6) * 1e6 });
      });
      const firsts = drawn.filter(({ id }) => ['kill-1', 'partition-1'].includes(id));
      expect(firsts.map(({ trigger }) => Object.keys(trigger).join())).toEqual(['at', 'at']);
    }
    const all = ['operation', 'file', 'log', 'epoch', 'leaderChange'];
    expect([...used].sort()).toEqual(all.sort());
  });

  it('quorum "keep": over 1,000 seeds never more than a minority at once, whatever packages', () => {
    for (const seed of seeds) {
      for (const size of [3, 5]) {
        const names = Array.from({ length: size }, (_, index) => `n${index + 1}`);
        const steps = draw(seed, { packages: SINGLE, nodes: names, quorum: 'keep' });
        expect(steps.length).toBeGreaterThan(0);
        for (const step of steps) {
          const { from } = span(step);
          const active = steps.filter((other) => span(other).from <= from && from < span(other).to);
          const lost = active.reduce((sum, other) => sum + lossOf(other, size), 0);
          expect(lost).toBeLessThanOrEqual((size - 1) / 2);
        }
      }
    }
  });

  it('quorum "keep" leaves steps out, and changes none', () => {
    for (const seed of seeds.slice(0, 100)) {
      const all = draw(seed, { packages: SINGLE });
      for (const step of draw(seed, { packages: SINGLE, quorum: 'keep' })) {
        expect(all).toContainEqual(step);
      }
    }
  });

  it('run against a fake cluster: what is active stays out of the quiet windows', async () => {
    const quiet = quietWindows(30 * SECOND);
    for (const seed of seeds.slice(0, 50)) {
      const run = new FakeRun({ faults: FAULTS, seed });
      run.enqueue(...draw(seed, { packages: BASIC }));
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

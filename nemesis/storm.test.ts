import { describe, expect, it } from 'vitest';
import type { FaultStep, Moments } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { FakeRun } from '../test/fakes/fake-run.ts';
import { quietWindows, randomSchedule } from './random-schedule.ts';
import { FAULTS, requirePackages } from './registry.ts';
import { checkSchedule } from './schedule-check.ts';

const DATA = '/data/version-2';
const TIME = 30 * SECOND;
const seeds = Array.from({ length: 200 }, (_, index) => BigInt(index) * 0x9e3779b97f4a7c15n);
const moments: Moments = {
  catalogue: {
    files: [
      { directory: DATA, name: 'currentEpoch' },
      { directory: DATA, name: 'snapshot.*' },
    ],
    logLines: ['FOLLOWING', 'LOOKING'],
    acknowledgements: ['write'],
  },
  probes: ['serving'],
};
const nodesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `n${index + 1}`);

function storm(seed: bigint, count = 3, quorum: 'any' | 'keep' = 'any'): readonly FaultStep[] {
  const packages = requirePackages('storm');
  const nodes = nodesOf(count);
  return randomSchedule({ packages, nodes, seed, timeLimitNanos: TIME, moments, quorum });
}

/** An ensemble that joins half a second after a start, and acknowledges while a majority runs. */
async function blow(seed: bigint, count: number, quorum: 'any' | 'keep') {
  const nodes = nodesOf(count);
  const run = new FakeRun({ faults: FAULTS, seed, nodes, probes: { serving: async () => true } });
  const up = (): number => run.cluster.nodes.filter(({ state }) => state === 'running').length;
  for (const node of run.cluster.nodes) {
    node.started = () =>
      void run.clock.at(run.clock.now() + 500 * MILLISECOND, () => {
        if (node.state !== 'running') return;
        node.log('LOOKING');
        node.write(DATA, 'currentEpoch');
      });
  }
  let fewest = count;
  run.feed.onEvent(() => (fewest = Math.min(fewest, up())));
  run.enqueue(...storm(seed, count, quorum));
  const quiet = quietWindows(TIME);
  while (run.clock.now() < TIME) {
    await run.clock.sleep(100 * MILLISECOND);
    if (up() > count / 2) run.operation({});
    const now = run.clock.now();
    // What a window's beginning heals is seen to be healed a little later.
    const calm = quiet.some(({ from, to }) => now > from + 300 * MILLISECOND && now < to);
    if (calm) expect(run.lanes.active()).toEqual([]);
  }
  const outcome = await run.lanes.end();
  expect(run.cluster.nodes.map(({ state }) => state)).toEqual(nodes.map(() => 'running'));
  expect(outcome).toMatchObject({ notHealed: [], failed: [], failure: null });
  return { outcome, fewest };
}

describe('storms', () => {
  it('can be run, name every step once, and heal everything when their span ends', () => {
    for (const seed of seeds) {
      const steps = storm(seed);
      expect(checkSchedule(steps, { nodes: nodesOf(3), probes: moments.probes })).toEqual([]);
      const ends = quietWindows(TIME).map(({ from }) => from);
      for (const { heal } of steps) {
        const last = 'or' in heal ? heal.or.at(-1) : heal;
        expect(ends).toContain(last !== undefined && 'at' in last ? last.at : null);
      }
    }
  });

  it('equal seeds byte-identical, different seeds different', () => {
    const texts = seeds.map((seed) => JSON.stringify(storm(seed)));
    expect(seeds.map((seed) => JSON.stringify(storm(seed)))).toEqual(texts);
    expect(new Set(texts).size).toBe(seeds.length);
  });

  it('on a fake ensemble: most of it comes to pass, quiet windows are quiet, all is healed', async () => {
    for (const seed of seeds.slice(0, 30)) {
      const { outcome, fewest } = await blow(seed, 3, 'any');
      expect(outcome.verified.length).toBeGreaterThan(5);
      expect(fewest).toBeLessThan(2);
    }
  });

  it('with quorum "keep" a majority runs at every moment', async () => {
    for (const seed of seeds.slice(0, 30)) {
      for (const count of [3, 5]) {
        const { outcome, fewest } = await blow(seed, count, 'keep');
        expect(outcome.verified.length).toBeGreaterThan(5);
        expect(fewest).toBe(Math.floor(count / 2) + 1);
      }
    }
  });

  it('moments are drawn from all that the catalogue has', () => {
    const text = seeds.map((seed) => JSON.stringify(storm(seed))).join();
    for (const part of ['currentEpoch', 'snapshot.*', 'FOLLOWING', '"f":["write"]', '"serving"']) {
      expect(text).toContain(part);
    }
  });
});

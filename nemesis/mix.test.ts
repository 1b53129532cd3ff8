import { expect, it } from 'vitest';
import type { NemesisPackage } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import type { TriggerCatalogue } from '../harness/system.ts';
import { drawMix } from './mix.ts';
import { ANYWHERE } from './packages.ts';
import { randomSchedule } from './random-schedule.ts';
import { PACKAGES } from './registry.ts';

const seeds = Array.from({ length: 1000 }, (_, index) => BigInt(index) * 0x9e3779b97f4a7c15n);
const anywhere = ANYWHERE.map(({ name }) => name);
const names = (packages: readonly NemesisPackage[]): string[] => packages.map(({ name }) => name);

it('over 1,000 seeds: at least one that every testbed can do, at most as many as asked', () => {
  for (const seed of seeds) {
    for (const most of [1, 3, 5]) {
      const mix = names(drawMix(PACKAGES, { seed, most }));
      expect(mix.length).toBeLessThanOrEqual(most);
      expect(new Set(mix).size).toBe(mix.length);
      expect(mix.some((name) => anywhere.includes(name))).toBe(true);
    }
  }
});

it('each package is on in some of the runs and off in most', () => {
  const most = PACKAGES.length;
  const mixes = seeds.map((seed) => names(drawMix(PACKAGES, { seed, most })));
  for (const { name } of PACKAGES) {
    const share = mixes.filter((mix) => mix.includes(name)).length / mixes.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.6);
  }
});

it('a package more changes no lot of the others', () => {
  const fewer = PACKAGES.slice(0, -1);
  const last = PACKAGES.at(-1)?.name ?? '';
  for (const seed of seeds.slice(0, 200)) {
    const mix = names(drawMix(fewer, { seed, most: 99 }));
    const more = names(drawMix(PACKAGES, { seed, most: 99 })).filter((name) => name !== last);
    expect(more).toEqual(mix);
  }
});

it('equal seeds give equal schedules of the mix, which leave kinds out and keep others', () => {
  const schedule = (seed: bigint): string =>
    JSON.stringify(
      randomSchedule({
        packages: drawMix(PACKAGES, { seed, most: 5 }),
        ...{ nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], seed, timeLimitNanos: 60 * SECOND },
      }),
    );
  for (const seed of seeds.slice(0, 100)) expect(schedule(seed)).toBe(schedule(seed));
  const kinds = seeds.slice(0, 100).map((seed) => {
    const used = [...schedule(seed).matchAll(/"kind":"(partition-[^"]*)"/g)];
    return new Set(used.map(([, kind]) => kind)).size;
  });
  expect(Math.min(...kinds.filter((count) => count > 0))).toBe(1);
  expect(Math.max(...kinds)).toBeGreaterThan(2);
});

it('faults at methods are for systems that name methods', () => {
  const known = { files: [], logLines: [], acknowledgements: [] };
  const methods = [{ class: 'a.B', method: 'c' }];
  const suiting = (catalogue: TriggerCatalogue | null): string[] =>
    names(PACKAGES.filter(({ suits }) => suits?.({ catalogue, probes: [] }) ?? true));
  expect(suiting({ ...known, methods })).toEqual(names(PACKAGES));
  const others = names(PACKAGES).filter((name) => name !== 'jvm');
  expect(suiting(known)).toEqual(others);
  expect(suiting(null)).toEqual(others);
});

import { expect, it } from 'vitest';
import { type Weather, roughWeather } from './rough-weather.ts';

const RUNS = 60;

async function weathers(version: string, nodes: number, runs: number): Promise<readonly Weather[]> {
  const found: Weather[] = [];
  for (let seed = 1; seed <= runs; seed++) found.push(await roughWeather(version, seed, nodes));
  return found;
}

function lost({ acknowledged, elements }: Weather): readonly number[] {
  return acknowledged.filter((element) => elements?.includes(element) !== true);
}

it.each([1, 2, 3, 5])(
  'correct with %i nodes: commits agree, nothing is lost or doubled',
  async (nodes) => {
    const found = await weathers('correct', nodes, RUNS);
    for (const [index, weather] of found.entries()) {
      const seed = `seed ${index + 1}`;
      expect(weather.model.violations, seed).toEqual([]);
      expect(weather.elements, seed).not.toBeNull();
      expect(lost(weather), seed).toEqual([]);
      expect(new Set(weather.elements).size, seed).toBe(weather.elements?.length);
    }
    // The weather was rough and the model did work in it.
    const acknowledged = found.reduce((sum, weather) => sum + weather.acknowledged.length, 0);
    expect(acknowledged / RUNS).toBeGreaterThan(30);
    const views = found.filter(({ model }) => model.latestView > 2).length;
    if (nodes > 1) expect(views).toBeGreaterThan(RUNS / 2);
  },
);

it('acks-before-replication loses what it acknowledged', async () => {
  const found = await weathers('acks-before-replication', 3, 20);
  expect(found.filter((weather) => lost(weather).length > 0).length).toBeGreaterThan(0);
});

it('forgets-on-restart takes back what was committed', async () => {
  const found = await weathers('forgets-on-restart', 3, 20);
  expect(found.filter(({ model }) => model.violations.length > 0).length).toBeGreaterThan(10);
  expect(found.filter((weather) => lost(weather).length > 0).length).toBeGreaterThan(10);
});

it('equal seeds, equal weather; different seeds, different weather', async () => {
  const [first, again, other] = [
    await roughWeather('correct', 7),
    await roughWeather('correct', 7),
    await roughWeather('correct', 8),
  ];
  expect(again.model.committed).toEqual(first.model.committed);
  expect(again.elements).toEqual(first.elements);
  expect(other.model.committed).not.toEqual(first.model.committed);
});

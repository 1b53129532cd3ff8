import { describe, expect, it } from 'vitest';
import { freshSeed, seededRandom, streamOf, substream } from './random.ts';

const BINS = 64;
const DRAWS = 64_000;
/** 63 degrees of freedom: a fair source is above 127 in fewer than one of 250 000 cases. */
const CHI_SQUARE_LIMIT = 127;

function chiSquare(draw: (index: number) => number): number {
  const counts = new Array<number>(BINS).fill(0);
  for (let index = 0; index < DRAWS; index++) {
    const bin = Math.floor(draw(index) * BINS);
    counts[bin] = (counts[bin] ?? NaN) + 1;
  }
  const expected = DRAWS / BINS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('draw', () => {
  const random = seededRandom(7n);
  const stream = streamOf('test');

  it.each([
    ['ordinals', (index: number) => random.draw(stream, 3, index)],
    ['slots', (index: number) => random.draw(stream, index, 3)],
    ['streams', (index: number) => random.draw(index, 3, 3)],
    ['substreams', (index: number) => random.draw(substream(stream, index), 0, 0)],
    [
      'slots of 10 and ordinals',
      (index: number) => random.draw(stream, index % 10, Math.floor(index / 10)),
    ],
    ['low seeds', (index: number) => seededRandom(BigInt(index)).draw(stream, 0, 0)],
    ['high seeds', (index: number) => seededRandom(BigInt(index) << 32n).draw(stream, 0, 0)],
    ['low bits', (index: number) => (random.draw(stream, 3, index) * 2 ** 40) % 1],
  ])('is uniform over %s', (_, draw) => {
    expect(chiSquare(draw)).toBeLessThan(CHI_SQUARE_LIMIT);
  });

  it('would be found out if it were not', () => {
    expect(chiSquare((index) => random.draw(stream, 3, index) ** 1.1)).toBeGreaterThan(
      CHI_SQUARE_LIMIT,
    );
  });

  it.each([
    ['ordinals', (index: number) => random.draw(stream, 3, index)],
    ['slots', (index: number) => random.draw(stream, index, 3)],
    ['seeds', (index: number) => seededRandom(BigInt(index)).draw(stream, 3, 3)],
  ])('has no correlation of neighbouring %s', (_, draw) => {
    let sum = 0;
    for (let index = 0; index < DRAWS; index++)
      sum += (draw(index) - 0.5) * (draw(index + 1) - 0.5);
    // Of independent draws: deviation 1 / sqrt(DRAWS) = 0.004.
    expect(Math.abs((sum / DRAWS) * 12)).toBeLessThan(0.02);
  });

  it('is a function of its arguments', () => {
    const again = seededRandom(7n);
    for (let index = 0; index < 1000; index++) {
      const drawn = random.draw(stream, index % 7, index);
      expect(again.draw(stream, index % 7, index)).toBe(drawn);
      expect(drawn >= 0 && drawn < 1).toBe(true);
    }
  });
});

describe('sequence', () => {
  it('shuffles to each order equally often', () => {
    const draws = seededRandom(11n).sequence('shuffle');
    const counts = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = draws.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    // 1000 each; deviation 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('keeps its bounds', () => {
    const draws = seededRandom(12n).sequence('bounds');
    for (let round = 0; round < 1000; round++) {
      expect([0, 1, 2]).toContain(draws.below(3));
      const between = draws.between(-1, 1);
      expect(between >= -1 && between < 1).toBe(true);
      expect(['x', 'y']).toContain(draws.pick(['x', 'y']));
    }
    expect(() => draws.pick([])).toThrow(RangeError);
  });

  it('differs by name and slot', () => {
    const random = seededRandom(13n);
    const firsts = ['a', 'b'].flatMap((name) =>
      [0, 1].map((slot) => random.sequence(name, slot).next()),
    );
    expect(new Set(firsts).size).toBe(4);
  });
});

it('fresh seeds are 64-bit and differ', () => {
  const seeds = Array.from({ length: 100 }, freshSeed);
  expect(new Set(seeds).size).toBe(100);
  expect(seeds.every((seed) => seed >= 0n && seed < 1n << 64n)).toBe(true);
});

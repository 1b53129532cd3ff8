/** Shapes of links drawn: random graphs, groups, thirds, swizzles. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { linkKey } from '../harness/testbed.ts';
import { amongGroups, between, lessThanThird, pairsOf, randomGraph } from './grudge.ts';
import { anotherOrder, byPair, drawPairs } from './swizzle.ts';

const cases = fc.record({
  nodes: fc
    .integer({ min: 2, max: 9 })
    .map((count) => Array.from({ length: count }, (_, index) => `n${index + 1}`)),
  draws: fc
    .bigInt({ min: 0n, max: 2n ** 64n - 1n })
    .map((seed) => () => seededRandom(seed).sequence('shape')),
});

describe('a random graph', () => {
  it('parts pairs both ways, one at least, and all at share 1', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ({ nodes, draws }, share) => {
        const links = randomGraph(nodes, share, draws());
        const keys = new Set(links.map(linkKey));
        expect(keys.size).toBe(links.length);
        expect(links.length).toBeGreaterThanOrEqual(2);
        for (const { from, to } of links) {
          expect(from).not.toBe(to);
          expect(keys.has(linkKey({ from: to, to: from }))).toBe(true);
        }
        if (share === 1) expect(links.length).toBe(nodes.length * (nodes.length - 1));
        expect(randomGraph(nodes, share, draws())).toEqual(links);
      }),
    );
  });

  it('parts more pairs with a greater share', () => {
    const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];
    const parted = (share: number): number =>
      Array.from({ length: 200 }, (_, seed) => {
        return randomGraph(nodes, share, seededRandom(BigInt(seed)).sequence('shape')).length / 2;
      }).reduce((sum, count) => sum + count, 0) / 200;
    expect(parted(0.3)).toBeGreaterThan(2.5);
    expect(parted(0.3)).toBeLessThan(3.5);
    expect(parted(0.7)).toBeGreaterThan(6.5);
    expect(parted(0.7)).toBeLessThan(7.5);
  });
});

describe('a swizzle', () => {
  it('cuts two pairs at least, each once, and heals the same ones in another order', () => {
    fc.assert(
      fc.property(cases, ({ nodes, draws }) => {
        const pairs = pairsOf(nodes);
        const drawn = drawPairs(pairs, draws());
        expect(drawn.length).toBeGreaterThanOrEqual(Math.min(2, pairs.length));
        expect(new Set(drawn).size).toBe(drawn.length);
        const groups = byPair(drawn.flatMap(([a, b]) => between([a], [b])));
        expect(groups.map((links) => links.length)).toEqual(drawn.map(() => 2));
        expect(groups.map(([first]) => [first?.from, first?.to])).toEqual(drawn);
        const order = anotherOrder(groups.length, draws());
        const straight = groups.map((_, index) => index);
        expect([...order].sort((a, b) => a - b)).toEqual(straight);
        if (groups.length > 1) expect(order).not.toEqual(straight);
      }),
    );
  });
});

it('groups do not reach each other, and a node in none reaches all', () => {
  const links = amongGroups([['n1', 'n2'], ['n3'], ['n4']]);
  expect(links).toHaveLength(2 * (2 + 2 + 1));
  const ends = new Set(links.flatMap(({ from, to }) => [from, to]));
  expect(ends).toEqual(new Set(['n1', 'n2', 'n3', 'n4']));
  const keys = links.map(linkKey);
  expect(keys).not.toContain('n1->n2');
  expect(keys).toContain('n3->n4');
});

it('less than a third, but one at least', () => {
  expect([2, 3, 4, 5, 6, 7, 9, 10].map(lessThanThird)).toEqual([1, 1, 1, 1, 1, 2, 2, 3]);
});

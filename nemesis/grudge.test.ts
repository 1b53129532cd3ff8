import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import {
  between,
  bridge,
  formatLinks,
  halves,
  majoritiesRing,
  oneWay,
  parseLinks,
} from './grudge.ts';

const cluster = fc
  .record({
    count: fc.integer({ min: 2, max: 15 }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  })
  .map(({ count, seed }) =>
    seededRandom(seed)
      .sequence('nodes')
      .shuffle(Array.from({ length: count }, (_, index) => `n${index + 1}`)),
  );
const clusterOfThree = cluster.filter((nodes) => nodes.length >= 3);

/** Whom a node hears, itself included. */
function hears(node: string, nodes: readonly string[], cut: readonly Link[]): readonly string[] {
  const keys = new Set(cut.map(linkKey));
  return nodes
    .filter((other) => other === node || !keys.has(linkKey({ from: other, to: node })))
    .sort();
}

function isSymmetric(cut: readonly Link[]): boolean {
  const keys = new Set(cut.map(linkKey));
  return cut.every(({ from, to }) => keys.has(linkKey({ from: to, to: from })));
}

describe('grudges', () => {
  it('halves differ by one node at most, and hear only themselves', () => {
    fc.assert(
      fc.property(cluster, (nodes) => {
        const [some, others] = halves(nodes);
        expect(others.length - some.length).toBeGreaterThanOrEqual(0);
        expect(others.length - some.length).toBeLessThanOrEqual(1);
        const cut = between(some, others);
        for (const node of some) expect(hears(node, nodes, cut)).toEqual([...some].sort());
        for (const node of others) expect(hears(node, nodes, cut)).toEqual([...others].sort());
      }),
    );
  });

  it('majorities ring: each sees a majority, no two the same, and seeing is mutual', () => {
    fc.assert(
      fc.property(clusterOfThree, (nodes) => {
        const cut = majoritiesRing(nodes);
        const views = nodes.map((node) => hears(node, nodes, cut));
        for (const view of views) expect(view.length).toBeGreaterThan(nodes.length / 2);
        expect(new Set(views.map((view) => view.join())).size).toBe(nodes.length);
        expect(isSymmetric(cut)).toBe(true);
        expect(cut.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('majorities ring is exact for 3 to 9 nodes: nobody sees more than needed, where that is possible', () => {
    const seen = [3, 4, 5, 6, 7, 8, 9].map((count) => {
      const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
      const cut = majoritiesRing(nodes);
      return nodes.map((node) => hears(node, nodes, cut).length);
    });
    // Of 3 the middle sees all; 7 nodes cannot each have 3 neighbours (the sum of degrees is even).
    expect(seen.map((views) => Math.max(...views))).toEqual([3, 3, 3, 4, 5, 5, 5]);
    expect(seen.map((views) => Math.min(...views))).toEqual([2, 3, 3, 4, 5, 5, 5]);
  });

  it('bridge: one node sees all, the others it and their half', () => {
    fc.assert(
      fc.property(clusterOfThree, (nodes) => {
        const cut = bridge(nodes);
        const [middle, ...rest] = nodes;
        const [some, others] = halves(rest);
        expect(hears(middle!, nodes, cut)).toEqual([...nodes].sort());
        for (const node of some) expect(hears(node, nodes, cut)).toEqual([middle!, ...some].sort());
        for (const node of others)
          expect(hears(node, nodes, cut)).toEqual([middle!, ...others].sort());
        expect(isSymmetric(cut)).toBe(true);
      }),
    );
  });

  it('one way: the receivers hear nothing from the senders, and are heard by all', () => {
    fc.assert(
      fc.property(cluster, (nodes) => {
        const [senders, receivers] = halves(nodes);
        const cut = oneWay(senders, receivers);
        for (const node of receivers) {
          expect(hears(node, nodes, cut)).toEqual([...receivers].sort());
        }
        for (const node of senders) expect(hears(node, nodes, cut)).toEqual([...nodes].sort());
      }),
    );
  });

  it('never cut a node from itself', () => {
    fc.assert(
      fc.property(clusterOfThree, (nodes) => {
        for (const cut of [majoritiesRing(nodes), bridge(nodes), oneWay(nodes, nodes)]) {
          expect(cut.filter(({ from, to }) => from === to)).toEqual([]);
        }
      }),
    );
  });

  it('links are written and read', () => {
    const nodes = ['n1', 'n2'];
    const links = between(['n1'], ['n2']);
    expect(formatLinks(links)).toEqual(['n1->n2', 'n2->n1']);
    expect(parseLinks(formatLinks(links), nodes)).toEqual(links);
    expect(() => parseLinks('n1->n2', nodes)).toThrow('expected a list such as ["n1->n2"]');
    expect(() => parseLinks(['n1'], nodes)).toThrow('got "n1"');
    expect(() => parseLinks(['n1->n7'], nodes)).toThrow('unknown node "n7"');
  });
});

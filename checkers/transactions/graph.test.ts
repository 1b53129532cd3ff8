import { expect, it } from 'vitest';

import { seededRandom } from '../../harness/random.ts';
import { EdgeBuffer, RW, WR, WW, componentsOf, cyclicComponents, graphOf } from './graph.ts';

function graph(vertices: number, edges: readonly (readonly [number, number, number?])[]) {
  const buffer = new EdgeBuffer();
  for (const [from, to, label = WW] of edges) buffer.add(from, to, label);
  return graphOf(vertices, buffer);
}

it('finds components, numbered against the edges', () => {
  const components = componentsOf(
    graph(6, [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 3],
      [3, 4],
      [4, 3],
    ]),
  );
  expect(components.count).toBe(3);
  expect(cyclicComponents(components)).toEqual([
    [0, 1, 2],
    [3, 4],
  ]);
  expect(components.componentOf[0]).toBeGreaterThan(components.componentOf[3] ?? NaN);
});

it('takes only edges of the labels asked for, and none of a vertex to itself', () => {
  const labelled = graph(3, [
    [0, 1, WW],
    [1, 0, RW],
    [1, 2, WW],
    [2, 1, WR],
    [2, 2, WW],
  ]);
  expect(componentsOf(labelled, WW).count).toBe(3);
  expect(componentsOf(labelled, WW | RW).count).toBe(2);
  expect(componentsOf(labelled).count).toBe(1);
  expect(labelled.to.length).toBe(4);
});

it('does not overflow on long paths', () => {
  const length = 200_000;
  const edges = Array.from({ length }, (_, i): [number, number] => [i, (i + 1) % length]);
  expect(componentsOf(graph(length, edges)).count).toBe(1);
  expect(componentsOf(graph(length, edges.slice(1))).count).toBe(length);
});

it('agrees with reachability both ways on random graphs', () => {
  const draws = seededRandom(7n).sequence('graphs');
  for (let round = 0; round < 200; round++) {
    const size = 2 + draws.below(7);
    const edges = Array.from({ length: draws.below(14) }, (): [number, number] => [
      draws.below(size),
      draws.below(size),
    ]);
    const reaches = Array.from({ length: size }, (_, v) => {
      const reached = new Set([v]);
      for (const w of reached) for (const [a, b] of edges) if (a === w) reached.add(b);
      return reached;
    });
    const { componentOf } = componentsOf(graph(size, edges));
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const isMutual = reaches[a]!.has(b) && reaches[b]!.has(a);
        expect(componentOf[a] === componentOf[b]).toBe(isMutual);
        if (reaches[a]!.has(b)) expect(componentOf[a]).toBeGreaterThanOrEqual(componentOf[b]!);
      }
    }
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';
import { requireSelector, selectNodes } from './selector.ts';
import type { Selector } from '../harness/nemesis.ts';

function select(
  selector: Selector,
  count = 5,
  seed = 1n,
  leader: string | null = 'n2',
  down: readonly string[] = [],
) {
  const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
  const cluster = new FakeCluster(new SimulatedClock(), nodes);
  const draws = seededRandom(seed).sequence('targets');
  const standing = (): readonly string[] => nodes.filter((node) => !down.includes(node));
  return selectNodes(selector, { cluster, leader: async () => leader, standing }, draws);
}

describe('selectors', () => {
  it.each<[Selector, readonly number[]]>([
    ['one', [1, 1, 1, 1, 1, 1]],
    ['minority', [1, 1, 1, 1, 2, 2]],
    ['majority', [1, 2, 2, 3, 3, 4]],
    ['all', [1, 2, 3, 4, 5, 6]],
  ])('%s: of 1 to 6 nodes', async (selector, sizes) => {
    const chosen = await Promise.all([1, 2, 3, 4, 5, 6].map((count) => select(selector, count)));
    expect(chosen.map((nodes) => nodes?.length)).toEqual(sizes);
  });

  it('leader and followers, and null when no leader is known', async () => {
    expect(await select('leader')).toEqual(['n2']);
    expect(await select('followers')).toEqual(['n1', 'n3', 'n4', 'n5']);
    expect(await select('leader', 5, 1n, null)).toBeNull();
    expect(await select('followers', 5, 1n, null)).toBeNull();
  });

  it('explicit nodes, in the order of the cluster; an unknown one is an error', async () => {
    expect(await select(['n3', 'n1'])).toEqual(['n1', 'n3']);
    await expect(select(['n9'])).rejects.toThrow('unknown node "n9"');
  });

  it('equal seeds choose equal nodes; over seeds every node is chosen', async () => {
    const words = fc.constantFrom('one' as const, 'minority' as const, 'majority' as const);
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), words, async (seed, word) => {
        expect(await select(word, 5, seed)).toEqual(await select(word, 5, seed));
      }),
    );
    const seeds = Array.from({ length: 100 }, (_, index) => BigInt(index));
    const chosen = await Promise.all(seeds.map((seed) => select('one', 5, seed)));
    expect(new Set(chosen.map((nodes) => nodes?.[0])).size).toBe(5);
  });

  it('prefers nodes that stand, and takes the others when there are no more', async () => {
    for (let seed = 0n; seed < 50n; seed++) {
      expect(await select('one', 3, seed, null, ['n1', 'n3'])).toEqual(['n2']);
      expect(await select('majority', 3, seed, null, ['n1', 'n3'])).toContain('n2');
      expect(await select('one', 3, seed, null, ['n1', 'n2', 'n3'])).toHaveLength(1);
    }
  });

  it('a mistyped word is told with the nearest', () => {
    expect(requireSelector('leader')).toBe('leader');
    expect(() => requireSelector('laeder')).toThrow('did you mean "leader"?');
  });
});

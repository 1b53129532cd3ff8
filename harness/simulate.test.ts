import { describe, expect, it } from 'vitest';
import { byThread, random, rough } from '../test/support/virtual.ts';
import type { GeneratorLike, LeafContext } from './generator.ts';
import { any } from './generators/any.ts';
import { eachThread } from './generators/each-thread.ts';
import { faultSteps } from './generators/fault-steps.ts';
import { independent } from './generators/independent.ts';
import { cycle, limit } from './generators/limit.ts';
import { filter, map } from './generators/map.ts';
import { mix } from './generators/mix.ts';
import { stagger } from './generators/pace.ts';
import { reserve } from './generators/reserve.ts';
import { nemesis } from './generators/routing.ts';
import { sleep } from './generators/sleep.ts';
import { MILLISECOND, type Operation } from './operation.ts';
import { simulate } from './simulate.ts';

const SEEDS = 1000;
const write = (context: LeafContext): { f: string; value: number } => ({
  f: 'write',
  value: context.below(100),
});
const read = (): { f: string; value: null } => ({ f: 'read', value: null });

function load(): GeneratorLike {
  return reserve(
    [[2, mix([read, write])]],
    mix([write, mix([read, map(({ value }) => ({ f: 'twice', value }), mix([random, write]))])]),
  );
}

describe(`seeds 0 to ${SEEDS - 1}`, () => {
  it('equal seeds give equal schedules, different seeds different ones', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = (): string =>
        JSON.stringify(
          simulate({
            generator: stagger(MILLISECOND, load()),
            concurrency: 5,
            seed: BigInt(seed),
            latency: rough,
            maxOperations: 40,
          }),
        );
      const first = run();
      expect(run()).toBe(first);
      seen.add(first);
    }
    expect(seen.size).toBe(SEEDS);
  });

  it.each<[string, () => GeneratorLike]>([
    ['reserve and nested mixes', load],
    ['stagger', () => stagger(MILLISECOND, load())],
    ['filter', () => filter(({ value }) => value === null || Number(value) % 3 === 0, load())],
    ['eachThread', () => eachThread(cycle([load(), sleep(MILLISECOND), limit(3, write)]))],
    [
      'independent',
      () =>
        independent({
          keys: (index) => `k${index}`,
          threadsPerKey: 2,
          operationsPerKey: 7,
          generator: () => mix([read, write, limit(2, random)]),
        }),
    ],
    ['any with faults', () => any([nemesis(sleep(MILLISECOND)), load()])],
  ])('the k-th operation of each thread does not depend on timing: %s', (_, make) => {
    for (let seed = 0; seed < SEEDS / 5; seed++) {
      const options = { concurrency: 5, seed: BigInt(seed), maxOperations: 100 };
      const quick = simulate({ ...options, generator: make() });
      const slow = simulate({ ...options, generator: make(), latency: rough });
      const slowThreads = byThread(slow.history, 5);
      let compared = 0;
      byThread(quick.history, 5).forEach((given, thread) => {
        const other = slowThreads[thread] ?? [];
        const common = Math.min(given.length, other.length);
        expect(given.slice(0, common)).toEqual(other.slice(0, common));
        compared += common;
      });
      expect(compared).toBeGreaterThan(20);
      // The comparison is of runs that really differ in their order.
      expect(slow.history.map((operation) => operation.process)).not.toEqual(
        quick.history.map((operation) => operation.process),
      );
    }
  });
});

it('nested mixes are not correlated', () => {
  const inner = (name: string): GeneratorLike =>
    mix([0, 1, 2, 3].map((value) => () => ({ f: name, value })));
  const { history } = simulate({
    generator: mix(['a', 'b', 'c', 'd'].map(inner)),
    concurrency: 10,
    seed: 5n,
    maxOperations: 32_000,
  });
  const counts = new Map<string, number>();
  for (const { type, f, value } of history) {
    if (type === 'invoke')
      counts.set(
        `${f}${JSON.stringify(value)}`,
        (counts.get(`${f}${JSON.stringify(value)}`) ?? 0) + 1,
      );
  }
  expect(counts.size).toBe(16);
  const chiSquare = [...counts.values()].reduce(
    (sum, count) => sum + (count - 2000) ** 2 / 2000,
    0,
  );
  // 15 degrees of freedom: above 44 in one of 10 000 fair cases.
  expect(chiSquare).toBeLessThan(44);
});

it('draws of a function are not those of the mix that chose it', () => {
  const { history } = simulate({
    generator: mix(
      [0, 1].map((side) => (context: LeafContext) => ({ f: `${side}`, value: context.below(2) })),
    ),
    concurrency: 4,
    seed: 6n,
    maxOperations: 10_000,
  });
  const same = history.filter(
    ({ type, f, value }) => type === 'invoke' && f === JSON.stringify(value),
  ).length;
  expect(Math.abs(same - 5000)).toBeLessThan(250);
});

describe('simulate', () => {
  it('keeps the rules of histories', () => {
    const { history } = simulate({
      generator: load(),
      concurrency: 5,
      seed: 9n,
      latency: rough,
      maxOperations: 2000,
    });
    const open = new Map<number, Operation>();
    const retired = new Set<number>();
    let time = 0;
    history.forEach((operation, index) => {
      expect(operation.index).toBe(index);
      expect(operation.time).toBeGreaterThanOrEqual(time);
      time = operation.time;
      const { process, type } = operation;
      if (type === 'invoke') {
        expect(open.has(process) || retired.has(process)).toBe(false);
        open.set(process, operation);
      } else {
        expect(open.get(process)?.f).toBe(operation.f);
        open.delete(process);
        if (type === 'info') retired.add(process);
      }
    });
    expect(open.size).toBe(0);
    expect(retired.size).toBeGreaterThan(100);
  });

  it('tells why it ended, and hands out faults with their times', () => {
    const step = {
      id: 'k',
      lane: 'k',
      kind: 'kill',
      selector: 'one',
      trigger: { at: 0 },
      heal: { end: true },
      draw: 0,
    } as const;
    const options = { concurrency: 2, seed: 1n };
    const run = simulate({
      ...options,
      generator: nemesis([sleep(50), faultSteps([step])], limit(3, read)),
    });
    expect(run.ended).toBe('done');
    expect(run.faults).toEqual([{ time: 50, step }]);
    expect(run.history).toHaveLength(6);
    expect(simulate({ ...options, generator: read, limitNanos: MILLISECOND }).ended).toBe('limit');
    const never = {
      listens: false,
      next: () => ({ kind: 'pending', next: never }),
      update: () => never,
    } as never;
    expect(simulate({ ...options, generator: never }).ended).toBe('stuck');
  });
});

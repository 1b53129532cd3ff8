import { describe, expect, test } from 'vitest';
import { splitKey } from '../../../harness/generators/independent.ts';
import { SECOND, type Operation } from '../../../harness/operation.ts';
import { simulate, type SimulateOptions } from '../../../harness/simulate.ts';
import type { Workload } from '../../../harness/workload.ts';
import { WORKLOADS } from './index.ts';
import { CONVERGENCE, register } from './register.ts';
import { guardedSetInBursts, set } from './set.ts';

const OPTIONS = { nodes: ['n1', 'n2', 'n3'], concurrency: 10, rate: 200 };

function invocations(workload: Workload, options: Partial<SimulateOptions> = {}): Operation[] {
  const { history } = simulate({
    generator: workload.generator,
    concurrency: OPTIONS.concurrency,
    seed: 7n,
    limitNanos: 20 * SECOND,
    ...options,
  });
  return history.filter((operation) => operation.type === 'invoke');
}

/** The operations of each thread, in order, without their times. */
function byThread(operations: readonly Operation[], concurrency: number): string[][] {
  const threads: string[][] = Array.from({ length: concurrency }, () => []);
  for (const { process, f, value } of operations) {
    threads[process % concurrency]?.push(JSON.stringify([f, value]));
  }
  return threads;
}

describe.each(WORKLOADS.map(({ name }) => name))('%s', (name) => {
  const make = WORKLOADS.find((workload) => workload.name === name) ?? register;

  test('keeps its rate', () => {
    expect(invocations(make.make(OPTIONS)).length / 20).toBeCloseTo(OPTIONS.rate, -1.5);
  });

  test("a thread's k-th operation does not depend on how fast answers are", () => {
    const quick = byThread(invocations(make.make(OPTIONS)), 10);
    const slow = byThread(
      invocations(make.make(OPTIONS), {
        latency: (_operation, random) => ({ nanos: random.between(0.1, 0.3) * SECOND, type: 'ok' }),
      }),
      10,
    );
    for (const [thread, operations] of slow.entries()) {
      const length = Math.min(operations.length, quick[thread]?.length ?? 0);
      expect(length).toBeGreaterThan(30);
      expect(operations.slice(0, length)).toEqual(quick[thread]?.slice(0, length));
    }
  });

  test('ends with final states of every node, after its reads, where they are compared', () => {
    const { finalGenerator = [], checkers } = make.make(OPTIONS);
    if (!checkers.includes(CONVERGENCE)) return;
    const { history, ended } = simulate({
      generator: finalGenerator,
      concurrency: 10,
      seed: 7n,
    });
    expect(ended).toBe('done');
    const states = history.filter(({ f, type }) => f === 'final-state' && type === 'invoke');
    expect(states.map(({ process }) => process % 3).sort()).toEqual([0, 1, 2]);
    for (const state of states) {
      const own = history.filter(({ process }) => process === state.process);
      expect(own.filter(({ f, type }) => f !== 'final-state' && type === 'ok')).not.toEqual([]);
      expect(own.at(-1)?.f).toBe('final-state');
    }
  });
});

test('register: threads of a group share a key, and a key has few operations', () => {
  const perKey = new Map<string, Set<number>>();
  const counts = new Map<string, number>();
  for (const { process, value } of invocations(register.make(OPTIONS))) {
    const key = splitKey(value)?.key ?? 'none';
    perKey.set(key, (perKey.get(key) ?? new Set()).add(process % 10));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(perKey.size).toBeGreaterThan(20);
  for (const threads of perKey.values()) expect(threads.size).toBeLessThanOrEqual(3);
  expect(perKey.get('k0')?.size).toBe(3);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(90);
});

test('register: final reads cover the keys that were used', () => {
  const workload = register.make(OPTIONS);
  const used = new Set(invocations(workload).map(({ value }) => splitKey(value)?.key));
  const { history } = simulate({
    generator: workload.finalGenerator ?? [],
    concurrency: 10,
    seed: 7n,
  });
  const read = new Set(history.map(({ value }) => splitKey(value)?.key));
  expect([...used].filter((key) => !read.has(key))).toEqual([]);
});

test.each(['list-append', 'list-append-serializable-reads'])(
  '%s: every element is appended once, keys come and go, final reads cover them',
  (name) => {
    const workload = WORKLOADS.find((each) => each.name === name)?.make(OPTIONS);
    if (workload === undefined) throw new Error(`no workload ${name}`);
    const operations = invocations(workload).flatMap(
      ({ value }) => value as readonly (readonly [string, number, number | null])[],
    );
    const appends = operations.filter(([f]) => f === 'append');
    expect(new Set(appends.map(([, , element]) => element)).size).toBe(appends.length);
    expect(appends.length / operations.length).toBeCloseTo(0.5, 1);
    const keys = new Set(operations.map(([, key]) => key));
    expect(appends.length / keys.size).toBeGreaterThan(20);
    expect(appends.length / keys.size).toBeLessThan(60);
    const { history } = simulate({
      generator: workload.finalGenerator ?? [],
      concurrency: 10,
      seed: 7n,
    });
    const read = history.flatMap(({ f, value }) =>
      f === 'txn' ? (value as [string, number][]).map(([, key]) => key) : [],
    );
    expect([...keys].filter((key) => !read.includes(key))).toEqual([]);
  },
);

test('set: no element is added twice', () => {
  const added = invocations(set.make(OPTIONS)).filter(({ f }) => f === 'add');
  expect(new Set(added.map(({ value }) => value)).size).toBe(added.length);
  expect(added.length).toBeGreaterThan(3000);
});

test('bursts: full load within, little between and after', () => {
  const times = { length: 1 * SECOND, period: 4 * SECOND, count: 2 };
  const operations = invocations(guardedSetInBursts(OPTIONS, times), { limitNanos: 12 * SECOND });
  const during = (from: number, to: number): number =>
    operations.filter(({ time }) => time >= from * SECOND && time < to * SECOND).length;
  expect(during(0, 1)).toBeGreaterThan(1000);
  expect(during(4, 5)).toBeGreaterThan(1000);
  for (const from of [1, 5, 8]) {
    const light = during(from, from + 3);
    expect(light).toBeGreaterThan(30);
    expect(light).toBeLessThan(90);
  }
  const added = operations.map(({ value }) => value);
  expect(new Set(added).size).toBe(added.length);
});

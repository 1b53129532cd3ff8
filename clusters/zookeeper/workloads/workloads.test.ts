import { describe, expect, it } from 'vitest';
import { splitKey } from '../../../harness/generators/independent.ts';
import type { Operation } from '../../../harness/operation.ts';
import { simulate, type Latency } from '../../../harness/simulate.ts';
import { registerWorkload } from './register.ts';
import { setWorkload } from './set.ts';

const options = { nodes: ['n1', 'n2', 'n3'], concurrency: 6, rate: 1000 };

/** Each thread's operations in order: what equal seeds promise. */
function byThread(history: readonly Operation[]): string[][] {
  const threads: string[][] = Array.from({ length: options.concurrency }, () => []);
  for (const { type, process, f, value } of history) {
    if (type === 'invoke')
      threads[process % options.concurrency]?.push(`${f} ${JSON.stringify(value)}`);
  }
  return threads;
}

describe('register', () => {
  const { generator, finalGenerator = [] } = registerWorkload.make({
    ...options,
    operationsPerKey: 20,
  });
  const run = (seed: bigint, latency?: Latency): readonly Operation[] =>
    simulate({
      generator,
      concurrency: options.concurrency,
      seed,
      maxOperations: 600,
      ...(latency === undefined ? {} : { latency }),
    }).history;

  it('does all four kinds, each on a key', () => {
    const invocations = run(1n).filter(({ type }) => type === 'invoke');
    expect(new Set(invocations.map(({ f }) => f))).toEqual(
      new Set(['write', 'cas', 'read', 'strict-read']),
    );
    expect(invocations.every(({ value }) => splitKey(value) !== null)).toBe(true);
  });

  it('gives each thread the same operations whatever the answers’ timing', () => {
    const fast = byThread(run(1n));
    const slow = byThread(
      run(1n, (_, random) => ({ nanos: random.between(1e6, 5e7), type: 'ok' })),
    );
    fast.forEach((operations, thread) => {
      const common = Math.min(operations.length, slow[thread]?.length ?? 0);
      expect(common).toBeGreaterThan(20);
      expect(slow[thread]?.slice(0, common)).toEqual(operations.slice(0, common));
    });
    expect(byThread(run(2n))).not.toEqual(fast);
  });

  it('ends with the state and a strict read of every key of it, on one thread a node', () => {
    const state = { r0: { value: '1', version: 0 }, r7: { value: '2', version: 1 } };
    const { history, ended } = simulate({
      generator: finalGenerator,
      concurrency: options.concurrency,
      seed: 1n,
      latency: ({ f }) => ({
        nanos: 1e6,
        type: 'ok',
        ...(f === 'final-state' ? { value: state } : {}),
      }),
    });
    const reads = ['final-state null', 'strict-read ["r0",null]', 'strict-read ["r7",null]'];
    expect(byThread(history)).toEqual([reads, reads, reads, [], [], []]);
    expect(ended).toBe('done');
  });

  it('gives up a node that never answers', () => {
    const latency: Latency = () => ({ nanos: 1e6, type: 'fail' });
    const { history, ended } = simulate({
      generator: finalGenerator,
      concurrency: 3,
      seed: 1n,
      latency,
    });
    expect(ended).toBe('done');
    expect(history.filter(({ type }) => type === 'invoke').length).toBe(3 * 8);
  });
});

describe('set', () => {
  it('adds each element once, and reads', () => {
    const { generator } = setWorkload.make(options);
    const { history } = simulate({ generator, concurrency: 6, seed: 3n, maxOperations: 2000 });
    const invocations = history.filter(({ type }) => type === 'invoke');
    const added = invocations.filter(({ f }) => f === 'add').map(({ value }) => value);
    expect(new Set(added).size).toBe(added.length);
    expect(invocations.length - added.length).toBeGreaterThan(20);
  });
});

/** What tests of generators share: simulated runs, and views of their histories. */
import type { GeneratorLike, LeafContext } from '../../harness/generator.ts';
import { MILLISECOND, type Invocation, type Operation } from '../../harness/operation.ts';
import { simulate, type Latency, type SimulateOptions } from '../../harness/simulate.ts';

/** Every operation the same, for ever. */
export function always(f: string): () => Invocation {
  return () => ({ f, value: null });
}

/** Random operations, for ever. */
export function random(context: LeafContext): Invocation {
  return { f: 'random', value: context.below(1_000_000) };
}

export function invocations(
  generator: GeneratorLike,
  options: Partial<SimulateOptions> = {},
): readonly Operation[] {
  const simulation = simulate({
    generator,
    concurrency: 3,
    seed: 1n,
    maxOperations: 1000,
    ...options,
  });
  return simulation.history.filter((operation) => operation.type === 'invoke');
}

/** The `f`s invoked, in order. */
export function fs(generator: GeneratorLike, options: Partial<SimulateOptions> = {}): string[] {
  return invocations(generator, options).map((operation) => operation.f);
}

/** What each thread was given, in its order. */
export function byThread(history: readonly Operation[], concurrency: number): string[][] {
  const threads = Array.from({ length: concurrency }, (): string[] => []);
  for (const { type, process, f, value } of history) {
    if (type === 'invoke') threads[process % concurrency]?.push(`${f} ${JSON.stringify(value)}`);
  }
  return threads;
}

/** Answers of all kinds after very different times. */
export const rough: Latency = (_, draws) => {
  const chance = draws.next();
  const nanos = Math.round(draws.next() ** 6 * 2000 * MILLISECOND) + 1;
  return { nanos, type: chance < 0.6 ? 'ok' : chance < 0.8 ? 'fail' : 'info' };
};

/** The most operations under way at once. */
export function mostAtOnce(history: readonly Operation[]): number {
  let now = 0;
  let most = 0;
  for (const { type } of history) {
    now += type === 'invoke' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

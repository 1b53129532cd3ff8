/** Waiting for idleness: synchronize, phases, andThen. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { concat } from './concat.ts';
import { toGenerator } from './to-generator.ts';

/** Waits until every thread of the context is free, then is `generator`. Jepsen's `synchronize`. */
export function synchronize(generator: GeneratorLike): Generator {
  return new Synchronize(generator);
}

/** Each phase begins when all threads are idle after the one before. Jepsen's `phases`. */
export function phases(parts: readonly GeneratorLike[]): Generator {
  return concat(parts.map((part) => synchronize(part)));
}

/**
 * `first`, then, when all threads are idle, `second`. Jepsen's `then` takes its arguments the other way round, for
 * its threading macro. (A module that exports a `then` cannot be imported dynamically: it looks like a promise.)
 */
export function andThen(first: GeneratorLike, second: GeneratorLike): Generator {
  return concat([first, synchronize(second)]);
}

class Synchronize implements Generator {
  readonly listens = false;
  readonly #generator: GeneratorLike;

  constructor(generator: GeneratorLike) {
    this.#generator = generator;
  }

  next(context: Context): Step {
    if (context.freeCount() < context.threads.length) return { kind: 'pending', next: this };
    return toGenerator(this.#generator).next(context);
  }

  update(): Generator {
    return this;
  }
}

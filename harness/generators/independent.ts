/** Many keys, each with a generator of its own. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation, Value } from '../operation.ts';
import { perThread } from './each-thread.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

export interface IndependentOptions {
  /** The index-th key of the run, distinct from all others; null: there are no more. */
  readonly keys: (index: number) => string | null;
  /** Threads that work on one key together. The last group has fewer when they do not go round. */
  readonly threadsPerKey: number;
  /** Operations of one thread on one key before it goes on to its group's next key. */
  readonly operationsPerKey: number;
  /** What one thread does with a key; it sees a context of only itself. Pure. */
  readonly generator: (key: string) => GeneratorLike;
}

/**
 * Lifts a generator to many keys: operations come with values `[key, value]`, see `withKey`. A counterpart of Jepsen's
 * `independent/concurrent-generator`, with one difference: each thread goes on to its group's next key by itself, when
 * it has done its own operations, and does not wait for the group. So the k-th operation of a thread is determined by
 * the seed alone, and not by a race for the last operation on a key. Threads of a group stay on the same key for most
 * of the time; a key is finished when all of them have left it.
 *
 * Group g of G has the keys g, g + G, g + 2G, …
 * @throws RangeError when a number is not an integer of at least 1.
 */
export function independent(options: IndependentOptions): Generator {
  checked('threadsPerKey', options.threadsPerKey);
  checked('operationsPerKey', options.operationsPerKey);
  return perThread((thread) => new KeyRun(options, thread, 0, 0, null));
}

/** A value of an operation on a key. */
export function withKey(key: string, value: Value): Value {
  return [key, value];
}

/** The inverse of `withKey`, or null when the value is of no key. */
export function splitKey(value: Value): { readonly key: string; readonly value: Value } | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [key, inner] = value as readonly Value[];
  return typeof key === 'string' && inner !== undefined ? { key, value: inner } : null;
}

/** One thread's way through its group's keys. */
class KeyRun implements Generator {
  readonly listens: boolean;
  readonly #options: IndependentOptions;
  readonly #thread: number;
  /** How many keys it has left behind. */
  readonly #round: number;
  readonly #count: number;
  readonly #current: { readonly key: string; readonly generator: Generator } | null;

  constructor(
    options: IndependentOptions,
    thread: number,
    round: number,
    count: number,
    current: { readonly key: string; readonly generator: Generator } | null,
  ) {
    this.#options = options;
    this.#thread = thread;
    this.#round = round;
    this.#count = count;
    this.#current = current;
    this.listens = current?.generator.listens === true;
  }

  next(context: Context): Step {
    let current = this.#current;
    let round = this.#round;
    let count = this.#count;
    if (current !== null && count < this.#options.operationsPerKey) {
      const step = this.#ask(context, round, current.generator);
      if (step.kind !== 'done') return this.#following(step, current.key, round, count);
    }
    if (current !== null) round++;
    count = 0;
    current = this.#begin(context, round);
    if (current === null) return DONE;
    const step = this.#ask(context, round, current.generator);
    if (step.kind !== 'done') return this.#following(step, current.key, round, count);
    throw new Error(`independent: the generator of key ${current.key} has nothing in it`);
  }

  update(context: Context, event: Operation): Generator {
    const current = this.#current;
    if (current === null) return this;
    const split = splitKey(event.value);
    const own = split?.key === current.key ? { ...event, value: split.value } : event;
    const outer = context.enter(this.#round);
    const generator = current.generator.update(context, own);
    context.leave(outer);
    if (generator === current.generator) return this;
    return this.#with(current.key, generator, this.#round, this.#count);
  }

  #begin(context: Context, round: number): { key: string; generator: Generator } | null {
    const { threadsPerKey, keys, generator } = this.#options;
    const group = Math.floor(this.#thread / threadsPerKey);
    const key = keys(group + round * Math.ceil(context.concurrency / threadsPerKey));
    return key === null ? null : { key, generator: toGenerator(generator(key)) };
  }

  #ask(context: Context, round: number, generator: Generator): Step {
    const outer = context.enter(round);
    const step = generator.next(context);
    context.leave(outer);
    return step;
  }

  #following(
    step: Exclude<Step, { kind: 'done' }>,
    key: string,
    round: number,
    count: number,
  ): Step {
    if (step.kind !== 'emit') return following(step, this.#with(key, step.next, round, count));
    const { f, value } = step.invocation;
    return {
      kind: 'emit',
      thread: step.thread,
      invocation: { f, value: withKey(key, value) },
      next: this.#with(key, step.next, round, count + 1),
    };
  }

  #with(key: string, generator: Generator, round: number, count: number): KeyRun {
    return new KeyRun(this.#options, this.#thread, round, count, { key, generator });
  }
}

function checked(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new RangeError(`independent: ${name} is ${count}, expected an integer of at least 1`);
}

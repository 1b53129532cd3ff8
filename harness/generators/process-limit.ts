/** How many processes, and how many at once. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation, Process } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/**
 * The generator as long as the processes that could have run it are at most `count`, then nothing more. Jepsen's
 * `process-limit`: all processes of the context count, not only those that were given something, so that the end does
 * not trickle. Costs a look at each thread.
 */
export function processLimit(count: number, generator: GeneratorLike): Generator {
  return new ProcessLimit(count, null, toGenerator(generator));
}

/** At most `count` operations of the generator under way at once. Jepsen's `concurrency-limit`. */
export function concurrencyLimit(count: number, generator: GeneratorLike): Generator {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`concurrencyLimit: ${count}, expected an integer of at least 1`);
  }
  return new ConcurrencyLimit(count, [], toGenerator(generator));
}

class ProcessLimit implements Generator {
  readonly listens: boolean;
  readonly #count: number;
  /** Sum of the threads' processes at the first question: each retired process adds `concurrency` to it. */
  readonly #base: number | null;
  readonly #child: Generator;

  constructor(count: number, base: number | null, child: Generator) {
    this.#count = count;
    this.#base = base;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    let sum = 0;
    for (const thread of context.threads) sum += context.process(thread);
    const base = this.#base ?? sum;
    const seen = context.threads.length + (sum - base) / context.concurrency;
    if (seen > this.#count) return DONE;
    const step = this.#child.next(context);
    return step.kind === 'done' ? DONE : following(step, this.#with(base, step.next));
  }

  update(context: Context, event: Operation): Generator {
    return this.#with(this.#base, this.#child.update(context, event));
  }

  #with(base: number | null, child: Generator): ProcessLimit {
    if (base === this.#base && child === this.#child) return this;
    return new ProcessLimit(this.#count, base, child);
  }
}

class ConcurrencyLimit implements Generator {
  readonly listens = true;
  readonly #count: number;
  /** Processes that an operation of ours is under way on. */
  readonly #active: readonly Process[];
  readonly #child: Generator;

  constructor(count: number, active: readonly Process[], child: Generator) {
    this.#count = count;
    this.#active = active;
    this.#child = child;
  }

  next(context: Context): Step {
    // The child is asked at the limit too: it may be at its end.
    const step = this.#child.next(context);
    if (step.kind === 'done') return DONE;
    if (step.kind !== 'emit') return following(step, this.#with(this.#active, step.next));
    if (this.#active.length >= this.#count) return { kind: 'pending', next: this };
    const active = [...this.#active, context.process(step.thread)];
    return following(step, new ConcurrencyLimit(this.#count, active, step.next));
  }

  update(context: Context, event: Operation): Generator {
    const child = this.#child.listens ? this.#child.update(context, event) : this.#child;
    if (event.type === 'invoke' || !this.#active.includes(event.process)) {
      return this.#with(this.#active, child);
    }
    const active = this.#active.filter((process) => process !== event.process);
    return new ConcurrencyLimit(this.#count, active, child);
  }

  #with(active: readonly Process[], child: Generator): ConcurrencyLimit {
    if (active === this.#active && child === this.#child) return this;
    return new ConcurrencyLimit(this.#count, active, child);
  }
}

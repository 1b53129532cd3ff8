/** An end by time. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds, Operation } from '../operation.ts';
import { earlier, following, pendingUntil } from './step.ts';
import { toGenerator } from './to-generator.ts';

/**
 * The generator for `duration` from its first operation on. Jepsen's `time-limit`, and like it no bound on operations
 * already under way: that is their deadline's.
 */
export function timeLimit(duration: Nanoseconds, generator: GeneratorLike): Generator {
  return new TimeLimit(duration, undefined, toGenerator(generator));
}

class TimeLimit implements Generator {
  readonly listens: boolean;
  readonly #duration: Nanoseconds;
  readonly #end: Nanoseconds | undefined;
  readonly #child: Generator;

  constructor(duration: Nanoseconds, end: Nanoseconds | undefined, child: Generator) {
    this.#duration = duration;
    this.#end = end;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    if (this.#end !== undefined && context.time >= this.#end) return DONE;
    const step = this.#child.next(context);
    if (step.kind === 'done') return DONE;
    if (step.kind === 'pending') {
      return pendingUntil(earlier(step.until, this.#end), this.#with(this.#end, step.next));
    }
    const end = this.#end ?? context.time + this.#duration;
    // A limit of nothing lets nothing through.
    return context.time >= end ? DONE : following(step, this.#with(end, step.next));
  }

  update(context: Context, event: Operation): Generator {
    return this.#with(this.#end, this.#child.update(context, event));
  }

  #with(end: Nanoseconds | undefined, child: Generator): TimeLimit {
    if (end === this.#end && child === this.#child) return this;
    return new TimeLimit(this.#duration, end, child);
  }
}

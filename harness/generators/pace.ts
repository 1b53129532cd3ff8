/** Pace: stagger, delay. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import { MILLISECOND, type Nanoseconds, type Operation } from '../operation.ts';
import { streamOf } from '../random.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

const STAGGER = streamOf('stagger');

/** How far behind its schedule a pace may fall before the rest is let go: this, or two periods if they are longer. */
const SLACK: Nanoseconds = 10 * MILLISECOND;

/**
 * Operations at uniformly random intervals between 0 and twice `period`: on the average one a period, over all threads
 * together. Jepsen's `stagger`.
 *
 * A delay is caught up (timers have a resolution of a millisecond, and the rate should hold), but only up to 10 ms or
 * two periods: what was missed beyond that, in a stall or while all threads waited for an answer, is let go.
 * Jepsen's older versions catch up without bound, its newer ones not at all. That the generator is exhausted is found
 * when its threads are idle, or when its next operation would be due.
 */
export function stagger(period: Nanoseconds, generator: GeneratorLike): Generator {
  return new Pace(
    checkedPeriod('stagger', period),
    true,
    undefined,
    0,
    toGenerator(generator),
    false,
  );
}

/** Operations `period` apart, over all threads together; falls behind as `stagger` does. Jepsen's `delay`. */
export function delay(period: Nanoseconds, generator: GeneratorLike): Generator {
  return new Pace(
    checkedPeriod('delay', period),
    false,
    undefined,
    0,
    toGenerator(generator),
    false,
  );
}

class Pace implements Generator {
  readonly listens: boolean;
  readonly #period: Nanoseconds;
  readonly #random: boolean;
  /** When the next operation is due; undefined before the first. */
  readonly #due: Nanoseconds | undefined;
  /** How many were emitted; keys the draws, so that the intervals do not depend on who emits. */
  readonly #count: number;
  readonly #child: Generator;
  /** Whether the child was found to have something more, so that it need not be asked again before its time. */
  readonly #more: boolean;

  constructor(
    period: Nanoseconds,
    random: boolean,
    due: Nanoseconds | undefined,
    count: number,
    child: Generator,
    more: boolean,
  ) {
    this.#period = period;
    this.#random = random;
    this.#due = due;
    this.#count = count;
    this.#child = child;
    this.#more = more;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const early = this.#due !== undefined && context.time < this.#due;
    if (early && (this.#more || context.freeCount() < context.threads.length)) {
      return { kind: 'pending', until: this.#due, next: this };
    }
    const outer = context.enter(0);
    const step = this.#child.next(context);
    context.leave(outer);
    if (step.kind === 'done') return DONE;
    if (early) {
      // What the child would emit now is asked for again when it is due; only a wait of its own goes on.
      const child = step.kind === 'pending' ? step.next : this.#child;
      return { kind: 'pending', until: this.#due, next: this.#with(child, true) };
    }
    if (step.kind === 'pending') return following(step, this.#with(step.next, false));
    const due = this.#dueAfter(context);
    return following(
      step,
      new Pace(this.#period, this.#random, due, this.#count + 1, step.next, false),
    );
  }

  update(context: Context, event: Operation): Generator {
    const outer = context.enter(0);
    const child = this.#child.update(context, event);
    context.leave(outer);
    return child === this.#child ? this : this.#with(child, false);
  }

  #dueAfter(context: Context): Nanoseconds {
    const slack = Math.max(SLACK, 2 * this.#period);
    const from = Math.max(this.#due ?? context.time, context.time - slack);
    const share = this.#random ? 2 * context.draw(STAGGER, 0, this.#count) : 1;
    return from + Math.round(this.#period * share);
  }

  #with(child: Generator, more: boolean): Pace {
    if (child === this.#child && more === this.#more) return this;
    return new Pace(this.#period, this.#random, this.#due, this.#count, child, more);
  }
}

/** @throws RangeError when the period is not a number of at least 0. */
function checkedPeriod(name: string, period: Nanoseconds): Nanoseconds {
  if (period >= 0 && period < Infinity) return period;
  throw new RangeError(`${name}: a period of ${period} ns, expected a finite number of at least 0`);
}

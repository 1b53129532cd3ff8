/** How many operations: limit, once, repeat, cycle. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** At most `count` operations of the generator. Jepsen's `limit`. */
export function limit(count: number, generator: GeneratorLike): Generator {
  return new Limit(checkedCount('limit', count), toGenerator(generator));
}

/** One operation of the generator. Jepsen's `once`. */
export function once(generator: GeneratorLike): Generator {
  return new Limit(1, toGenerator(generator));
}

/**
 * The generator's first operation over and over, `count` times (default: for ever); the generator itself does not
 * move on. Jepsen's `repeat`.
 */
export function repeat(generator: GeneratorLike, count = Infinity): Generator {
  const origin = toGenerator(generator);
  return new Repeat(checkedCount('repeat', count), origin, origin);
}

/** The generator from its beginning again when it is exhausted, `count` times (default: for ever). Jepsen's `cycle`. */
export function cycle(generator: GeneratorLike, count = Infinity): Generator {
  const origin = toGenerator(generator);
  return new Cycle(checkedCount('cycle', count), origin, 0, origin);
}

class Limit implements Generator {
  readonly listens: boolean;
  readonly #left: number;
  readonly #child: Generator;

  constructor(left: number, child: Generator) {
    this.#left = left;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    if (this.#left <= 0) return DONE;
    const step = this.#child.next(context);
    if (step.kind === 'done') return DONE;
    if (step.kind !== 'pending') return following(step, new Limit(this.#left - 1, step.next));
    return following(step, this.#with(step.next));
  }

  update(context: Context, event: Operation): Generator {
    return this.#with(this.#child.update(context, event));
  }

  #with(child: Generator): Limit {
    return child === this.#child ? this : new Limit(this.#left, child);
  }
}

/** `child` differs from `origin` only while the operation is being waited for. */
class Repeat implements Generator {
  readonly listens: boolean;
  readonly #left: number;
  readonly #origin: Generator;
  readonly #child: Generator;

  constructor(left: number, origin: Generator, child: Generator) {
    this.#left = left;
    this.#origin = origin;
    this.#child = child;
    this.listens = origin.listens || child.listens;
  }

  next(context: Context): Step {
    if (this.#left <= 0) return DONE;
    const step = this.#child.next(context);
    if (step.kind === 'done') return DONE;
    if (step.kind === 'pending') return following(step, this.#with(this.#origin, step.next));
    const next = this.#left === Infinity ? this.#with(this.#origin, this.#origin) : null;
    return following(step, next ?? new Repeat(this.#left - 1, this.#origin, this.#origin));
  }

  update(context: Context, event: Operation): Generator {
    const origin = this.#origin.update(context, event);
    const same = this.#child === this.#origin;
    return this.#with(origin, same ? origin : this.#child.update(context, event));
  }

  #with(origin: Generator, child: Generator): Repeat {
    if (origin === this.#origin && child === this.#child) return this;
    return new Repeat(this.#left, origin, child);
  }
}

class Cycle implements Generator {
  readonly listens: boolean;
  readonly #left: number;
  readonly #origin: Generator;
  /** How many times it began anew; keys the draws, so that no round repeats another's. */
  readonly #round: number;
  readonly #child: Generator;

  constructor(left: number, origin: Generator, round: number, child: Generator) {
    this.#left = left;
    this.#origin = origin;
    this.#round = round;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    if (this.#left <= 0) return DONE;
    const step = this.#ask(context, this.#round, this.#child);
    if (step.kind !== 'done') return following(step, this.#with(step.next));
    if (this.#left <= 1) return DONE;
    const again = this.#ask(context, this.#round + 1, this.#origin);
    // One that has nothing even from its beginning would go round for ever.
    if (again.kind === 'done') return DONE;
    return following(again, new Cycle(this.#left - 1, this.#origin, this.#round + 1, again.next));
  }

  update(context: Context, event: Operation): Generator {
    const outer = context.enter(this.#round);
    const child = this.#child.update(context, event);
    context.leave(outer);
    return this.#with(child);
  }

  #ask(context: Context, round: number, child: Generator): Step {
    const outer = context.enter(round);
    const step = child.next(context);
    context.leave(outer);
    return step;
  }

  #with(child: Generator): Cycle {
    if (child === this.#child) return this;
    return new Cycle(this.#left, this.#origin, this.#round, child);
  }
}

/** @throws RangeError when the count is not an integer of at least 0, or Infinity. */
function checkedCount(name: string, count: number): number {
  if (count === Infinity || (Number.isInteger(count) && count >= 0)) return count;
  throw new RangeError(`${name}: a count of ${count}, expected an integer of at least 0`);
}

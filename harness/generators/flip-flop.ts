/** Alternation. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** One operation of `first`, one of `second`, one of `first` …, until either is exhausted. Jepsen's `flip-flop`. */
export function flipFlop(first: GeneratorLike, second: GeneratorLike): Generator {
  return new FlipFlop(toGenerator(first), toGenerator(second), 0);
}

class FlipFlop implements Generator {
  readonly listens: boolean;
  /** The one whose turn it is. */
  readonly #current: Generator;
  readonly #other: Generator;
  /** 0 while the first is the current one, else 1. */
  readonly #turn: 0 | 1;

  constructor(current: Generator, other: Generator, turn: 0 | 1) {
    this.#current = current;
    this.#other = other;
    this.#turn = turn;
    this.listens = current.listens || other.listens;
  }

  next(context: Context): Step {
    const outer = context.enter(this.#turn);
    const step = this.#current.next(context);
    context.leave(outer);
    if (step.kind === 'done') return DONE;
    if (step.kind === 'pending') return following(step, this.#with(step.next, this.#other));
    return following(step, new FlipFlop(this.#other, step.next, this.#turn === 0 ? 1 : 0));
  }

  update(context: Context, event: Operation): Generator {
    const outer = context.enter(this.#turn);
    const current = this.#current.update(context, event);
    context.leave(outer);
    context.enter(1 - this.#turn);
    const other = this.#other.update(context, event);
    context.leave(outer);
    return this.#with(current, other);
  }

  #with(current: Generator, other: Generator): FlipFlop {
    if (current === this.#current && other === this.#other) return this;
    return new FlipFlop(current, other, this.#turn);
  }
}

/** Random choice among generators. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { streamOf } from '../random.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

const MIX = streamOf('mix');

/**
 * Each operation from one of these, chosen uniformly; an exhausted one is dropped. Jepsen's `mix`. Unlike Jepsen's,
 * the choice is drawn by the thread and its ordinal, so that the k-th operation of each thread does not depend on
 * timing (as long as none is exhausted).
 */
export function mix(generators: readonly GeneratorLike[]): Generator {
  return Mix.of(
    generators.map((generator, scope) => ({ scope, generator: toGenerator(generator) })),
  );
}

/** `[weight, generator]` pairs: `mix` with chances in proportion to the weights, which are integers. */
export function weightedMix(
  weighted: readonly (readonly [weight: number, generator: GeneratorLike])[],
): Generator {
  const children = weighted.map(([, generator], scope) => ({
    scope,
    generator: toGenerator(generator),
  }));
  const slots = weighted.flatMap(([weight], at) => {
    if (!Number.isInteger(weight) || weight < 0) {
      throw new RangeError(`a weight of ${weight}, expected an integer of at least 0`);
    }
    return new Array<number>(weight).fill(at);
  });
  return new Mix(children, slots);
}

/** `scope` is the child's first place, which its draws are keyed by even after another was dropped. */
interface Child {
  readonly scope: number;
  readonly generator: Generator;
}

class Mix implements Generator {
  readonly listens: boolean;
  readonly #children: readonly Child[];
  /** Indexes into the children, one for each equal chance. */
  readonly #slots: readonly number[];

  constructor(children: readonly Child[], slots: readonly number[]) {
    this.#children = children;
    this.#slots = slots;
    this.listens = children.some((child) => child.generator.listens);
  }

  static of(children: readonly Child[]): Mix {
    return new Mix(children, [...children.keys()]);
  }

  next(context: Context): Step {
    const slots = this.#slots;
    if (slots.length === 0) return DONE;
    const thread = context.pick();
    // With no free thread a child is asked all the same: it may hold a fault step, or be at its end.
    const slot = thread < 0 ? 0 : context.draw(MIX, thread, context.ordinal(thread)) * slots.length;
    const at = slots[Math.floor(slot)] ?? 0;
    const child = this.#children[at];
    if (child === undefined) return DONE;
    const outer = context.enter(child.scope);
    const step = child.generator.next(context);
    context.leave(outer);
    if (step.kind === 'done') return this.#without(at).next(context);
    if (step.next === child.generator) return following(step, this);
    return following(step, this.#with(at, child.scope, step.next));
  }

  update(context: Context, event: Operation): Generator {
    const children = this.#children.map((child) => {
      if (!child.generator.listens) return child;
      const outer = context.enter(child.scope);
      const generator = child.generator.update(context, event);
      context.leave(outer);
      return generator === child.generator ? child : { scope: child.scope, generator };
    });
    const same = children.every((child, at) => child === this.#children[at]);
    return same ? this : new Mix(children, this.#slots);
  }

  #with(at: number, scope: number, generator: Generator): Mix {
    const children = this.#children.slice();
    children[at] = { scope, generator };
    return new Mix(children, this.#slots);
  }

  #without(gone: number): Mix {
    return new Mix(
      this.#children,
      this.#slots.filter((at) => at !== gone),
    );
  }
}

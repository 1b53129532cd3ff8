/** Changing operations, and leaving some out. */
import type { Context, Generator, GeneratorLike, LeafContext, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Invocation, Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** Makes another invocation of one. Pure; draws through the context. */
export type Transform = (invocation: Invocation, context: LeafContext) => Invocation;

/** Every operation of the generator transformed; fault steps as they are. Jepsen's `map`. */
export function map(transform: Transform, generator: GeneratorLike): Generator {
  return new Mapped(transform, toGenerator(generator));
}

/** Renames `f`s; those not named stay. Jepsen's `f-map`. */
export function mapF(names: Readonly<Record<string, string>>, generator: GeneratorLike): Generator {
  const known = new Map(Object.entries(names));
  return map(({ f, value }) => ({ f: known.get(f) ?? f, value }), generator);
}

/**
 * Only the operations that hold. Jepsen's `filter`. The generator is asked again with other draws until one holds.
 * @throws Error, in `next`, when 10 000 in a row do not.
 */
export function filter(
  holds: (invocation: Invocation, context: LeafContext) => boolean,
  generator: GeneratorLike,
): Generator {
  return new Filtered(holds, toGenerator(generator));
}

class Mapped implements Generator {
  readonly listens: boolean;
  readonly #transform: Transform;
  readonly #child: Generator;

  constructor(transform: Transform, child: Generator) {
    this.#transform = transform;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const outer = context.enter(0);
    const step = this.#child.next(context);
    context.leave(outer);
    if (step.kind === 'done') return DONE;
    const next = this.#with(step.next);
    if (step.kind !== 'emit') return following(step, next);
    const invocation = this.#transform(step.invocation, context.leaf(step.thread));
    return { kind: 'emit', thread: step.thread, invocation, next };
  }

  update(context: Context, event: Operation): Generator {
    const outer = context.enter(0);
    const child = this.#child.update(context, event);
    context.leave(outer);
    return this.#with(child);
  }

  #with(child: Generator): Mapped {
    return child === this.#child ? this : new Mapped(this.#transform, child);
  }
}

const ATTEMPTS = 10_000;

class Filtered implements Generator {
  readonly listens: boolean;
  readonly #holds: (invocation: Invocation, context: LeafContext) => boolean;
  readonly #child: Generator;

  constructor(holds: (invocation: Invocation, context: LeafContext) => boolean, child: Generator) {
    this.#holds = holds;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    let child = this.#child;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const outer = context.enter(attempt);
      const step = child.next(context);
      context.leave(outer);
      if (step.kind === 'done') return DONE;
      if (step.kind !== 'emit' || this.#holds(step.invocation, context.leaf(step.thread))) {
        return following(step, this.#with(step.next));
      }
      child = step.next;
    }
    throw new Error(`filter: ${ATTEMPTS} operations in a row did not hold; expected one that does`);
  }

  update(context: Context, event: Operation): Generator {
    return this.#with(this.#child.update(context, event));
  }

  #with(child: Generator): Filtered {
    return child === this.#child ? this : new Filtered(this.#holds, child);
  }
}

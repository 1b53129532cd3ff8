/** Trying until it works. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation, Process } from '../operation.ts';
import { following } from './step.ts';
import { EMPTY, toGenerator } from './to-generator.ts';

/**
 * Operations of the generator until one of them completes `ok`; to be given an endless one (`repeat`, a function).
 * Several may be under way at once. Jepsen's `until-ok`.
 */
export function untilOk(generator: GeneratorLike): Generator {
  return new UntilOk([], toGenerator(generator));
}

class UntilOk implements Generator {
  readonly listens = true;
  /** Processes that an operation of ours is under way on. */
  readonly #active: readonly Process[];
  readonly #child: Generator;

  constructor(active: readonly Process[], child: Generator) {
    this.#active = active;
    this.#child = child;
  }

  next(context: Context): Step {
    const step = this.#child.next(context);
    if (step.kind === 'done') return DONE;
    if (step.kind !== 'emit') return following(step, this.#with(this.#active, step.next));
    const active = [...this.#active, context.process(step.thread)];
    return following(step, new UntilOk(active, step.next));
  }

  update(context: Context, event: Operation): Generator {
    const child = this.#child.listens ? this.#child.update(context, event) : this.#child;
    if (event.type === 'invoke' || !this.#active.includes(event.process)) {
      return this.#with(this.#active, child);
    }
    if (event.type === 'ok') return EMPTY;
    return new UntilOk(
      this.#active.filter((process) => process !== event.process),
      child,
    );
  }

  #with(active: readonly Process[], child: Generator): UntilOk {
    if (active === this.#active && child === this.#child) return this;
    return new UntilOk(active, child);
  }
}

/** Hooks: reacting to what happens, and watching a generator at work. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** What follows when an invocation or completion is recorded; return `generator` to leave it as it is. Pure. */
export type UpdateHook = (
  generator: Generator,
  event: Operation,
  context: Context,
) => GeneratorLike;

/** A generator that another replaces as operations are recorded. Jepsen's `on-update`. */
export function onUpdate(hook: UpdateHook, generator: GeneratorLike): Generator {
  return new OnUpdate(hook, toGenerator(generator));
}

/** Tells `sink` of every step that the generator answers, also those thrown away. For debugging. Jepsen's `trace`. */
export function trace(
  sink: (step: Step, context: Context) => void,
  generator: GeneratorLike,
): Generator {
  return new Trace(sink, toGenerator(generator));
}

class OnUpdate implements Generator {
  readonly listens = true;
  readonly #hook: UpdateHook;
  readonly #child: Generator;

  constructor(hook: UpdateHook, child: Generator) {
    this.#hook = hook;
    this.#child = child;
  }

  next(context: Context): Step {
    const step = this.#child.next(context);
    return step.kind === 'done' ? DONE : following(step, this.#with(step.next));
  }

  update(context: Context, event: Operation): Generator {
    const updated = this.#child.listens ? this.#child.update(context, event) : this.#child;
    return this.#with(toGenerator(this.#hook(updated, event, context)));
  }

  #with(child: Generator): OnUpdate {
    return child === this.#child ? this : new OnUpdate(this.#hook, child);
  }
}

class Trace implements Generator {
  readonly listens: boolean;
  readonly #sink: (step: Step, context: Context) => void;
  readonly #child: Generator;

  constructor(sink: (step: Step, context: Context) => void, child: Generator) {
    this.#sink = sink;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const step = this.#child.next(context);
    this.#sink(step, context);
    return step.kind === 'done' ? DONE : following(step, this.#with(step.next));
  }

  update(context: Context, event: Operation): Generator {
    return this.#with(this.#child.update(context, event));
  }

  #with(child: Generator): Trace {
    return child === this.#child ? this : new Trace(this.#sink, child);
  }
}

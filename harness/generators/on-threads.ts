/** Restriction to some threads. */
import type { Context, Generator, GeneratorLike, Step, ThreadMask } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** The generator on only those threads that the mask holds. Jepsen's `on-threads`. */
export function onThreads(
  mask: ThreadMask | ((thread: number) => boolean) | readonly number[],
  generator: GeneratorLike,
): Generator {
  return new OnThreads(toMask(mask), toGenerator(generator));
}

function toMask(mask: ThreadMask | ((thread: number) => boolean) | readonly number[]): ThreadMask {
  if (typeof mask === 'function') return { has: mask };
  if ('has' in mask) return mask;
  const threads = new Set(mask);
  return { has: (thread) => threads.has(thread) };
}

class OnThreads implements Generator {
  readonly listens: boolean;
  readonly #mask: ThreadMask;
  readonly #child: Generator;

  constructor(mask: ThreadMask, child: Generator) {
    this.#mask = mask;
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const step = this.#child.next(context.restrict(this.#mask));
    return step.kind === 'done' ? DONE : following(step, this.#with(step.next));
  }

  update(context: Context, event: Operation): Generator {
    if (!this.#mask.has(event.process % context.concurrency)) return this;
    return this.#with(this.#child.update(context.restrict(this.#mask), event));
  }

  #with(child: Generator): OnThreads {
    return child === this.#child ? this : new OnThreads(this.#mask, child);
  }
}

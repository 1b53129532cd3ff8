/** Giving up on what does not answer. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { EMPTY, toGenerator } from './to-generator.ts';

/**
 * Operations of the generator until so many completions in a row are not `ok`: a node that is gone for good is not asked
 * for everything that there is. Restricted to a thread (`onThreads`), only that thread's completions count.
 * @param times at least 1
 */
export function giveUpAfter(times: number, generator: GeneratorLike): Generator {
  if (times < 1) throw new RangeError(`giveUpAfter: expected at least 1, got ${times}`);
  return new GiveUpAfter(times, 0, toGenerator(generator));
}

class GiveUpAfter implements Generator {
  readonly listens = true;
  readonly #times: number;
  /** Completions since the last `ok`. */
  readonly #unanswered: number;
  readonly #child: Generator;

  constructor(times: number, unanswered: number, child: Generator) {
    this.#times = times;
    this.#unanswered = unanswered;
    this.#child = child;
  }

  next(context: Context): Step {
    const step = this.#child.next(context);
    return step.kind === 'done' ? DONE : following(step, this.#with(this.#unanswered, step.next));
  }

  update(context: Context, event: Operation): Generator {
    const child = this.#child.listens ? this.#child.update(context, event) : this.#child;
    if (event.type === 'invoke') return this.#with(this.#unanswered, child);
    const unanswered = event.type === 'ok' ? 0 : this.#unanswered + 1;
    return unanswered >= this.#times ? EMPTY : this.#with(unanswered, child);
  }

  #with(unanswered: number, child: Generator): GiveUpAfter {
    if (unanswered === this.#unanswered && child === this.#child) return this;
    return new GiveUpAfter(this.#times, unanswered, child);
  }
}

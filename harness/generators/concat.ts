/** One generator after another. */
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Operation } from '../operation.ts';
import { following } from './step.ts';
import { toGenerator } from './to-generator.ts';

/** Each of these until it is exhausted, in order. Jepsen's `concat`, and what an array stands for. */
export function concat(parts: readonly GeneratorLike[]): Generator {
  return new Concat(parts, 0, null);
}

/** `concat` by another name, for reading: `sequence([setup, work, check])`. */
export const sequence = concat;

/** Parts from `index` on; `head` is how the part at `index` stands, null while it is untouched. */
class Concat implements Generator {
  readonly listens: boolean;
  readonly #parts: readonly GeneratorLike[];
  readonly #index: number;
  readonly #head: Generator | null;

  constructor(parts: readonly GeneratorLike[], index: number, head: Generator | null) {
    this.#parts = parts;
    this.#index = index;
    const part = parts[index];
    this.#head = head ?? (part === undefined ? null : toGenerator(part));
    this.listens = this.#head?.listens === true;
  }

  next(context: Context): Step {
    let head = this.#head;
    for (let index = this.#index; head !== null; index++) {
      const outer = context.enter(index);
      const step = head.next(context);
      context.leave(outer);
      if (step.kind !== 'done') return following(step, this.#at(index, step.next));
      const part = this.#parts[index + 1];
      head = part === undefined ? null : toGenerator(part);
    }
    return DONE;
  }

  update(context: Context, event: Operation): Generator {
    const head = this.#head;
    if (head === null || !head.listens) return this;
    const outer = context.enter(this.#index);
    const updated = head.update(context, event);
    context.leave(outer);
    return this.#at(this.#index, updated);
  }

  #at(index: number, head: Generator): Concat {
    if (index === this.#index && head === this.#head) return this;
    return new Concat(this.#parts, index, head);
  }
}

/** Data as generators: an invocation, an array, a function, an iterable. */
import type { Context, Generator, GeneratorLike, LeafContext, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Invocation, Operation } from '../operation.ts';
import { following } from './step.ts';

/**
 * Makes a generator of what stands for one. An invocation is emitted once, as a map is in Jepsen; a function is asked
 * for each emission until it returns null. Unlike Jepsen's, a function is told its thread and ordinal and draws by
 * them, so it can be asked any number of times.
 * @throws TypeError when the thing stands for no generator.
 */
export function toGenerator(like: GeneratorLike): Generator {
  // Workloads may be written in plain JavaScript.
  const given: GeneratorLike | null | undefined = like;
  if (typeof like === 'function') return new FunctionGenerator(like);
  if (given instanceof Object) {
    if (Array.isArray(like)) return new Concat(like as readonly GeneratorLike[], 0, null);
    if ('listens' in like) return like;
    if (isInvocation(like)) return new Once(like);
    if (Symbol.iterator in like) return iterate(like as Iterable<Invocation>);
  }
  throw new TypeError(
    `${describe(like)} is no generator; expected a generator, an invocation {f, value}, an array, ` +
      'a function or an iterable of invocations',
  );
}

/** An array: parts from `index` on; `head` is how the part at `index` stands, null while it is untouched. */
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

type LeafFunction = (context: LeafContext) => GeneratorLike | null;

/** Calls its function for each emission. What the function returns besides an invocation goes before the next call. */
class FunctionGenerator implements Generator {
  readonly listens = false;
  readonly #make: LeafFunction;

  constructor(make: LeafFunction) {
    this.#make = make;
  }

  next(context: Context): Step {
    const thread = freeThread(context);
    if (thread < 0) return { kind: 'pending', next: this };
    const made = this.#make(context.leaf(thread));
    if (made === null) return DONE;
    if (isInvocation(made) && !('listens' in made)) {
      return { kind: 'emit', thread, invocation: made, next: this };
    }
    const inner = toGenerator(made);
    if (inner.next(context).kind === 'done') {
      throw new Error(
        'a function generator returned a generator with nothing in it; expected null to end, or operations',
      );
    }
    return new Concat([inner, this], 0, null).next(context);
  }

  update(): Generator {
    return this;
  }
}

/** One invocation, once. */
class Once implements Generator {
  readonly listens = false;
  readonly #invocation: Invocation;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  next(context: Context): Step {
    return emitOn(context, this, this.#invocation, EMPTY);
  }

  update(): Generator {
    return this;
  }
}

/** The invocations of an iterable, drawn from it when first needed and then remembered. */
class Iteration implements Generator {
  readonly listens = false;
  readonly #item: Item;

  constructor(item: Item) {
    this.#item = item;
  }

  next(context: Context): Step {
    const invocation = this.#item.invocation();
    if (invocation === null) return DONE;
    const thread = freeThread(context);
    if (thread < 0) return { kind: 'pending', next: this };
    return { kind: 'emit', thread, invocation, next: new Iteration(this.#item.following()) };
  }

  update(): Generator {
    return this;
  }
}

function iterate(items: Iterable<Invocation>): Generator {
  return new Iteration(new Item(items[Symbol.iterator]()));
}

/** A link of a chain over an iterator; asking twice gives the same answer, and links gone by can be collected. */
class Item {
  readonly #iterator: Iterator<Invocation>;
  #result: IteratorResult<Invocation> | undefined;
  #following: Item | undefined;

  constructor(iterator: Iterator<Invocation>) {
    this.#iterator = iterator;
  }

  invocation(): Invocation | null {
    this.#result ??= this.#iterator.next();
    return this.#result.done === true ? null : this.#result.value;
  }

  following(): Item {
    return (this.#following ??= new Item(this.#iterator));
  }
}

/** Nothing to do, ever. Jepsen's `nil`. */
export const EMPTY: Generator = {
  listens: false,
  next: () => DONE,
  update: () => EMPTY,
};

/**
 * The thread for an emission now, or -1 when all are busy.
 * @throws Error when the context shows no thread at all: the emission could never happen.
 */
export function freeThread(context: Context): number {
  const thread = context.pick();
  if (thread < 0 && context.threads.length === 0) {
    throw new Error(
      'an operation was generated where no client thread can be: expected only fault steps inside nemesis(…), ' +
        `and thread masks that hold for one of the ${context.concurrency} threads`,
    );
  }
  return thread;
}

function emitOn(context: Context, self: Generator, invocation: Invocation, next: Generator): Step {
  const thread = freeThread(context);
  if (thread < 0) return { kind: 'pending', next: self };
  return { kind: 'emit', thread, invocation, next };
}

function isInvocation(like: object): like is Invocation {
  return typeof (like as Invocation).f === 'string';
}

function describe(thing: unknown): string {
  if (thing === undefined || typeof thing === 'function') return typeof thing;
  return JSON.stringify(thing).slice(0, 80);
}

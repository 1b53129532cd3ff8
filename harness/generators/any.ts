/** The soonest of several generators. */
import type { Context, Emit, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds, Operation } from '../operation.ts';
import { earlier, following, pendingUntil } from './step.ts';
import { EMPTY, toGenerator } from './to-generator.ts';

/**
 * Whatever comes soonest of these; exhausted when all are. Jepsen's `any`. On a tie faults come first (so that clients
 * cannot starve them), and then the children take turns, where Jepsen draws lots.
 */
export function any(generators: readonly GeneratorLike[]): Generator {
  const children = generators.map((generator, scope) => new Child(scope, toGenerator(generator)));
  return new Any(children, 0, anyListens(children));
}

/** `scope` is the child's first place, which its draws are keyed by even after another was dropped. */
class Child {
  readonly scope: number;
  readonly generator: Generator;

  constructor(scope: number, generator: Generator) {
    this.scope = scope;
    this.generator = generator;
  }
}

class Any implements Generator {
  readonly listens: boolean;
  readonly #children: readonly Child[];
  /** Index of the child that is asked first. */
  readonly #turn: number;

  constructor(children: readonly Child[], turn: number, listens: boolean) {
    this.#children = children;
    this.#turn = turn;
    this.listens = listens;
  }

  next(context: Context): Step {
    let emit: Emit | null = null;
    let emitting = 0;
    let until: Nanoseconds | undefined;
    /** The children as their answers leave them, a copy once one changes. */
    let after = this.#children;
    let exhausted = 0;
    for (let asked = 0, at = this.#turn; asked < this.#children.length; asked++, at++) {
      if (at === this.#children.length) at = 0;
      const child = this.#children[at];
      if (child === undefined) continue;
      const outer = context.enter(child.scope);
      const step = child.generator.next(context);
      context.leave(outer);
      if (step.kind === 'fault') {
        return following(step, this.#with(this.#replaced(after, at, child, step.next), this.#turn));
      }
      if (step.kind === 'emit') {
        if (emit !== null) continue;
        emit = step;
        emitting = at;
      } else if (step.kind === 'pending') {
        until = earlier(until, step.until);
        after = this.#replaced(after, at, child, step.next);
      } else {
        exhausted++;
        after = this.#replaced(after, at, child, EMPTY);
      }
    }
    if (exhausted === this.#children.length) return DONE;
    if (emit === null) return pendingUntil(until, this.#living(after, this.#turn, exhausted));
    const child = this.#children[emitting];
    if (child !== undefined) after = this.#replaced(after, emitting, child, emit.next);
    return following(emit, this.#living(after, emitting + 1, exhausted));
  }

  update(context: Context, event: Operation): Generator {
    let after = this.#children;
    this.#children.forEach((child, at) => {
      if (!child.generator.listens) return;
      const outer = context.enter(child.scope);
      const generator = child.generator.update(context, event);
      context.leave(outer);
      after = this.#replaced(after, at, child, generator);
    });
    return this.#with(after, this.#turn);
  }

  #replaced(
    children: readonly Child[],
    at: number,
    child: Child,
    generator: Generator,
  ): readonly Child[] {
    if (generator === child.generator) return children;
    const copy = children === this.#children ? children.slice() : (children as Child[]);
    copy[at] = new Child(child.scope, generator);
    return copy;
  }

  /** Without the exhausted. `turn` counts in the list as it is. */
  #living(children: readonly Child[], turn: number, exhausted: number): Any {
    const next = turn >= children.length ? 0 : turn;
    if (exhausted === 0) return this.#with(children, next);
    const living = children.filter((child) => child.generator !== EMPTY);
    const before = children.slice(0, next).filter((child) => child.generator !== EMPTY).length;
    return this.#with(living, before % living.length);
  }

  #with(children: readonly Child[], turn: number): Any {
    if (children !== this.#children) return new Any(children, turn, anyListens(children));
    return turn === this.#turn ? this : new Any(children, turn, this.listens);
  }
}

function anyListens(children: readonly Child[]): boolean {
  for (const child of children) if (child.generator.listens) return true;
  return false;
}

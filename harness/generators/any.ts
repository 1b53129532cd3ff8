/** The soonest of several generators. */
import type { Context, Emit, Generator, GeneratorLike, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds, Operation } from '../operation.ts';
import { earlier, following, pendingUntil } from './step.ts';
import { toGenerator } from './to-generator.ts';

/**
 * Whatever comes soonest of these; exhausted when all are. Jepsen's `any`. On a tie faults come first (so that clients
 * cannot starve them), and then the children take turns, where Jepsen draws lots.
 */
export function any(generators: readonly GeneratorLike[]): Generator {
  return new Any(
    generators.map((generator, scope) => ({ scope, generator: toGenerator(generator) })),
    0,
  );
}

interface Child {
  readonly scope: number;
  readonly generator: Generator;
}

class Any implements Generator {
  readonly listens: boolean;
  readonly #children: readonly Child[];
  /** Index of the child that is asked first. */
  readonly #turn: number;

  constructor(children: readonly Child[], turn: number) {
    this.#children = children;
    this.#turn = turn;
    this.listens = children.some((child) => child.generator.listens);
  }

  next(context: Context): Step {
    const children = this.#children;
    let emit: Emit | null = null;
    let emitting = -1;
    let until: Nanoseconds | undefined;
    /** The children as their answers leave them; null for the exhausted. Copied only when one changes. */
    let after: (Child | null)[] | null = null;
    for (let asked = 0; asked < children.length; asked++) {
      const at = (this.#turn + asked) % children.length;
      const child = children[at];
      if (child === undefined) continue;
      const outer = context.enter(child.scope);
      const step = child.generator.next(context);
      context.leave(outer);
      if (step.kind === 'fault')
        return following(step, this.#after(at, step.next, after, this.#turn));
      if (step.kind === 'emit') {
        if (emit !== null) continue;
        emit = step;
        emitting = at;
      } else if (step.kind === 'done') {
        after ??= children.slice();
        after[at] = null;
      } else {
        until = earlier(until, step.until);
        if (step.next !== child.generator) {
          after ??= children.slice();
          after[at] = { scope: child.scope, generator: step.next };
        }
      }
    }
    if (emit !== null)
      return following(emit, this.#after(emitting, emit.next, after, emitting + 1));
    if (after?.every((child) => child === null) ?? children.length === 0) return DONE;
    return pendingUntil(until, after === null ? this : compact(after, this.#turn));
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
    return same ? this : new Any(children, this.#turn);
  }

  /** What follows when the child at `at` was the one to act. */
  #after(at: number, next: Generator, after: (Child | null)[] | null, turn: number): Any {
    const child = this.#children[at];
    if (child === undefined) return this;
    if (after === null && next === child.generator && turn === this.#turn) return this;
    const children: (Child | null)[] = after ?? this.#children.slice();
    children[at] = next === child.generator ? child : { scope: child.scope, generator: next };
    return compact(children, turn);
  }
}

/** Drops the exhausted. `turn` counts in the list before. */
function compact(children: readonly (Child | null)[], turn: number): Any {
  const living = children.filter((child) => child !== null);
  const gone = children.slice(0, turn).filter((child) => child === null).length;
  return new Any(living, living.length === 0 ? 0 : (turn - gone) % living.length);
}

/** Lives: what one thread does with one thing after another, where each step waits for what came of the one before. */
import type { Context, Generator, Step } from '../../../harness/generator.ts';
import { DONE } from '../../../harness/generator.ts';
import type { Invocation, Nanoseconds, Operation, Value } from '../../../harness/operation.ts';
import { MILLISECOND } from '../../../harness/operation.ts';

/** One step of a life. */
export type LifeStep =
  /** Done once. Unless it completes `ok`, the life is over. */
  | { readonly once: Invocation }
  /** Asked again and again, until it completes `ok` with a value whose `done` is true. */
  | { readonly until: Invocation }
  /** Nothing, for so long. */
  | { readonly wait: Nanoseconds };

/** How long after one answer what is asked again and again is asked again. */
const ASKING_PERIOD = 50 * MILLISECOND;

/**
 * One life after another, on the one thread that the context shows (`perThread`).
 * @param lifeOf the steps of the n-th life, from 0; null: there are no more. Pure.
 */
export function lives(lifeOf: (ordinal: number) => readonly LifeStep[] | null): Generator {
  return new Lives(lifeOf, { ordinal: -1, steps: [], notBefore: 0, begun: null });
}

interface State {
  readonly ordinal: number;
  /** What is left of the life; the first is under way or due. */
  readonly steps: readonly LifeStep[];
  readonly notBefore: Nanoseconds;
  /** Since when the first step, a wait, has been waited for. */
  readonly begun: Nanoseconds | null;
}

class Lives implements Generator {
  readonly listens = true;
  readonly #lifeOf: (ordinal: number) => readonly LifeStep[] | null;
  readonly #state: State;

  constructor(lifeOf: (ordinal: number) => readonly LifeStep[] | null, state: State) {
    this.#lifeOf = lifeOf;
    this.#state = state;
  }

  next(context: Context): Step {
    const { steps, notBefore, begun } = this.#state;
    const thread = context.pick();
    if (thread < 0) return { kind: 'pending', next: this };
    const [step] = steps;
    if (step === undefined) return this.#nextLife(context);
    if ('wait' in step) {
      const since = begun ?? context.time;
      if (context.time >= since + step.wait) return this.#after().next(context);
      const waiting = begun === null ? this.#with({ begun: since }) : this;
      return { kind: 'pending', until: since + step.wait, next: waiting };
    }
    if (context.time < notBefore) return { kind: 'pending', until: notBefore, next: this };
    const invocation = 'once' in step ? step.once : step.until;
    return { kind: 'emit', thread, invocation, next: this };
  }

  update(_context: Context, { type, value, time }: Operation): Generator {
    const [step] = this.#state.steps;
    if (type === 'invoke' || step === undefined || 'wait' in step) return this;
    if ('once' in step) return type === 'ok' ? this.#after() : this.#with({ steps: [] });
    if (type === 'ok' && isDone(value)) return this.#after();
    return this.#with({ notBefore: time + ASKING_PERIOD });
  }

  #nextLife(context: Context): Step {
    const ordinal = this.#state.ordinal + 1;
    const steps = this.#lifeOf(ordinal);
    if (steps === null) return DONE;
    return this.#with({ ordinal, steps, begun: null }).next(context);
  }

  #after(): Lives {
    return this.#with({ steps: this.#state.steps.slice(1), begun: null });
  }

  #with(changed: Partial<State>): Lives {
    return new Lives(this.#lifeOf, { ...this.#state, ...changed });
  }
}

function isDone(value: Value): boolean {
  return typeof value === 'object' && value !== null && 'done' in value && value.done === true;
}

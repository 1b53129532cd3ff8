/** Load in bursts at fixed times: for schedules whose faults belong to the end of a burst. */
import type { Context, Generator, Step } from '../../../harness/generator.ts';
import { earlier, following, pendingUntil } from '../../../harness/generators/step.ts';
import type { Nanoseconds, Operation } from '../../../harness/operation.ts';

export interface BurstTimes {
  /** How long operations are begun in each burst. */
  readonly length: Nanoseconds;
  /** From the beginning of one burst to that of the next. */
  readonly period: Nanoseconds;
  readonly count: number;
}

/**
 * What `heavy` emits, in bursts, and what `light` emits between and after them. The first burst begins when the
 * generator is first asked.
 */
export function bursts(times: BurstTimes, heavy: Generator, light: Generator): Generator {
  return new Bursts(times, heavy, light, null);
}

class Bursts implements Generator {
  readonly listens: boolean;
  readonly #times: BurstTimes;
  readonly #heavy: Generator;
  readonly #light: Generator;
  readonly #began: Nanoseconds | null;

  constructor(times: BurstTimes, heavy: Generator, light: Generator, began: Nanoseconds | null) {
    this.#times = times;
    this.#heavy = heavy;
    this.#light = light;
    this.#began = began;
    this.listens = heavy.listens || light.listens;
  }

  next(context: Context): Step {
    const began = this.#began ?? context.time;
    const { length, period, count } = this.#times;
    const elapsed = context.time - began;
    const burst = Math.floor(elapsed / period);
    const inBurst = burst < count && elapsed - burst * period < length;
    const child = inBurst ? this.#heavy : this.#light;
    const outer = context.enter(inBurst ? 0 : 1);
    const step = child.next(context);
    context.leave(outer);
    if (step.kind === 'done') return step;
    const next = inBurst
      ? new Bursts(this.#times, step.next, this.#light, began)
      : new Bursts(this.#times, this.#heavy, step.next, began);
    if (step.kind !== 'pending') return following(step, next);
    const change = inBurst ? began + burst * period + length : began + (burst + 1) * period;
    return pendingUntil(burst < count ? earlier(step.until, change) : step.until, next);
  }

  update(context: Context, event: Operation): Generator {
    const heavy = this.#heavy.update(context, event);
    const light = this.#light.update(context, event);
    if (heavy === this.#heavy && light === this.#light) return this;
    return new Bursts(this.#times, heavy, light, this.#began);
  }
}

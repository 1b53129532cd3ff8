/** Load in bursts at fixed times: for schedules whose faults belong to the end of a burst. */
import {
  DONE,
  type Context,
  type Generator,
  type Pending,
  type Step,
} from '../../../harness/generator.ts';
import type { Nanoseconds, Operation } from '../../../harness/operation.ts';

export interface BurstTimes {
  /** How long operations are begun in each burst. */
  readonly length: Nanoseconds;
  /** From the beginning of one burst to that of the next. */
  readonly period: Nanoseconds;
  readonly count: number;
}

/** What `child` emits, in bursts. The first begins when the generator is first asked. */
export function bursts(times: BurstTimes, child: Generator): Generator {
  return new Bursts(times, child, null);
}

class Bursts implements Generator {
  readonly listens: boolean;
  readonly #times: BurstTimes;
  readonly #child: Generator;
  readonly #began: Nanoseconds | null;

  constructor(times: BurstTimes, child: Generator, began: Nanoseconds | null) {
    this.#times = times;
    this.#child = child;
    this.#began = began;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const began = this.#began ?? context.time;
    const { length, period, count } = this.#times;
    const burst = Math.floor((context.time - began) / period);
    if (burst >= count) return DONE;
    if (context.time - began - burst * period >= length) {
      return this.#wait(began, burst + 1 < count ? began + (burst + 1) * period : null);
    }
    const step = this.#child.next(context);
    return step.kind === 'done' ? step : { ...step, next: this.#after(began, step.next) };
  }

  update(context: Context, event: Operation): Generator {
    return this.#after(this.#began ?? context.time, this.#child.update(context, event));
  }

  #wait(began: Nanoseconds, until: Nanoseconds | null): Pending | typeof DONE {
    if (until === null) return DONE;
    return { kind: 'pending', until, next: this.#after(began, this.#child) };
  }

  #after(began: Nanoseconds, child: Generator): Generator {
    return new Bursts(this.#times, child, began);
  }
}

/** Doing nothing for a while. */
import type { Context, Generator, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { Nanoseconds } from '../operation.ts';

/**
 * Emits nothing for `duration` from when it is first asked, then ends; for arrays and phases. Jepsen's `sleep` makes
 * one worker sleep; this one holds up only the generators that come after it.
 */
export function sleep(duration: Nanoseconds): Generator {
  return new Sleep(duration, undefined);
}

class Sleep implements Generator {
  readonly listens = false;
  readonly #duration: Nanoseconds;
  readonly #until: Nanoseconds | undefined;

  constructor(duration: Nanoseconds, until: Nanoseconds | undefined) {
    this.#duration = duration;
    this.#until = until;
  }

  next(context: Context): Step {
    const until = this.#until ?? context.time + this.#duration;
    if (context.time >= until) return DONE;
    const next = this.#until === undefined ? new Sleep(this.#duration, until) : this;
    return { kind: 'pending', until, next };
  }

  update(): Generator {
    return this;
  }
}

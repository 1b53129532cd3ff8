/**
 * When a server was last known to live: the lower edge of a death that nobody ordered.
 */
import type { Clock, Timer } from '../../clock.ts';
import { MILLISECOND, type Nanoseconds } from '../../operation.ts';

const PERIOD = 500 * MILLISECOND;

export class ProofOfLife {
  readonly #clock: Clock;
  /** Whether the server lives: true only if it lived at the time of the call or later. */
  readonly #lives: () => Promise<boolean>;
  #at: Nanoseconds = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, lives: () => Promise<boolean>) {
    this.#clock = clock;
    this.#lives = lives;
  }

  /** It lived at this time or later. */
  get at(): Nanoseconds {
    return this.#at;
  }

  /** @param since a time at which, or after which, it was seen to begin */
  begin(since: Nanoseconds): void {
    this.end();
    this.#at = since;
    this.#next();
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #next(): void {
    const timer = this.#clock.at(this.#clock.now() + PERIOD, () => {
      const asked = this.#clock.now();
      // What it rejects with is not proof either.
      const proven = this.#lives().catch(() => false);
      void proven.then((lives) => {
        if (this.#timer !== timer) return;
        if (lives) this.#at = asked;
        this.#next();
      });
    });
    this.#timer = timer;
  }
}

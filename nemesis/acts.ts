/** Acts that were begun and go on behind `fire`, with what became of them. */
import type { Observation } from '../harness/nemesis.ts';

/** Begins acts synchronously; one that fails later shows as an observation when the fault is verified. */
export class Acts {
  readonly #failures: Observation[] = [];
  readonly #begun: Promise<void>[] = [];

  /** @param what the act in words, `kill n1` @param act begins before it returns */
  begin(what: string, act: () => Promise<void>): void {
    const ended = act().catch((error: unknown) => {
      const seen = `failed: ${error instanceof Error ? error.message : String(error)}`;
      this.#failures.push({ means: what, seen, confirms: false });
    });
    this.#begun.push(ended);
  }

  /** Settles when everything begun so far has ended, one way or the other. Never rejects. */
  async done(): Promise<void> {
    await Promise.all(this.#begun);
  }

  /** Acts that failed so far. */
  failures(): readonly Observation[] {
    return this.#failures;
  }
}

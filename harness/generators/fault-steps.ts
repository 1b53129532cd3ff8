/** A fault schedule as a generator. */
import type { Generator, Step } from '../generator.ts';
import { DONE } from '../generator.ts';
import type { FaultStep } from '../nemesis.ts';

/**
 * Hands each step to its fault lane, one after another and at once: when a fault fires is for its trigger to say, not
 * for the generator.
 */
export function faultSteps(steps: readonly FaultStep[]): Generator {
  return new FaultSteps(steps, 0);
}

class FaultSteps implements Generator {
  readonly listens = false;
  readonly #steps: readonly FaultStep[];
  readonly #index: number;

  constructor(steps: readonly FaultStep[], index: number) {
    this.#steps = steps;
    this.#index = index;
  }

  next(): Step {
    const step = this.#steps[this.#index];
    if (step === undefined) return DONE;
    return { kind: 'fault', step, next: new FaultSteps(this.#steps, this.#index + 1) };
  }

  update(): Generator {
    return this;
  }
}

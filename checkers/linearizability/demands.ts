/** Which values something pending asks for. */
import { lowestBit } from './bit-sets.ts';
import type { OpenCounts } from './open-counts.ts';
import type { PendingOperations } from './pending-operations.ts';
import { CAS } from './register-problem.ts';

export class Demands {
  /** Those that are asked for, each once. */
  readonly values: number[] = [];
  readonly #pending: PendingOperations;
  readonly #counts: OpenCounts;
  /** By value: the stamp of when it was asked for last. */
  #marks = new Int32Array(32);
  #stamp = 0;

  constructor(pending: PendingOperations, counts: OpenCounts) {
    this.#pending = pending;
    this.#counts = counts;
  }

  has(value: number): boolean {
    return this.#marks[value] === this.#stamp;
  }

  /** Whether an open operation of the class is left beside those used. */
  hasOpen(used: number, which: number): boolean {
    return (this.#pending.available[which] as number) > this.#counts.used(used, which);
  }

  /**
   * Finds what pending reads and cas ask for, and what open cas would need to give it.
   * @param done bits of what is done. @param change whether any other value than the state is asked for.
   */
  mark(done: Int32Array, used: number, change: boolean): void {
    const pending = this.#pending;
    if (this.#marks.length < pending.writeClass.length) {
      this.#marks = new Int32Array(pending.writeClass.length);
      this.#stamp = 0;
    }
    this.#stamp++;
    this.values.length = 0;
    for (let word = 0; word < pending.words; word++) {
      const asking =
        ((pending.observers[word] as number) & ~(pending.refused[word] as number)) |
        (pending.compares[word] as number);
      for (let left = asking & ~(done[word] as number); left !== 0; left &= left - 1) {
        this.#ask(pending.value[word * 32 + lowestBit(left)] as number);
      }
    }
    if (change) {
      for (let which = 0; which < pending.classCount; which++) {
        if (pending.classKind[which] === CAS) this.#askSource(used, which);
      }
    }
    for (let next = 0; next < this.values.length; next++) {
      let which = pending.casClass[this.values[next] as number] as number;
      for (; which >= 0; which = pending.nextCasClass[which] as number)
        this.#askSource(used, which);
    }
  }

  #askSource(used: number, which: number): void {
    if (this.hasOpen(used, which)) this.#ask(this.#pending.classFrom[which] as number);
  }

  #ask(value: number): void {
    if (this.#marks[value] === this.#stamp) return;
    this.#marks[value] = this.#stamp;
    this.values.push(value);
  }
}

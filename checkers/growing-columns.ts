/** Typed arrays that grow: columns of a history, a number an operation, without an object for each. */

const FIRST_CAPACITY = 1_024;

/** 32-bit integers, appended one by one. */
export class GrowingInts {
  #values = new Int32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The value at `index`, which must be below `length`. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Forgets what stands at `length` and behind. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** What was pushed; a view, valid until the next push. */
  view(): Int32Array {
    return this.#values.subarray(0, this.#length);
  }
}

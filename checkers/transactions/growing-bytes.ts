/** A column of small numbers that grows. */

const FIRST_CAPACITY = 1_024;

/** Numbers from 0 to 255, appended one by one. */
export class GrowingBytes {
  #values = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint8Array(this.#length * 2);
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

  /** What was pushed; a view, valid until the next push. */
  view(): Uint8Array {
    return this.#values.subarray(0, this.#length);
  }
}

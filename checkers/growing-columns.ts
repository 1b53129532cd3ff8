/** Typed arrays that grow: columns of a history, a number an operation, without an object for each. */

const FIRST_CAPACITY = 1_024;

type Column = Int32Array | Uint8Array;

/** Numbers, appended one by one. */
class GrowingColumn<Values extends Column> {
  readonly #make: (capacity: number) => Values;
  #values: Values;
  #length = 0;

  constructor(make: (capacity: number) => Values) {
    this.#make = make;
    this.#values = make(FIRST_CAPACITY);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(this.#length * 2);
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
  view(): Values {
    return this.#values.subarray(0, this.#length) as Values;
  }
}

/** 32-bit integers. */
export class GrowingInts extends GrowingColumn<Int32Array> {
  constructor() {
    super((capacity) => new Int32Array(capacity));
  }
}

/** Numbers from 0 to 255. */
export class GrowingBytes extends GrowingColumn<Uint8Array> {
  constructor() {
    super((capacity) => new Uint8Array(capacity));
  }
}

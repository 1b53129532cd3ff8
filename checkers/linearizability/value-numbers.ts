/**
 * Values as small integers, made for histories of many small partitions: whole numbers cost one array access, and
 * clearing costs what was used.
 */
import type { Value } from '../../harness/operation.ts';
import { identityOf } from '../value-text.ts';

const FIRST_DIRECT = 64;
const MOST_DIRECT = 1 << 24;

/** Gives each distinct value a number from 0, in the order they are first seen. */
export class ValueNumbers {
  readonly #values: Value[] = [];
  /** Number plus one of the whole number at this place; 0 when it has none. */
  #direct = new Int32Array(FIRST_DIRECT);
  readonly #plain = new Map<Value, number>();
  readonly #composed = new Map<string, number>();

  get size(): number {
    return this.#values.length;
  }

  /** All values, by number; a view, valid until the next `clear`. */
  get values(): readonly Value[] {
    return this.#values;
  }

  clear(): void {
    for (const value of this.#values) if (this.#isDirect(value)) this.#direct[value] = 0;
    this.#values.length = 0;
    if (this.#plain.size > 0) this.#plain.clear();
    if (this.#composed.size > 0) this.#composed.clear();
  }

  /** The value's number, a new one when it was never seen. */
  idOf(value: Value): number {
    if (this.#isDirect(value)) {
      const known = this.#direct[value] as number;
      if (known > 0) return known - 1;
      this.#direct[value] = this.#values.length + 1;
      return this.#add(value);
    }
    return this.#idOfOther(value);
  }

  #idOfOther(value: Value): number {
    if (typeof value === 'object' && value !== null) {
      const identity = identityOf(value);
      const known = this.#composed.get(identity);
      if (known !== undefined) return known;
      this.#composed.set(identity, this.#values.length);
    } else {
      const known = this.#plain.get(value);
      if (known !== undefined) return known;
      this.#plain.set(value, this.#values.length);
    }
    return this.#add(value);
  }

  #add(value: Value): number {
    const id = this.#values.length;
    this.#values.push(value);
    if (id * 4 > this.#direct.length && this.#direct.length < MOST_DIRECT) this.#widen();
    return id;
  }

  #isDirect(value: Value): value is number {
    return (
      typeof value === 'number' && value >= 0 && value < this.#direct.length && value % 1 === 0
    );
  }

  /** Dense whole numbers earn a larger table; those it now covers move into it. */
  #widen(): void {
    this.#direct = new Int32Array(this.#direct.length * 4);
    this.#values.forEach((value, id) => {
      if (this.#isDirect(value)) this.#direct[value] = id + 1;
    });
  }
}

/** Values as small integers: equal values, equal numbers, in the order they are first seen. */
import type { Value } from '../harness/operation.ts';
import { identityOf } from './value-text.ts';

/** Gives each distinct value a number from 0. Numbers and strings cost one map look-up; others are told by their text. */
export class Interner {
  readonly #plain = new Map<Value, number>();
  readonly #composed = new Map<string, number>();
  readonly #values: Value[] = [];

  get size(): number {
    return this.#values.length;
  }

  /** The value's number, a new one when it was never seen. */
  idOf(value: Value): number {
    const known = this.find(value);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#values.push(value);
    if (typeof value === 'object' && value !== null) this.#composed.set(identityOf(value), id);
    else this.#plain.set(value, id);
    return id;
  }

  /** The value's number; undefined when it was never given one. */
  find(value: Value): number | undefined {
    if (typeof value === 'object' && value !== null) return this.#composed.get(identityOf(value));
    return this.#plain.get(value);
  }

  /** The value that has this number. */
  valueOf(id: number): Value {
    return this.#values[id] as Value;
  }

  /** All values, by number. */
  get values(): readonly Value[] {
    return this.#values;
  }
}

/** Edges of the commit order that a level demands: who was seen must come before who was read instead. */
import { GrowingInts } from '../growing-columns.ts';
import type { ReadSources } from './read-sources.ts';

/** A reader that saw a transaction and yet read a key, which that one writes, from another. */
export interface InitialRead {
  readonly seen: number;
  readonly key: number;
  readonly reader: number;
}

/** `from` before `to`: both write `key`, `witness` sees `from` and reads `to`. */
export class VisibleWrites {
  readonly from = new GrowingInts();
  readonly to = new GrowingInts();
  readonly key = new GrowingInts();
  readonly witness = new GrowingInts();
  /** A reader of the initial value, which nothing can precede. Such a read violates the level at once. */
  initialRead: InitialRead | null = null;
  readonly #initial: number;

  constructor({ initial }: ReadSources) {
    this.#initial = initial;
  }

  get count(): number {
    return this.from.length;
  }

  add(seen: number, read: number, key: number, witness: number): void {
    if (seen === read || seen === this.#initial) return;
    if (read === this.#initial) {
      this.initialRead ??= { seen, key, reader: witness };
      return;
    }
    this.from.push(seen);
    this.to.push(read);
    this.key.push(key);
    this.witness.push(witness);
  }
}

/** A number for each key or transaction, valid for one round; a new round forgets them all at once. */
export class Marks {
  readonly #value: Int32Array;
  readonly #round: Int32Array;
  #current = 0;

  constructor(size: number) {
    this.#value = new Int32Array(size);
    this.#round = new Int32Array(size);
  }

  clear(): void {
    this.#current++;
  }

  set(index: number, value: number): void {
    this.#value[index] = value;
    this.#round[index] = this.#current;
  }

  /** -1 when it was not set in this round. */
  get(index: number): number {
    return this.#round[index] === this.#current ? (this.#value[index] as number) : -1;
  }
}

/** Versions: a value under a key, as a small integer, so that "who wrote it" is one look into an array. */
import type { Value } from '../../harness/operation.ts';
import { GrowingInts } from '../growing-columns.ts';
import { Interner } from '../interner.ts';

const FIRST_SLOTS = 4_096;
/** Whole numbers below this are their own token, without a look-up. */
const PLAIN_LIMIT = 0x40000000;

/** Numbers pairs of key and value from 0, in the order they are first seen: open addressing over two integers. */
export class VersionTable {
  readonly keys = new Interner();
  readonly #values = new Interner();
  readonly #keyIds = new GrowingInts();
  readonly #tokens = new GrowingInts();
  /** Version + 1, 0 for a free slot. A power of two of them, at most half full. */
  #slots = new Int32Array(FIRST_SLOTS);

  /** How many versions there are. */
  get size(): number {
    return this.#tokens.length;
  }

  /** A number for the value: even for small whole numbers, odd for all others. */
  tokenOf(value: Value): number {
    if (typeof value === 'number' && value >= 0 && value < PLAIN_LIMIT && Number.isInteger(value)) {
      return value << 1;
    }
    return (this.#values.idOf(value) << 1) | 1;
  }

  /** The number of this value under the key of this id, a new one when it was never seen. */
  idOf(keyId: number, token: number): number {
    const slot = this.#slotOf(keyId, token);
    const found = this.#slots[slot] as number;
    if (found !== 0) return found - 1;
    const id = this.#tokens.length;
    this.#keyIds.push(keyId);
    this.#tokens.push(token);
    this.#slots[slot] = id + 1;
    if (id * 2 > this.#slots.length) this.#grow();
    return id;
  }

  /** The version's number; -1 when it was never seen. */
  find(keyId: number, token: number): number {
    return (this.#slots[this.#slotOf(keyId, token)] as number) - 1;
  }

  /** The id of the version's key. */
  keyIdOf(version: number): number {
    return this.#keyIds.at(version);
  }

  tokenAt(version: number): number {
    return this.#tokens.at(version);
  }

  /** The key that has this id. */
  keyOf(keyId: number): Value {
    return this.keys.valueOf(keyId);
  }

  /** The version's value. */
  valueOf(version: number): Value {
    const token = this.#tokens.at(version);
    return (token & 1) === 0 ? token >> 1 : this.#values.valueOf(token >> 1);
  }

  #slotOf(keyId: number, token: number): number {
    const mask = this.#slots.length - 1;
    let hash = Math.imul(keyId, 0x9e3779b1) ^ Math.imul(token, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found === 0) return slot;
      if (this.#tokens.at(found - 1) === token && this.#keyIds.at(found - 1) === keyId) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < this.#tokens.length; id++) {
      this.#slots[this.#slotOf(this.#keyIds.at(id), this.#tokens.at(id))] = id + 1;
    }
  }
}

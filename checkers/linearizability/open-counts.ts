/**
 * How many open operations of each class a configuration has used: vectors of counts, each known by a number. Open
 * operations that do the same are the same, so counting them is enough.
 */
import { wider } from './register-builder.ts';

const FIRST_SLOTS = 64;

export class OpenCounts {
  /** Vectors so far; 0 is the vector of zeros. */
  size = 1;
  /** Room a vector has in `#counts`. */
  #width = 8;
  #counts = new Int32Array(FIRST_SLOTS * 8);
  #totals = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #slots = new Int32Array(FIRST_SLOTS);
  /** Classes in use. */
  #classes = 0;

  clear(): void {
    this.#counts.fill(0, 0, this.size * this.#width);
    this.#slots.fill(0);
    this.size = 1;
    this.#classes = 0;
    this.#hashes[0] = 0;
    this.#slots[0] = 1;
  }

  /** Makes room for so many classes. */
  reserve(classes: number): void {
    this.#classes = Math.max(this.#classes, classes);
    if (classes <= this.#width) return;
    const width = classes * 2;
    const counts = new Int32Array(Math.max(this.#counts.length, this.size * width * 2));
    for (let vector = 0; vector < this.size; vector++) {
      const from = vector * this.#width;
      counts.set(this.#counts.subarray(from, from + this.#width), vector * width);
    }
    this.#counts = counts;
    this.#width = width;
  }

  /** Keeps these vectors alone. @returns their numbers from now on, in the same order. */
  compact(vectors: Int32Array): Int32Array {
    const width = this.#width;
    const classes = this.#classes;
    const kept = vectors.map((vector) => vector * width);
    const old = this.#counts.slice(0, this.size * width);
    this.clear();
    this.reserve(classes);
    return kept.map((from) => {
      let vector = 0;
      for (let which = 0; which < classes; which++) {
        for (let left = old[from + which] as number; left > 0; left--) {
          vector = this.increment(vector, which);
        }
      }
      return vector;
    });
  }

  /** How many of a class the vector counts. */
  used(vector: number, which: number): number {
    return this.#counts[vector * this.#width + which] as number;
  }

  total(vector: number): number {
    return this.#totals[vector] as number;
  }

  /** The vector with one more of a class. */
  increment(vector: number, which: number): number {
    const hash = ((this.#hashes[vector] as number) + mixed(which)) | 0;
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 16)) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const known = (this.#slots[slot] as number) - 1;
      if (this.#hashes[known] === hash && this.#follows(known, vector, which)) return known;
    }
    return this.#add(vector, which, hash, slot);
  }

  /** Whether the first uses no more of any class than the second. */
  lessOrEqual(first: number, second: number): boolean {
    if (first === second || first === 0) return true;
    if (this.total(first) >= this.total(second)) return false;
    const a = first * this.#width;
    const b = second * this.#width;
    for (let which = 0; which < this.#classes; which++) {
      if ((this.#counts[a + which] as number) > (this.#counts[b + which] as number)) return false;
    }
    return true;
  }

  #follows(known: number, vector: number, which: number): boolean {
    const a = known * this.#width;
    const b = vector * this.#width;
    for (let other = 0; other < this.#classes; other++) {
      const expected = (this.#counts[b + other] as number) + (other === which ? 1 : 0);
      if (this.#counts[a + other] !== expected) return false;
    }
    return true;
  }

  #add(vector: number, which: number, hash: number, slot: number): number {
    const id = this.size++;
    if (id === this.#hashes.length) {
      this.#hashes = wider(this.#hashes, id * 2);
      this.#totals = wider(this.#totals, id * 2);
    }
    const width = this.#width;
    if ((id + 1) * width > this.#counts.length) this.#counts = wider(this.#counts, id * width * 2);
    this.#counts.copyWithin(id * width, vector * width, (vector + 1) * width);
    this.#counts[id * width + which] = this.used(vector, which) + 1;
    this.#totals[id] = this.total(vector) + 1;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    if (this.size * 2 > this.#slots.length) this.#growSlots();
    return id;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const hash = this.#hashes[id] as number;
      let slot = (hash ^ (hash >>> 16)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function mixed(which: number): number {
  const hash = Math.imul(which + 1, 0x9e3779b1);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
}

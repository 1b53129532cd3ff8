/**
 * Configurations seen before, each a fixed number of 32-bit words. Exact: words are compared, never only hashes, because
 * a false "seen before" would accuse an innocent system.
 */
import { wider } from './register-builder.ts';

const FIRST_SLOTS = 256;
/** 2^26 words are 256 MB. */
const MOST_WORDS = 1 << 26;

export class ConfigurationMemo {
  size = 0;
  /** The configuration to be added is written here first. */
  key = new Int32Array(8);
  #width = 1;
  /** Number of the entry plus one; 0 is free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #hashes = new Int32Array(FIRST_SLOTS);
  #words = new Int32Array(FIRST_SLOTS * 4);

  /** Forgets everything; keys are `width` words from now on. */
  clear(width: number): void {
    if (this.key.length < width) this.key = new Int32Array(width * 2);
    this.#width = width;
    // A table far too large for what it held is cheaper to leave than to clear.
    if (this.#slots.length > FIRST_SLOTS && this.size * 64 < this.#slots.length) this.#shrink();
    else this.#slots.fill(0);
    this.size = 0;
  }

  /** True when there is no room for more. */
  get full(): boolean {
    return (this.size + 1) * this.#width > MOST_WORDS;
  }

  /** Adds `key`; false when it was there already. */
  add(): boolean {
    const { key } = this;
    const width = this.#width;
    let hash = 0;
    for (let word = 0; word < width; word++) {
      hash = Math.imul(hash ^ (key[word] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let slot = hash & this.#mask;
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) break;
      if (this.#hashes[entry - 1] === hash && this.#equals((entry - 1) * width)) return false;
      slot = (slot + 1) & this.#mask;
    }
    this.#store(slot, hash);
    return true;
  }

  #equals(offset: number): boolean {
    for (let word = 0; word < this.#width; word++) {
      if (this.#words[offset + word] !== this.key[word]) return false;
    }
    return true;
  }

  #store(slot: number, hash: number): void {
    const width = this.#width;
    const offset = this.size * width;
    if (offset + width > this.#words.length) this.#words = wider(this.#words, (offset + width) * 2);
    for (let word = 0; word < width; word++) this.#words[offset + word] = this.key[word] as number;
    if (this.size === this.#hashes.length) this.#hashes = wider(this.#hashes, this.size * 2);
    this.#hashes[this.size++] = hash;
    this.#slots[slot] = this.size;
    if (this.size * 2 > this.#slots.length) this.#growSlots();
  }

  #shrink(): void {
    this.#slots = new Int32Array(FIRST_SLOTS);
    this.#mask = FIRST_SLOTS - 1;
  }

  #growSlots(): void {
    const mask = this.#slots.length * 2 - 1;
    const slots = new Int32Array(mask + 1);
    for (let entry = 0; entry < this.size; entry++) {
      let slot = (this.#hashes[entry] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}

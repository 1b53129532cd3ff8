/**
 * The memo of a linearizability search: configurations (which operations are done, and the state) seen before.
 *
 * Exact: words are compared, never only hashes, because a false "seen before" would accuse an innocent system.
 */

const FIRST_SLOTS = 1 << 10;
const FIRST_WORDS = 1 << 13;
/** 2^26 words are 256 MB. */
const MOST_WORDS = 1 << 26;

export class ConfigurationSet {
  size = 0;
  /** Offsets into `words` plus one; 0 is a free slot. Each entry is its length, then its words. */
  private slots = new Int32Array(FIRST_SLOTS);
  private hashes = new Int32Array(FIRST_SLOTS);
  private words = new Int32Array(FIRST_WORDS);
  private used = 0;

  /** True when there is no room for more. */
  get full(): boolean {
    return this.used >= MOST_WORDS;
  }

  /** Adds the first `length` words of `key`; false when they were there already. */
  add(key: Int32Array, length: number): boolean {
    const hash = hashOf(key, length);
    let slot = hash & (this.slots.length - 1);
    for (;;) {
      const offset = this.slots[slot] as number;
      if (offset === 0) break;
      if (this.hashes[slot] === hash && this.equals(offset - 1, key, length)) return false;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    this.slots[slot] = this.store(key, length) + 1;
    this.hashes[slot] = hash;
    this.size++;
    if (this.size * 2 > this.slots.length) this.growSlots();
    return true;
  }

  private equals(offset: number, key: Int32Array, length: number): boolean {
    if (this.words[offset] !== length) return false;
    for (let i = 0; i < length; i++) if (this.words[offset + 1 + i] !== key[i]) return false;
    return true;
  }

  private store(key: Int32Array, length: number): number {
    const offset = this.used;
    this.used += length + 1;
    if (this.used > this.words.length) {
      const larger = new Int32Array(Math.max(this.words.length * 2, this.used));
      larger.set(this.words);
      this.words = larger;
    }
    this.words[offset] = length;
    for (let i = 0; i < length; i++) this.words[offset + 1 + i] = key[i] as number;
    return offset;
  }

  private growSlots(): void {
    const { slots, hashes } = this;
    const mask = slots.length * 2 - 1;
    this.slots = new Int32Array(slots.length * 2);
    this.hashes = new Int32Array(slots.length * 2);
    for (let from = 0; from < slots.length; from++) {
      if (slots[from] === 0) continue;
      let to = (hashes[from] as number) & mask;
      while (this.slots[to] !== 0) to = (to + 1) & mask;
      this.slots[to] = slots[from] as number;
      this.hashes[to] = hashes[from] as number;
    }
  }
}

function hashOf(key: Int32Array, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ (key[i] as number), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

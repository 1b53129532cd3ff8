/** Sets of rows of 32-bit integers, told apart by all their words. */

const FIRST_ROWS = 32;
/** Half a gigabyte. */
const MOST_WORDS = 1 << 27;

/**
 * A row is written word by word at `draft` of `rows`, then added. Rows have the numbers 0, 1, … in the order they are
 * added.
 */
export class RowSet {
  stride: number;
  rows: Int32Array;
  count = 0;
  private slots: Int32Array;
  private slotOf: Int32Array;

  constructor(stride: number) {
    this.stride = stride;
    this.rows = new Int32Array(FIRST_ROWS * stride);
    this.slots = new Int32Array(FIRST_ROWS * 2);
    this.slotOf = new Int32Array(FIRST_ROWS + 1);
  }

  /** It holds as much as it may; a search has to end here. */
  get full(): boolean {
    return this.rows.length > MOST_WORDS;
  }

  /** Where in `rows` the next row is to be written. */
  get draft(): number {
    return this.count * this.stride;
  }

  /** Adds the row written at `draft`; false when there is an equal one. */
  add(): boolean {
    const mask = this.slots.length - 1;
    const row = this.count * this.stride;
    let slot = this.hash(row) & mask;
    for (;;) {
      const other = this.slots[slot] as number;
      if (other === 0) break;
      if (this.equal(row, (other - 1) * this.stride)) return false;
      slot = (slot + 1) & mask;
    }
    this.slotOf[this.count] = slot;
    this.slots[slot] = ++this.count;
    if (this.count * 2 > this.slots.length) this.growSlots();
    if ((this.count + 1) * this.stride > this.rows.length) this.growRows();
    return true;
  }

  /** Empties it, for rows of so many words. */
  reset(stride: number): void {
    this.clear();
    this.stride = stride;
    if (this.rows.length < FIRST_ROWS * stride) this.rows = new Int32Array(FIRST_ROWS * stride);
  }

  /** Empties it. */
  clear(): void {
    for (let number = 0; number < this.count; number++) {
      this.slots[this.slotOf[number] as number] = 0;
    }
    this.count = 0;
  }

  private hash(row: number): number {
    let hash = 0x9e3779b9;
    for (let i = row; i < row + this.stride; i++) {
      hash = Math.imul(hash ^ (this.rows[i] as number), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return Math.imul(hash, 0xc2b2ae35) >>> 7;
  }

  private equal(row: number, other: number): boolean {
    for (let i = 0; i < this.stride; i++) {
      if (this.rows[row + i] !== this.rows[other + i]) return false;
    }
    return true;
  }

  private growRows(): void {
    const larger = new Int32Array(this.rows.length * 2);
    larger.set(this.rows);
    this.rows = larger;
  }

  private growSlots(): void {
    const mask = this.slots.length * 2 - 1;
    const larger = new Int32Array(mask + 1);
    const slotOf = new Int32Array(larger.length / 2 + 1);
    for (let number = 0; number < this.count; number++) {
      let slot = this.hash(number * this.stride) & mask;
      while (larger[slot] !== 0) slot = (slot + 1) & mask;
      larger[slot] = number + 1;
      slotOf[number] = slot;
    }
    this.slots = larger;
    this.slotOf = slotOf;
  }
}

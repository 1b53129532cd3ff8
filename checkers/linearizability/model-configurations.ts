/** Exact memory of configurations: a state, and the set of operations that are in the order. */

import { RowSet } from './model-row-set.ts';

const WORD_BITS = 32;

/**
 * Completed operations are ranked by call. All below `base` are in the order; of those above, only operations called
 * before operation `base` ends can be, so their bits fill a window of bounded width. Open operations have bits of their
 * own. A row: state, base, window, open.
 */
export class ConfigurationTable {
  private rank = new Int32Array(0);
  private isOpen = new Uint8Array(0);
  /** Bits of completed operations, by rank; and of open ones. */
  private bits = new Int32Array(0);
  private open = new Int32Array(0);
  private completed = 0;
  private windowWords = 0;
  private openWords = 0;
  private base = 0;
  private readonly known = new RowSet(1);

  /**
   * Empties it, for the operations of another problem.
   * @param endEntry 0 for an open operation.
   */
  reset(size: number, events: readonly number[], endEntry: Int32Array): void {
    if (this.rank.length < size) {
      this.rank = new Int32Array(size * 2);
      this.isOpen = new Uint8Array(size * 2);
    }
    let completed = 0;
    let open = 0;
    for (let operation = 0; operation < size; operation++) {
      const isOpen = endEntry[operation] === 0;
      this.isOpen[operation] = isOpen ? 1 : 0;
      this.rank[operation] = isOpen ? open++ : completed++;
    }
    this.completed = completed;
    this.base = 0;
    this.windowWords = Math.ceil(this.widest(events) / WORD_BITS);
    this.openWords = Math.ceil(open / WORD_BITS);
    this.bits = cleared(this.bits, Math.ceil(completed / WORD_BITS) + this.windowWords + 2);
    this.open = cleared(this.open, this.openWords);
    this.known.reset(2 + this.windowWords + this.openWords);
  }

  /** Words it has room for. */
  get size(): number {
    return this.known.rows.length;
  }

  /** It holds as much as it may; a search has to end here. */
  get full(): boolean {
    return this.known.full;
  }

  /** The operation is in the order now. */
  include(operation: number): void {
    const rank = this.rank[operation] as number;
    const words = this.isOpen[operation] === 1 ? this.open : this.bits;
    words[rank >>> 5] = (words[rank >>> 5] as number) | (1 << (rank & 31));
    if (words !== this.bits || rank !== this.base) return;
    while (this.base < this.completed && this.holds(this.base)) this.base++;
  }

  /** It no longer is. */
  exclude(operation: number): void {
    const rank = this.rank[operation] as number;
    const words = this.isOpen[operation] === 1 ? this.open : this.bits;
    words[rank >>> 5] = (words[rank >>> 5] as number) & ~(1 << (rank & 31));
    if (words === this.bits && rank < this.base) this.base = rank;
  }

  /** Remembers the present set with this state; false when it was known. */
  add(state: number): boolean {
    this.write(state);
    return this.known.add();
  }

  private holds(rank: number): boolean {
    return (((this.bits[rank >>> 5] as number) >>> (rank & 31)) & 1) === 1;
  }

  private write(state: number): void {
    const { bits, open, base, windowWords } = this;
    const { rows, draft: row } = this.known;
    rows[row] = state;
    rows[row + 1] = base;
    let at = row + 2;
    const shift = base & 31;
    let word = base >>> 5;
    for (let i = 0; i < windowWords; i++, word++) {
      const low = (bits[word] as number) >>> shift;
      const high = shift === 0 ? 0 : (bits[word + 1] as number) << (WORD_BITS - shift);
      rows[at++] = low | high;
    }
    for (let i = 0; i < this.openWords; i++) rows[at++] = open[i] as number;
  }

  /** The most completed operations that can be in the order, counted from the first one that is not. */
  private widest(events: readonly number[]): number {
    let called = 0;
    let widest = 0;
    for (const event of events) {
      const operation = event < 0 ? ~event : event;
      if (this.isOpen[operation] === 1) continue;
      if (event >= 0) called++;
      else widest = Math.max(widest, called - (this.rank[operation] as number));
    }
    return widest;
  }
}

/** The array when it is long enough, all zero; else another. */
function cleared(words: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (words.length < length) return new Int32Array(length * 2);
  return words.fill(0, 0, length);
}

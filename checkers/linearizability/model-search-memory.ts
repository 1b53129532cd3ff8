/** Memory that depth-first searches use one after the other: small histories are judged sooner than arrays are made. */
import { ConfigurationTable } from './model-configurations.ts';

/** More is not kept for the next search. In words. */
const MOST_KEPT = 1 << 18;

/** Arrays long enough for a problem; what is behind its size holds anything. */
export class SearchMemory {
  readonly capacity: number;
  /** By entry: events in a list. */
  readonly operationOf: Int32Array;
  readonly isEnd: Uint8Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** By operation. */
  readonly endEntry: Int32Array;
  readonly hasTwins: Uint8Array;
  /** By place in the order. */
  readonly stack: Int32Array;
  readonly before: Int32Array;
  readonly forced: Uint8Array;
  readonly best: Int32Array;
  readonly seen = new ConfigurationTable();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.operationOf = new Int32Array(capacity);
    this.isEnd = new Uint8Array(capacity);
    this.next = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.endEntry = new Int32Array(capacity);
    this.hasTwins = new Uint8Array(capacity);
    this.stack = new Int32Array(capacity);
    this.before = new Int32Array(capacity);
    this.forced = new Uint8Array(capacity);
    this.best = new Int32Array(capacity);
  }
}

/** What the last search left. Null while one is under way: a model's step may judge a history itself. */
let spare: SearchMemory | null = null;

/** Memory for so many entries, for one search alone. */
export function takeMemory(entries: number): SearchMemory {
  const found = spare;
  spare = null;
  if (found === null || found.capacity < entries) return new SearchMemory(entries * 2);
  found.isEnd.fill(0, 0, entries);
  found.endEntry.fill(0, 0, entries);
  found.hasTwins.fill(0, 0, entries);
  return found;
}

/** The search is over. */
export function giveBack(memory: SearchMemory): void {
  if (memory.capacity + memory.seen.size <= MOST_KEPT) spare = memory;
}

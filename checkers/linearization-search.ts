/**
 * Is there an order of these register operations that respects real time? Wing and Gong's search with Lowe's memo
 * ("Testing for linearizability", 2017): a linked list of calls and returns, from which operations are lifted.
 *
 * Three reductions keep it small; each only leaves out orders whose existence implies another one that is tried:
 * - a read (or refused compare) that fits the state is done at once and never undone alone: it changes nothing;
 * - an open operation (one that may never have happened) is worth doing only if the next step looks at its value;
 * - of equal open operations the one called first is used first.
 */
import type { Allowance } from './check-allowance.ts';
import { ConfigurationSet } from './configuration-set.ts';

export type RegisterKind = 'read' | 'write' | 'cas' | 'refused';

/** One operation on one register. Values are numbers that stand for them; equal values, equal numbers. */
export interface SearchOperation {
  readonly kind: RegisterKind;
  /** read: what it returned; write: what it wrote; cas and refused: what it compared with. */
  readonly value: number;
  /** The state after a write or cas. */
  readonly to: number;
  /** Ranks in the real-time order. `end` is Infinity for an open operation: at any time from `call` on, or never. */
  readonly call: number;
  readonly end: number;
}

export type SearchResult =
  | { readonly outcome: 'legal'; /** A witness: indexes of operations. */ readonly order: number[] }
  | {
      readonly outcome: 'illegal';
      /** Index of the operation at whose end the shortest illegal prefix ends. */
      readonly blockedBy: number;
      /**
       * What the register may hold when that operation must have taken effect at the latest. -1: some value of an open
       * operation that nothing observes.
       */
      readonly states: number[];
      readonly configurations: number;
    }
  | { readonly outcome: 'exhausted'; readonly configurations: number };

/** Decides. `exhausted` when the allowance or the memory for the memo ends first. */
export function searchLinearization(
  operations: readonly SearchOperation[],
  initial: number,
  allowance: Allowance,
): SearchResult {
  return new LinearizationSearch(operations, initial, allowance).run();
}

const READ = 0;
const WRITE = 1;
const CAS = 2;
const REFUSED = 3;
const KINDS: Readonly<Record<RegisterKind, number>> = {
  read: READ,
  write: WRITE,
  cas: CAS,
  refused: REFUSED,
};
const HEAD = 0;
const NONE = -1;

class LinearizationSearch {
  private readonly allowance: Allowance;
  private readonly memo = new ConfigurationSet();
  /** Operations in order of call: where each stands in the input, what it does. */
  private readonly source: number[];
  private readonly kind: Uint8Array;
  private readonly value: Int32Array;
  private readonly to: Int32Array;
  /** 1 for an open operation; its bit in `openDone`, or else in `done`. */
  private readonly open: Uint8Array;
  private readonly bit: Int32Array;
  /** The open operation of the same effect called just before, or NONE. */
  private readonly twin: Int32Array;
  /** Entries of the linked list: operation, and the entry of its end (NONE for an end, 0 for none). */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly entryOperation: Int32Array;
  private readonly endEntry: Int32Array;
  private readonly isEnd: Uint8Array;
  /** The configuration. */
  private readonly done: Int32Array;
  private readonly openDone: Int32Array;
  private readonly lifted: Uint8Array;
  private state: number;
  /** All closed operations before `base` are done, none from `top` on. */
  private base = 0;
  private top = 0;
  private left: number;
  /** The last step did an open operation that nothing has looked at yet. */
  private unseen = 0;
  private readonly key: Int32Array;
  /** The path, five numbers a step: entry; state, top and unseen before it; 1 when it only observed. */
  private depth = 0;
  private readonly path: Int32Array;
  private blocked = NONE;
  private readonly states = new Set<number>();

  constructor(operations: readonly SearchOperation[], initial: number, allowance: Allowance) {
    this.allowance = allowance;
    this.state = initial;
    const useful = withoutUseless(operations);
    const kept = operations.flatMap((_, index) => (useful[index] === null ? [] : [index]));
    const at = (index: number): SearchOperation => useful[index] as SearchOperation;
    this.source = kept.sort((a, b) => at(a).call - at(b).call);
    const sorted = kept.map(at);
    const count = sorted.length;
    this.kind = Uint8Array.from(sorted, (operation) => KINDS[operation.kind]);
    this.value = Int32Array.from(sorted, (operation) => operation.value);
    this.to = Int32Array.from(sorted, (operation) => operation.to);
    this.open = Uint8Array.from(sorted, (operation) => (operation.end === Infinity ? 1 : 0));
    this.bit = bitsOf(this.open);
    this.twin = twinsOf(sorted);
    const opens = this.open.reduce((sum, open) => sum + open, 0);
    this.left = count - opens;
    this.done = new Int32Array((this.left >> 5) + 1);
    this.openDone = new Int32Array((opens >> 5) + 1);
    this.lifted = new Uint8Array(count);
    this.key = new Int32Array(4 + this.done.length + this.openDone.length);
    this.path = new Int32Array(count * 5);
    const size = count + this.left + 1;
    this.next = new Int32Array(size);
    this.previous = new Int32Array(size);
    this.entryOperation = new Int32Array(size);
    this.endEntry = new Int32Array(size);
    this.isEnd = new Uint8Array(size);
    this.link(sorted);
  }

  run(): SearchResult {
    let cursor = NONE;
    while (this.left > 0) {
      if (!this.allowance.spend() || this.memo.full) {
        return { outcome: 'exhausted', configurations: this.memo.size };
      }
      if (cursor === NONE) {
        this.observeAll();
        if (this.left === 0) break;
        cursor = this.memo.add(this.key, this.encode()) ? this.first() : this.backtrack();
      } else {
        const entry = this.choose(cursor);
        if (entry === NONE) cursor = this.backtrack();
        else {
          this.lift(entry, false);
          cursor = NONE;
        }
      }
      if (cursor === NONE && this.depth === 0) return this.illegal();
    }
    return { outcome: 'legal', order: this.order() };
  }

  private illegal(): SearchResult {
    return {
      outcome: 'illegal',
      blockedBy: this.source[this.entryOperation[this.blocked] as number] as number,
      states: [...this.states],
      configurations: this.memo.size,
    };
  }

  private order(): number[] {
    const order: number[] = [];
    for (let step = 0; step < this.depth; step++) {
      const entry = this.path[step * 5] as number;
      order.push(this.source[this.entryOperation[entry] as number] as number);
    }
    return order;
  }

  private link(sorted: readonly SearchOperation[]): void {
    const ends = sorted.flatMap(({ end }, index) => (end === Infinity ? [] : [index]));
    const endOf = (index: number): number => (sorted[index] as SearchOperation).end;
    ends.sort((a, b) => endOf(a) - endOf(b));
    const callEntry = new Int32Array(sorted.length);
    let entry = HEAD;
    const append = (operation: number): void => {
      this.next[entry] = entry + 1;
      this.previous[entry + 1] = entry;
      entry++;
      this.entryOperation[entry] = operation;
    };
    let call = 0;
    for (const ending of ends) {
      for (
        ;
        call < sorted.length && (sorted[call] as SearchOperation).call < endOf(ending);
        call++
      ) {
        append(call);
        callEntry[call] = entry;
      }
      append(ending);
      this.isEnd[entry] = 1;
      this.endEntry[callEntry[ending] as number] = entry;
    }
    // What is called after the last end is open and cannot help anything: it is left out of the list.
    this.next[entry] = NONE;
  }

  private first(): number {
    return this.next[HEAD] as number;
  }

  /** Does every read and refused compare that fits, until none does. */
  private observeAll(): void {
    const { next, isEnd, entryOperation, kind, value } = this;
    for (
      let entry = this.first();
      entry !== NONE && isEnd[entry] === 0;
      entry = next[entry] as number
    ) {
      const operation = entryOperation[entry] as number;
      const what = kind[operation];
      const same = value[operation] === this.state;
      // When its end was the next one, the calls behind that are now in reach, and the scan goes on over them.
      if ((what === READ && same) || (what === REFUSED && !same)) this.lift(entry, true);
    }
  }

  /** The next entry from `cursor` on that may be done now, or NONE at the first end. */
  private choose(cursor: number): number {
    let entry = cursor;
    for (; this.isEnd[entry] === 0; entry = this.next[entry] as number) {
      const operation = this.entryOperation[entry] as number;
      const kind = this.kind[operation];
      if (kind === CAS ? this.value[operation] !== this.state : kind !== WRITE) continue;
      if (kind === WRITE && this.unseen === 1) continue;
      if (this.open[operation] === 1 && !this.worthOpening(operation)) continue;
      return entry;
    }
    this.noteBlocked(entry);
    return NONE;
  }

  private worthOpening(operation: number): boolean {
    if (this.to[operation] === this.state) return false;
    const twin = this.twin[operation] as number;
    return twin === NONE || this.lifted[twin] === 1;
  }

  private noteBlocked(end: number): void {
    if (end > this.blocked) {
      this.blocked = end;
      this.states.clear();
    }
    if (end === this.blocked) this.states.add(this.state);
  }

  private lift(entry: number, observing: boolean): void {
    const operation = this.entryOperation[entry] as number;
    const slot = this.depth++ * 5;
    this.path[slot] = entry;
    this.path[slot + 1] = this.state;
    this.path[slot + 2] = this.top;
    this.path[slot + 3] = this.unseen;
    this.path[slot + 4] = observing ? 1 : 0;
    this.lifted[operation] = 1;
    const bit = this.bit[operation] as number;
    if (this.open[operation] === 1) {
      this.openDone[bit >> 5] = (this.openDone[bit >> 5] as number) | (1 << (bit & 31));
    } else {
      this.done[bit >> 5] = (this.done[bit >> 5] as number) | (1 << (bit & 31));
      this.top = Math.max(this.top, bit + 1);
      while (this.base < this.top && this.isDone(this.base)) this.base++;
      this.unlink(this.endEntry[entry] as number);
      this.left--;
    }
    this.unlink(entry);
    this.unseen = observing ? 0 : (this.open[operation] as number);
    if (!observing) this.state = this.to[operation] as number;
  }

  /** Undoes steps up to and with the last choice; the entry to go on from, or NONE when there is none. */
  private backtrack(): number {
    while (this.depth > 0) {
      const slot = --this.depth * 5;
      const entry = this.path[slot] as number;
      const operation = this.entryOperation[entry] as number;
      this.relink(entry);
      const bit = this.bit[operation] as number;
      if (this.open[operation] === 1) {
        this.openDone[bit >> 5] = (this.openDone[bit >> 5] as number) & ~(1 << (bit & 31));
      } else {
        this.relink(this.endEntry[entry] as number);
        this.done[bit >> 5] = (this.done[bit >> 5] as number) & ~(1 << (bit & 31));
        this.base = Math.min(this.base, bit);
        this.left++;
      }
      this.lifted[operation] = 0;
      this.state = this.path[slot + 1] as number;
      this.top = this.path[slot + 2] as number;
      this.unseen = this.path[slot + 3] as number;
      if (this.path[slot + 4] === 0) return this.next[entry] as number;
    }
    return NONE;
  }

  private isDone(bit: number): boolean {
    return ((this.done[bit >> 5] as number) & (1 << (bit & 31))) !== 0;
  }

  private unlink(entry: number): void {
    const before = this.previous[entry] as number;
    const after = this.next[entry] as number;
    this.next[before] = after;
    if (after !== NONE) this.previous[after] = before;
  }

  private relink(entry: number): void {
    this.next[this.previous[entry] as number] = entry;
    const after = this.next[entry] as number;
    if (after !== NONE) this.previous[after] = entry;
  }

  /** Writes the configuration to `key`, and tells its length. */
  private encode(): number {
    const { key, done, openDone } = this;
    const from = this.base >> 5;
    const to = (this.top + 31) >> 5;
    let length = 3;
    key[0] = this.state * 2 + this.unseen;
    key[1] = from;
    key[2] = to;
    for (let word = from; word < to; word++) key[length++] = done[word] as number;
    let last = openDone.length;
    while (last > 0 && openDone[last - 1] === 0) last--;
    for (let word = 0; word < last; word++) key[length++] = openDone[word] as number;
    return length;
  }
}

/** A value that nothing reads and nothing compares with is like any other such value. */
const UNOBSERVED = -1;

/** Null for open operations that cannot matter: those that change nothing, or nothing that is looked at. */
function withoutUseless(operations: readonly SearchOperation[]): (SearchOperation | null)[] {
  const observed = new Set<number>();
  let refusals = false;
  for (const { kind, value } of operations) {
    if (kind !== 'write') observed.add(value);
    if (kind === 'refused') refusals = true;
  }
  return operations.map((operation) => {
    const { kind, to, end } = operation;
    if (end !== Infinity) return operation;
    if (kind === 'read' || kind === 'refused') return null;
    if (observed.has(to)) return operation;
    return refusals ? { ...operation, to: UNOBSERVED } : null;
  });
}

function bitsOf(open: Uint8Array): Int32Array {
  const counts = [0, 0];
  return Int32Array.from(open, (which) => {
    const bit = counts[which] ?? 0;
    counts[which] = bit + 1;
    return bit;
  });
}

function twinsOf(sorted: readonly SearchOperation[]): Int32Array {
  const latest = new Map<string, number>();
  return Int32Array.from(sorted, ({ kind, value, to, end }, index) => {
    if (end !== Infinity) return NONE;
    const effect = kind === 'write' ? `write ${String(to)}` : `cas ${String(value)} ${String(to)}`;
    const twin = latest.get(effect) ?? NONE;
    latest.set(effect, index);
    return twin;
  });
}

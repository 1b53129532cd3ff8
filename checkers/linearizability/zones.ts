/**
 * Registers in which no value is written twice, in linear time: Gibbons and Korach ("Testing shared memories", SIAM J.
 * Comput. 1997). A value's write and reads are a cluster; its zone goes from the first end in it to the last call. The
 * history is legal when no read ends before its write is called and the zones can be put in order.
 *
 * Beyond the paper: an open write that was seen ends never, one that was not seen is left out; a successful cas glues its
 * value's cluster right behind that of the value it compared with, and such a chain is one zone; the initial value is a
 * cluster that begins before everything; refused compares are placed in the order found, if they can be.
 */
import { wider } from './register-builder.ts';
import { placeRefused } from './refused-placement.ts';
import { CAS, NEVER, READ, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/** Operations are those of the problem. */
export type ZonesResult =
  | { readonly outcome: 'legal'; readonly order: Int32Array; readonly length: number }
  | {
      readonly outcome: 'illegal';
      /** Operations that show it, all other writes being of values that none of them observes. */
      readonly suspects: readonly number[];
      /** Set when the suspects are two conflicting zones: [ends first, called last] of a forward one and the other. */
      readonly zones?: {
        readonly forward: readonly [number, number];
        readonly other: readonly [number, number];
      };
    }
  /** Some value is written twice, or refused compares find no place: nothing is known. */
  | { readonly outcome: 'inapplicable' };

const NONE = -1;
const INAPPLICABLE: ZonesResult = { outcome: 'inapplicable' };

/** One object serves many problems, one after the other. */
export class Zones {
  #problem!: RegisterProblem;
  #refusals = 0;
  /** By value: what writes it; the observers' first end and last call, and whose they are; why it must have been there. */
  #writer = new Int32Array(32);
  #readEnd = new Int32Array(32);
  #readEnder = new Int32Array(32);
  #readCall = new Int32Array(32);
  #readCaller = new Int32Array(32);
  #seenBy = new Int32Array(32);
  /** By value: the value that a cas put in its place; by the first value of a chain: the zone. */
  #follower = new Int32Array(32);
  #first = new Int32Array(32);
  #last = new Int32Array(32);
  #firstEnd = new Int32Array(32);
  #lastCall = new Int32Array(32);
  /** By rank: the chain whose zone comes there. */
  #atRank = new Int32Array(64);
  /** Reads by value: a list through the operations. */
  #head = new Int32Array(32);
  #next = new Int32Array(32);
  #order = new Int32Array(32);

  check(problem: RegisterProblem): ZonesResult {
    this.#problem = problem;
    this.#reserve(problem);
    if (!this.#collectWriters()) return INAPPLICABLE;
    const unproduced = this.#collectReads();
    if (unproduced !== NONE) return { outcome: 'illegal', suspects: [unproduced] };
    const broken = this.#linkChains() ?? this.#measureChains() ?? this.#orderZones();
    if (broken !== null) return broken;
    const length = this.#writeOrder();
    if (this.#refusals === 0) return { outcome: 'legal', order: this.#order, length };
    const placed = placeRefused(problem, this.#order, length);
    return placed === null
      ? INAPPLICABLE
      : { outcome: 'legal', order: placed, length: placed.length };
  }

  #reserve({ count, eventCount, valueCount }: RegisterProblem): void {
    if (this.#writer.length < valueCount) {
      const capacity = valueCount * 2;
      this.#writer = new Int32Array(capacity);
      this.#readEnd = new Int32Array(capacity);
      this.#readEnder = new Int32Array(capacity);
      this.#readCall = new Int32Array(capacity);
      this.#readCaller = new Int32Array(capacity);
      this.#seenBy = new Int32Array(capacity);
      this.#follower = new Int32Array(capacity);
      this.#first = new Int32Array(capacity);
      this.#last = new Int32Array(capacity);
      this.#firstEnd = new Int32Array(capacity);
      this.#lastCall = new Int32Array(capacity);
      this.#head = new Int32Array(capacity);
    }
    if (this.#next.length < count) {
      this.#next = new Int32Array(count * 2);
      this.#order = new Int32Array(count * 2);
    }
    if (this.#atRank.length <= eventCount) this.#atRank = wider(this.#atRank, eventCount * 2 + 1);
    this.#writer.fill(NONE, 0, valueCount);
  }

  /** False when some value has two writers. */
  #collectWriters(): boolean {
    const { count, kind, value, to, initial } = this.#problem;
    const writer = this.#writer;
    this.#refusals = 0;
    for (let operation = 0; operation < count; operation++) {
      const what = kind[operation];
      if (what === REFUSED) this.#refusals++;
      if (what !== WRITE && what !== CAS) continue;
      const written = to[operation] as number;
      if (written === initial || writer[written] !== NONE) return false;
      if (what === CAS && value[operation] === written) return false;
      writer[written] = operation;
    }
    return true;
  }

  /** Returns a read that ended before its value's write was called, or NONE. */
  #collectReads(): number {
    const { count, valueCount, kind, value, to, call, end, initial } = this.#problem;
    this.#readEnd.fill(NEVER, 0, valueCount);
    this.#readCall.fill(-1, 0, valueCount);
    this.#seenBy.fill(NONE, 0, valueCount);
    this.#follower.fill(NONE, 0, valueCount);
    this.#head.fill(NONE, 0, valueCount);
    for (let operation = 0; operation < count; operation++) {
      const what = kind[operation] as number;
      const ends = end[operation] as number;
      if (what === REFUSED) continue;
      if (what !== READ && ends !== NEVER) this.#seenBy[to[operation] as number] = operation;
      if (what === WRITE || ends === NEVER) continue;
      const seen = value[operation] as number;
      if (seen !== initial) {
        const writer = this.#writer[seen] as number;
        if (writer === NONE || ends < (call[writer] as number)) return operation;
      }
      if (this.#seenBy[seen] === NONE) this.#seenBy[seen] = operation;
      if (what === READ) this.#addRead(operation, seen, ends);
    }
    return NONE;
  }

  #addRead(operation: number, seen: number, ends: number): void {
    if (ends < (this.#readEnd[seen] as number)) {
      this.#readEnd[seen] = ends;
      this.#readEnder[seen] = operation;
    }
    // In order of call: this one is the last so far.
    this.#readCall[seen] = this.#problem.call[operation] as number;
    this.#readCaller[seen] = operation;
    this.#next[operation] = this.#head[seen] as number;
    this.#head[seen] = operation;
  }

  /** Tells which value follows which by a cas that must have happened. */
  #linkChains(): ZonesResult | null {
    const { count, kind, value, to, initial } = this.#problem;
    for (let operation = 0; operation < count; operation++) {
      // What an open cas gave was seen: then what it compared with was there, and so on back.
      for (let one = operation; one !== NONE && kind[one] === CAS;) {
        const made = to[one] as number;
        const from = value[one] as number;
        if (this.#seenBy[made] === NONE || this.#follower[from] === made) break;
        if (from !== initial && this.#writer[from] === NONE) return this.#illegal([one]);
        if (this.#follower[from] !== NONE) {
          const rival = this.#writer[this.#follower[from] as number] as number;
          return this.#illegal([one, rival]);
        }
        this.#follower[from] = made;
        if (this.#seenBy[from] === NONE) this.#seenBy[from] = one;
        one = this.#writer[from] as number;
      }
    }
    return null;
  }

  /** Goes along each chain: is it legal by itself, and what is its zone. */
  #measureChains(): ZonesResult | null {
    const { valueCount, initial, eventCount, kind } = this.#problem;
    this.#atRank.fill(NONE, 0, eventCount + 1);
    let reached = 0;
    let seen = 0;
    for (let value = 0; value < valueCount; value++) {
      const writer = this.#writer[value] as number;
      if (value !== initial && this.#seenBy[value] === NONE) continue;
      seen++;
      if (value !== initial && kind[writer] === CAS) continue;
      const length = this.#measureChain(value);
      if (length < 0) return this.#illegal(this.#chainOf(value));
      reached += length;
    }
    // Values that only come from each other: nothing put the first of them there.
    return reached < seen ? this.#illegal(this.#circle()) : null;
  }

  /** Returns how many values the chain from `first` has; -1 when it is illegal by itself. */
  #measureChain(first: number): number {
    const { call, end, initial } = this.#problem;
    let length = 0;
    let latest = -1;
    let firstEnd = first === initial ? -1 : NEVER;
    this.#first[first] = NONE;
    this.#last[first] = NONE;
    for (let value = first; value !== NONE; value = this.#follower[value] as number) {
      length++;
      if (value !== initial) {
        const writer = this.#writer[value] as number;
        const ends = end[writer] as number;
        if (ends < latest) return -1;
        if (ends < firstEnd) {
          firstEnd = ends;
          this.#first[first] = writer;
        }
        if ((call[writer] as number) > latest) {
          latest = call[writer] as number;
          this.#last[first] = writer;
        }
      }
      const ends = this.#readEnd[value] as number;
      if (ends < latest) return -1;
      if (ends < firstEnd) {
        firstEnd = ends;
        this.#first[first] = this.#readEnder[value] as number;
      }
      if ((this.#readCall[value] as number) > latest) {
        latest = this.#readCall[value] as number;
        this.#last[first] = this.#readCaller[value] as number;
      }
    }
    this.#firstEnd[first] = firstEnd;
    this.#lastCall[first] = latest;
    this.#atRank[Math.max(firstEnd, latest) + 1] = first;
    return length;
  }

  /** Zones in order of their later edge: legal when none ends before an earlier one is called for the last time. */
  #orderZones(): ZonesResult | null {
    const { eventCount } = this.#problem;
    let latest = -1;
    let whose = NONE;
    for (let rank = 0; rank <= eventCount; rank++) {
      const zone = this.#atRank[rank] as number;
      if (zone === NONE) continue;
      if ((this.#firstEnd[zone] as number) < latest) return this.#conflict(zone, whose);
      if ((this.#lastCall[zone] as number) > latest) {
        latest = this.#lastCall[zone] as number;
        whose = zone;
      }
    }
    return null;
  }

  #conflict(forward: number, other: number): ZonesResult {
    const { initial } = this.#problem;
    const edges = (zone: number): [number, number] => [
      this.#first[zone] as number,
      this.#last[zone] as number,
    ];
    const suspects = [...this.#chainOf(forward), ...this.#chainOf(other)];
    const single = (zone: number): boolean => zone !== initial && this.#follower[zone] === NONE;
    if (!single(forward) || !single(other)) return this.#illegal(suspects);
    const zones = { forward: edges(forward), other: edges(other) };
    return { outcome: 'illegal', suspects: this.#closed(suspects), zones };
  }

  /** The chain's writers and the observers that bound its values. */
  #chainOf(first: number): number[] {
    const found: number[] = [];
    for (let value = first; value !== NONE; value = this.#follower[value] as number) {
      if (value !== this.#problem.initial) found.push(this.#writer[value] as number);
      if (this.#head[value] !== NONE) {
        found.push(this.#readEnder[value] as number, this.#readCaller[value] as number);
      }
    }
    return found;
  }

  /** Writers of a chain that has no beginning. */
  #circle(): number[] {
    const { valueCount, initial, kind, value: compared } = this.#problem;
    const steps = new Int32Array(valueCount);
    for (let value = 0; value < valueCount; value++) {
      if (this.#seenBy[value] === NONE || steps[value] !== 0) continue;
      const mark = value + 1;
      let one = value;
      while (one !== initial && steps[one] === 0 && kind[this.#writer[one] as number] === CAS) {
        steps[one] = mark;
        one = compared[this.#writer[one] as number] as number;
      }
      if (one === initial || steps[one] !== mark) continue;
      const circle: number[] = [];
      for (let at = one; circle.length === 0 || at !== one;) {
        circle.push(this.#writer[at] as number);
        at = compared[this.#writer[at] as number] as number;
      }
      return circle;
    }
    return [];
  }

  #illegal(suspects: readonly number[]): ZonesResult {
    return { outcome: 'illegal', suspects: this.#closed(suspects) };
  }

  /** With every operation that shows that an open one among them happened, and writers of what they observe. */
  #closed(suspects: readonly number[]): number[] {
    const { kind, value, to, end, initial } = this.#problem;
    const found = new Set<number>();
    const left = [...suspects];
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      if (found.has(one)) continue;
      found.add(one);
      if (end[one] === NEVER) left.push(this.#seenBy[to[one] as number] as number);
      if (kind[one] !== WRITE && value[one] !== initial) {
        const writer = this.#writer[value[one] as number] as number;
        if (writer !== NONE) left.push(writer);
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  #writeOrder(): number {
    const { eventCount, initial } = this.#problem;
    const order = this.#order;
    let length = 0;
    for (let rank = 0; rank <= eventCount; rank++) {
      const zone = this.#atRank[rank] as number;
      if (zone === NONE) continue;
      for (let value = zone; value !== NONE; value = this.#follower[value] as number) {
        if (value !== initial) order[length++] = this.#writer[value] as number;
        const from = length;
        for (let read = this.#head[value] as number; read !== NONE;) {
          order[length++] = read;
          read = this.#next[read] as number;
        }
        // The list is from the last call to the first.
        for (let low = from, high = length - 1; low < high; low++, high--) {
          const later = order[low] as number;
          order[low] = order[high] as number;
          order[high] = later;
        }
      }
    }
    return length;
  }
}

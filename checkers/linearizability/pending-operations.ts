/**
 * The operations that are pending at one moment of a register's history: each closed one in a slot, a bit of a few words,
 * and the open ones counted by class. Bit sets by kind and by value answer what a search asks.
 */
import { wider } from './register-builder.ts';
import { CAS, READ, REFUSED, WRITE } from './register-problem.ts';

/** 32 slots a word. Bit sets by value have `words` words for each value. */
export class PendingOperations {
  words = 1;
  kind = new Uint8Array(32);
  value = new Int32Array(32);
  to = new Int32Array(32);
  /** What the caller knows the operation by. */
  operation = new Int32Array(32);
  writes = new Int32Array(1);
  compares = new Int32Array(1);
  /** Reads and refused compares. */
  observers = new Int32Array(1);
  refused = new Int32Array(1);
  /** By value: reads that want it, writes of it, cas from it, refused compares with it. */
  readsOf = new Int32Array(32);
  writesOf = new Int32Array(32);
  comparesOf = new Int32Array(32);
  refusedOf = new Int32Array(32);
  /** By class of open operations: how many were called. */
  available = new Int32Array(8);
  classCount = 0;
  classKind = new Int32Array(8);
  classFrom = new Int32Array(8);
  classTo = new Int32Array(8);
  /** Called so far, of all classes. */
  openCalled = 0;
  /** By value: the open writes' class, and the first of a chain of classes of cas to it (-1: none). */
  writeClass = new Int32Array(32).fill(-1);
  casClass = new Int32Array(32).fill(-1);
  /** By class: the next class of cas to the same value, -1: none. */
  nextCasClass = new Int32Array(8);

  /** Forgets everything. */
  clear(words: number, valueCount: number): void {
    this.words = words;
    this.#clearSlots();
    const size = valueCount * words;
    if (this.readsOf.length < size || this.writeClass.length < valueCount)
      this.#makeTables(size * 2, valueCount * 2);
    else {
      this.readsOf.fill(0, 0, size);
      this.writesOf.fill(0, 0, size);
      this.comparesOf.fill(0, 0, size);
      this.refusedOf.fill(0, 0, size);
      this.writeClass.fill(-1, 0, valueCount);
      this.casClass.fill(-1, 0, valueCount);
    }
    this.classCount = 0;
    this.openCalled = 0;
  }

  /** Makes room for more slots; what is pending stays. */
  widen(words: number, valueCount: number): void {
    const slots = this.#occupied();
    const { kind, value, to, operation } = this;
    this.words = words;
    this.kind = new Uint8Array(0);
    this.writes = new Int32Array(0);
    this.#clearSlots();
    this.readsOf = new Int32Array(valueCount * 2 * words);
    this.writesOf = new Int32Array(valueCount * 2 * words);
    this.comparesOf = new Int32Array(valueCount * 2 * words);
    this.refusedOf = new Int32Array(valueCount * 2 * words);
    for (const slot of slots) {
      const what = kind[slot] as number;
      this.add(slot, what, value[slot] as number, to[slot] as number, operation[slot] as number);
    }
  }

  #occupied(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.words * 32; slot++) {
      const word = slot >> 5;
      const all =
        (this.writes[word] as number) |
        (this.compares[word] as number) |
        (this.observers[word] as number);
      if ((all & (1 << (slot & 31))) !== 0) slots.push(slot);
    }
    return slots;
  }

  /** Makes room for a value of this number. */
  reserveValue(value: number): void {
    if ((value + 1) * this.words <= this.readsOf.length && value < this.writeClass.length) return;
    const known = this.writeClass.length;
    const capacity = Math.max((value + 1) * 2, known);
    const size = Math.max(capacity * this.words, this.readsOf.length);
    this.readsOf = wider(this.readsOf, size);
    this.writesOf = wider(this.writesOf, size);
    this.comparesOf = wider(this.comparesOf, size);
    this.refusedOf = wider(this.refusedOf, size);
    this.writeClass = wider(this.writeClass, capacity).fill(-1, known);
    this.casClass = wider(this.casClass, capacity).fill(-1, known);
  }

  /** A closed operation is called. */
  add(slot: number, kind: number, value: number, to: number, operation: number): void {
    this.kind[slot] = kind;
    this.value[slot] = value;
    this.to[slot] = to;
    this.operation[slot] = operation;
    const word = slot >> 5;
    const bit = 1 << (slot & 31);
    const place = (kind === WRITE ? to : value) * this.words + word;
    if (kind === WRITE) set(this.writes, word, this.writesOf, place, bit);
    else if (kind === CAS) set(this.compares, word, this.comparesOf, place, bit);
    else {
      set(this.observers, word, kind === READ ? this.readsOf : this.refusedOf, place, bit);
      if (kind === REFUSED) this.refused[word] = (this.refused[word] as number) | bit;
    }
  }

  /** It ended, or its call is undone. */
  remove(slot: number): void {
    const word = slot >> 5;
    const bit = ~(1 << (slot & 31));
    const kind = this.kind[slot];
    const place =
      ((kind === WRITE ? this.to[slot] : this.value[slot]) as number) * this.words + word;
    if (kind === WRITE) unset(this.writes, word, this.writesOf, place, bit);
    else if (kind === CAS) unset(this.compares, word, this.comparesOf, place, bit);
    else {
      unset(this.observers, word, kind === READ ? this.readsOf : this.refusedOf, place, bit);
      if (kind === REFUSED) this.refused[word] = (this.refused[word] as number) & bit;
    }
  }

  /** Declares the next class of open operations; none of it is called yet. @returns its number. */
  addClass(kind: number, from: number, to: number): number {
    const which = this.classCount++;
    if (which === this.classKind.length) this.#growClasses(which * 2);
    this.classKind[which] = kind;
    this.classFrom[which] = from;
    this.classTo[which] = to;
    this.available[which] = 0;
    if (kind === WRITE) this.writeClass[to] = which;
    else {
      this.nextCasClass[which] = this.casClass[to] as number;
      this.casClass[to] = which;
    }
    return which;
  }

  #clearSlots(): void {
    const { words } = this;
    if (this.kind.length < words * 32) {
      this.kind = new Uint8Array(words * 32);
      this.value = new Int32Array(words * 32);
      this.to = new Int32Array(words * 32);
      this.operation = new Int32Array(words * 32);
    }
    if (this.writes.length < words) {
      this.writes = new Int32Array(words);
      this.compares = new Int32Array(words);
      this.observers = new Int32Array(words);
      this.refused = new Int32Array(words);
      return;
    }
    this.writes.fill(0);
    this.compares.fill(0);
    this.observers.fill(0);
    this.refused.fill(0);
  }

  #makeTables(size: number, values: number): void {
    this.readsOf = new Int32Array(size);
    this.writesOf = new Int32Array(size);
    this.comparesOf = new Int32Array(size);
    this.refusedOf = new Int32Array(size);
    this.writeClass = new Int32Array(Math.max(values, this.writeClass.length)).fill(-1);
    this.casClass = new Int32Array(Math.max(values, this.casClass.length)).fill(-1);
  }

  #growClasses(capacity: number): void {
    this.available = wider(this.available, capacity);
    this.classKind = wider(this.classKind, capacity);
    this.classFrom = wider(this.classFrom, capacity);
    this.classTo = wider(this.classTo, capacity);
    this.nextCasClass = wider(this.nextCasClass, capacity);
  }
}

function set(all: Int32Array, word: number, byValue: Int32Array, place: number, bit: number): void {
  all[word] = (all[word] as number) | bit;
  byValue[place] = (byValue[place] as number) | bit;
}

function unset(
  all: Int32Array,
  word: number,
  byValue: Int32Array,
  place: number,
  bit: number,
): void {
  all[word] = (all[word] as number) & bit;
  byValue[place] = (byValue[place] as number) & bit;
}

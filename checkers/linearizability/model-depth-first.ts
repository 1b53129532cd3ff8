/**
 * Engine A for models: depth-first search for an order of the operations (Wing and Gong, "Testing and verifying
 * concurrent objects", 1993; with the memory of Lowe, "Testing for linearizability", 2017).
 *
 * What is remembered of a configuration is exact: its state and the set of operations in its order, written as the first
 * completed operation outside, the bits of those after it that can already be inside, and the bits of the open ones.
 * So an `illegal` rests on no hash. What is left out of the search is left out soundly:
 * - a read that fits the state is taken at once: taking it sooner changes nothing for others;
 * - an open operation that would not change the state is not taken: it need not happen;
 * - of equal operations that could come next the one that ends first is taken first (of open ones the one called first):
 *   in any order that takes the other first the two can change places.
 */
import type { Allowance } from '../check-allowance.ts';
import type { ConfigurationTable } from './model-configurations.ts';
import { IMPOSSIBLE } from './model-problem.ts';
import type { ModelProblem, StateMachine } from './model-problem.ts';
import { giveBack, takeMemory } from './model-search-memory.ts';
import type { SearchMemory } from './model-search-memory.ts';

export type ModelSearchResult =
  | {
      readonly outcome: 'legal';
      /** Numbers of operations. */
      readonly order: readonly number[];
    }
  | {
      readonly outcome: 'illegal' | 'exhausted';
      /** The longest legal order found. */
      readonly order: readonly number[];
      /** The operation that could not be ordered before its end, when that order was reached. */
      readonly blocked: number;
    };

/** Searches until an order is found, none is left to try, or the allowance is used up. */
export function searchDepthFirst(problem: ModelProblem, allowance: Allowance): ModelSearchResult {
  const memory = takeMemory(problem.events.length + 2);
  const result = new DepthFirstSearch(problem, memory).run(allowance);
  giveBack(memory);
  return result;
}

const NONE = -1;

class DepthFirstSearch {
  private readonly machine: StateMachine;
  private readonly reads: Uint8Array;
  /** Entries, a list: the events that are not of operations in the order. Entry 0 is the head, `last` the end. */
  private readonly operationOf: Int32Array;
  private readonly isEnd: Uint8Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly last: number;
  private readonly endEntry: Int32Array;
  private readonly classes: Int32Array;
  private readonly hasTwins: Uint8Array;
  private readonly seen: ConfigurationTable;
  /** The order: entries taken, the state before each, and whether it was no choice. */
  private readonly stack: Int32Array;
  private readonly before: Int32Array;
  private readonly forced: Uint8Array;
  private depth = 0;
  private state: number;
  private left = 0;
  /** The longest order so far, of which the first `common` are those of the stack. */
  private readonly best: Int32Array;
  private bestDepth = 0;
  private common = 0;
  private blocked = NONE;

  constructor({ size, events, machine }: ModelProblem, memory: SearchMemory) {
    this.machine = machine;
    this.reads = machine.reads;
    this.classes = machine.classes;
    this.state = machine.initial;
    this.operationOf = memory.operationOf;
    this.isEnd = memory.isEnd;
    this.next = memory.next;
    this.previous = memory.previous;
    this.last = events.length + 1;
    this.endEntry = memory.endEntry;
    this.hasTwins = memory.hasTwins;
    this.stack = memory.stack;
    this.before = memory.before;
    this.forced = memory.forced;
    this.best = memory.best;
    this.link(events);
    if (!machine.distinct) markTwins(events, machine.classes, this.hasTwins);
    this.seen = memory.seen;
    this.seen.reset(size, events, this.endEntry);
  }

  run(allowance: Allowance): ModelSearchResult {
    let entry = this.settle();
    while (this.left > 0) {
      if (!allowance.spend() || this.seen.full) return this.failure('exhausted');
      if (entry === NONE) {
        this.remember();
        entry = this.retreat();
        if (entry === NONE) return this.failure('illegal');
      }
      entry = this.tryFrom(entry);
    }
    return { outcome: 'legal', order: this.orderOf(this.stack, this.depth) };
  }

  private link(events: readonly number[]): void {
    this.next[0] = 1;
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as number;
      const operation = event < 0 ? ~event : event;
      const entry = i + 1;
      this.operationOf[entry] = operation;
      this.next[entry] = entry + 1;
      this.previous[entry] = entry - 1;
      if (event >= 0) continue;
      this.isEnd[entry] = 1;
      this.endEntry[operation] = entry;
      this.left++;
    }
    this.isEnd[this.last] = 1;
    this.previous[this.last] = this.last - 1;
    this.operationOf[this.last] = NONE;
  }

  /** Takes every read that fits. Returns the first entry to try, or NONE when this configuration was seen before. */
  private settle(): number {
    let entry = this.next[0] as number;
    while (this.isEnd[entry] === 0) {
      const operation = this.operationOf[entry] as number;
      const following = this.next[entry] as number;
      if (this.reads[operation] === 1 && this.endEntry[operation] !== 0) {
        if (this.machine.step(this.state, operation) !== IMPOSSIBLE) {
          this.take(entry, operation, this.state, 1);
          const wasItsEnd = following === this.endEntry[operation];
          entry = wasItsEnd ? (this.next[following] as number) : following;
          continue;
        }
      }
      entry = following;
    }
    if (this.left === 0 || !this.seen.add(this.state)) return NONE;
    return this.next[0] as number;
  }

  /** Takes the first operation from `entry` on that can come next; returns where to go on. */
  private tryFrom(from: number): number {
    let entry = from;
    while (this.isEnd[entry] === 0) {
      const operation = this.operationOf[entry] as number;
      if (this.reads[operation] === 0 && !this.waitsForTwin(entry, operation)) {
        const after = this.machine.step(this.state, operation);
        const useless = after === this.state && this.endEntry[operation] === 0;
        if (after !== IMPOSSIBLE && !useless) {
          this.take(entry, operation, after, 0);
          return this.settle();
        }
      }
      entry = this.next[entry] as number;
    }
    if (this.depth >= this.bestDepth) this.blocked = this.operationOf[entry] as number;
    return NONE;
  }

  /** Whether an equal operation that ends sooner could come next as well. */
  private waitsForTwin(entry: number, operation: number): boolean {
    if (this.hasTwins[operation] === 0) return false;
    const kind = this.classes[operation];
    const end = this.endEntry[operation] as number;
    let other = this.next[0] as number;
    for (; this.isEnd[other] === 0; other = this.next[other] as number) {
      if (other === entry) {
        if (end === 0) return false;
        continue;
      }
      const rival = this.operationOf[other] as number;
      if (this.classes[rival] !== kind) continue;
      const rivalEnd = this.endEntry[rival] as number;
      if (end === 0 || (rivalEnd !== 0 && rivalEnd < end)) return true;
    }
    return false;
  }

  private take(entry: number, operation: number, after: number, forced: 0 | 1): void {
    this.stack[this.depth] = entry;
    this.before[this.depth] = this.state;
    this.forced[this.depth++] = forced;
    this.state = after;
    this.seen.include(operation);
    this.unlink(entry);
    const end = this.endEntry[operation] as number;
    if (end === 0) return;
    this.unlink(end);
    this.left--;
  }

  private unlink(entry: number): void {
    const before = this.previous[entry] as number;
    const after = this.next[entry] as number;
    this.next[before] = after;
    this.previous[after] = before;
  }

  private relink(entry: number): void {
    this.next[this.previous[entry] as number] = entry;
    this.previous[this.next[entry] as number] = entry;
  }

  /** Gives back the last choice and what it forced; returns the entry after it, NONE when there was no choice. */
  private retreat(): number {
    while (this.depth > 0) {
      const entry = this.stack[--this.depth] as number;
      const operation = this.operationOf[entry] as number;
      this.state = this.before[this.depth] as number;
      this.seen.exclude(operation);
      const end = this.endEntry[operation] as number;
      if (end !== 0) {
        this.relink(end);
        this.left++;
      }
      this.relink(entry);
      if (this.depth < this.common) this.common = this.depth;
      if (this.forced[this.depth] === 0) return this.next[entry] as number;
    }
    return NONE;
  }

  /** Keeps the order when it is the longest so far. */
  private remember(): void {
    if (this.depth <= this.bestDepth) return;
    for (let i = this.common; i < this.depth; i++) this.best[i] = this.stack[i] as number;
    this.common = this.bestDepth = this.depth;
  }

  private failure(outcome: 'illegal' | 'exhausted'): ModelSearchResult {
    this.remember();
    return { outcome, order: this.orderOf(this.best, this.bestDepth), blocked: this.blocked };
  }

  private orderOf(entries: Int32Array, length: number): number[] {
    const order: number[] = [];
    for (let i = 0; i < length; i++) {
      order.push(this.operationOf[entries[i] as number] as number);
    }
    return order;
  }
}

/** Marks operations that overlap with an equal one. */
function markTwins(events: readonly number[], classes: Int32Array, twins: Uint8Array): void {
  const pending = new Map<number, number[]>();
  for (const event of events) {
    const operation = event < 0 ? ~event : event;
    const kind = classes[operation] as number;
    const equal = pending.get(kind) ?? [];
    if (event < 0) {
      equal.splice(equal.indexOf(operation), 1);
      continue;
    }
    equal.push(operation);
    if (equal.length === 1) pending.set(kind, equal);
    else for (const one of equal) twins[one] = 1;
  }
}

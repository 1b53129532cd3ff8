/**
 * What the search engines share of a problem: values that nothing observes made one, open operations that cannot matter
 * left out and the others counted by what they do, and a slot for every operation while it is pending.
 */
import { wider } from './register-builder.ts';
import { CAS, NEVER, READ, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

/** The number of every value that no read returned and nothing was compared with. */
export const UNOBSERVED = 0;
const NO_CLASS = -1;

/** Reused from problem to problem: `prepare` overwrites what was there. */
export class SearchFrame {
  problem: RegisterProblem | null = null;
  /** As in the problem, without useless operations and without calls after the last end. */
  events: Int32Array = new Int32Array(64);
  eventCount = 0;
  /** By operation of the problem; values renumbered from 1, 0 is UNOBSERVED. */
  value: Int32Array = new Int32Array(32);
  to: Int32Array = new Int32Array(32);
  call: Int32Array = new Int32Array(32);
  end: Int32Array = new Int32Array(32);
  initial = UNOBSERVED;
  valueCount = 1;
  /** By closed operation: its slot; slots are reused after an end. */
  slot: Int32Array = new Int32Array(32);
  /** Words of 32 slots each. */
  slotWords = 1;
  /** By open operation: its class, operations that do the same; NO_CLASS for closed ones. */
  classOf: Int32Array = new Int32Array(32);
  readonly classKind: number[] = [];
  readonly classFrom: number[] = [];
  readonly classTo: number[] = [];
  /** By open operation: how many of its class were called before. */
  nth: Int32Array = new Int32Array(32);
  /** By class: its operations, in order of call. */
  readonly classMembers: number[][] = [];
  closed = 0;
  #renumbered: Int32Array = new Int32Array(32);
  #refusals = false;
  #slotFree: Int32Array = new Int32Array(32);

  get classCount(): number {
    return this.classKind.length;
  }

  /** The problem's number of a value; null for UNOBSERVED, which is many. */
  originalOf(value: number): number | null {
    if (value === UNOBSERVED) return null;
    const original = this.#renumbered.indexOf(value);
    return original < 0 ? null : original;
  }

  prepare(problem: RegisterProblem): this {
    this.problem = problem;
    this.#reserve(problem);
    this.#renumber(problem);
    this.#placeEvents(problem);
    return this;
  }

  #reserve({ count, eventCount, valueCount }: RegisterProblem): void {
    if (this.value.length < count) {
      const capacity = count * 2;
      this.value = new Int32Array(capacity);
      this.to = new Int32Array(capacity);
      this.call = new Int32Array(capacity);
      this.end = new Int32Array(capacity);
      this.slot = new Int32Array(capacity);
      this.classOf = new Int32Array(capacity);
      this.nth = new Int32Array(capacity);
    }
    if (this.events.length < eventCount) this.events = new Int32Array(eventCount * 2);
    if (this.#renumbered.length < valueCount) this.#renumbered = new Int32Array(valueCount * 2);
    else this.#renumbered.fill(0, 0, valueCount);
    this.classKind.length = 0;
    this.classFrom.length = 0;
    this.classTo.length = 0;
    this.classMembers.length = 0;
  }

  /** Equal states are told apart only by what is observed: all other values are one. */
  #renumber({ count, kind, value, to, initial }: RegisterProblem): void {
    const renumbered = this.#renumbered;
    let next = 1;
    this.#refusals = false;
    for (let operation = 0; operation < count; operation++) {
      if (kind[operation] === WRITE) continue;
      if (kind[operation] === REFUSED) this.#refusals = true;
      const seen = value[operation] as number;
      if (renumbered[seen] === 0) renumbered[seen] = next++;
    }
    for (let operation = 0; operation < count; operation++) {
      this.value[operation] = renumbered[value[operation] as number] as number;
      this.to[operation] = renumbered[to[operation] as number] as number;
    }
    this.initial = renumbered[initial] as number;
    this.valueCount = next;
  }

  #placeEvents({ kind, end, events, eventCount }: RegisterProblem): void {
    let last = eventCount;
    while (last > 0 && (events[last - 1] as number) >= 0) last--;
    let rank = 0;
    let top = 0;
    let free = 0;
    this.closed = 0;
    for (let from = 0; from < last; from++) {
      const event = events[from] as number;
      if (event < 0) {
        this.end[~event] = rank;
        this.events[rank++] = event;
        this.#slotFree[free++] = this.slot[~event] as number;
        this.closed++;
        continue;
      }
      if (end[event] === NEVER) {
        if (!this.#matters(event)) continue;
        this.#classify(event, kind[event] as number);
        this.end[event] = NEVER;
      } else {
        if (top + 1 >= this.#slotFree.length) this.#slotFree = wider(this.#slotFree, top * 2 + 64);
        this.slot[event] = free > 0 ? (this.#slotFree[--free] as number) : top++;
        this.classOf[event] = NO_CLASS;
      }
      this.call[event] = rank;
      this.events[rank++] = event;
    }
    this.eventCount = rank;
    this.slotWords = Math.max(1, (top + 31) >> 5);
  }

  /** An open operation that changes nothing, or nothing that is looked at, may as well never happen. */
  #matters(operation: number): boolean {
    const to = this.to[operation] as number;
    if (to === UNOBSERVED) return this.#refusals;
    return this.problem?.kind[operation] !== CAS || this.value[operation] !== to;
  }

  #classify(operation: number, kind: number): void {
    const to = this.to[operation] as number;
    const from = kind === CAS ? (this.value[operation] as number) : to;
    let found = 0;
    const { classKind, classFrom, classTo } = this;
    while (
      found < classKind.length &&
      !(classKind[found] === kind && classFrom[found] === from && classTo[found] === to)
    ) {
      found++;
    }
    if (found === classKind.length) {
      classKind.push(kind);
      classFrom.push(from);
      classTo.push(to);
      this.classMembers.push([]);
    }
    const members = this.classMembers[found] as number[];
    this.classOf[operation] = found;
    this.nth[operation] = members.length;
    members.push(operation);
  }
}

/** Whether the operation tells the state and does not change it. */
export function observesOnly(kind: number | undefined): boolean {
  return kind === READ || kind === REFUSED;
}

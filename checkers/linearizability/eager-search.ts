/**
 * Wing and Gong's search with Lowe's memo ("Testing for linearizability", 2017) on typed arrays: depth first over a
 * linked list of calls and ends, from which operations are lifted as they are put in order.
 *
 * A configuration is known by the first end not reached, the pending operations done before it, the open ones used, and
 * the state: a few words, however long the history. Three reductions, each of which only leaves out orders whose
 * existence implies another one that is tried:
 * - a read (or refused compare) that fits the state is done at once and never undone alone: it changes nothing;
 * - an open operation is worth doing only if the next step looks at its value;
 * - of equal open operations the one called first is used first.
 */
import { ConfigurationMemo } from './configuration-memo.ts';
import { wider } from './register-builder.ts';
import { CAS, READ, REFUSED, WRITE } from './register-problem.ts';
import type { SearchFrame } from './search-frame.ts';

/** What a search came to; `undecided`: its steps or its memory ended first. */
export type SearchOutcome = 'legal' | 'illegal' | 'undecided';

const NONE = -1;
const HEAD = 0;

/** `begin`, then `run` until it is decided. One object serves many problems, one after the other. */
export class EagerSearch {
  /** Steps taken since `begin`. */
  steps = 0;
  #frame!: SearchFrame;
  #kind!: Uint8Array;
  readonly #memo = new ConfigurationMemo();
  /** The list: entry = position in the frame's events + 1. */
  #next = new Int32Array(64);
  #previous = new Int32Array(64);
  #lifted = new Uint8Array(32);
  #open = new Int32Array(1);
  #openBit = new Int32Array(32);
  #openWords = 0;
  #mask = new Int32Array(1);
  #slotWords = 1;
  #state = 0;
  /** Position of the first end not reached. */
  #first = 0;
  #left = 0;
  /** The last step used an open operation whose value nothing has looked at yet. */
  #unseen = 0;
  #cursor = NONE;
  #depth = 0;
  #pathEntry = new Int32Array(32);
  #pathState = new Int32Array(32);
  #pathFirst = new Int32Array(32);
  /** 1: it only observed; 2: `unseen` before it. */
  #pathFlags = new Uint8Array(32);
  #pathMask = new Int32Array(32);
  #blocked = NONE;
  readonly #states = new Set<number>();

  begin(frame: SearchFrame): void {
    const { problem, eventCount } = frame;
    if (problem === null) throw new Error('the frame is not prepared');
    this.#frame = frame;
    this.#kind = problem.kind;
    this.#slotWords = frame.slotWords;
    this.#reserve(problem.count, eventCount);
    for (let entry = 0; entry <= eventCount; entry++) {
      this.#next[entry] = entry + 1;
      this.#previous[entry] = entry - 1;
    }
    this.#next[eventCount] = NONE;
    this.#lifted.fill(0, 0, problem.count);
    this.#numberOpen(problem.count);
    this.#mask.fill(0);
    this.#open.fill(0);
    this.#memo.clear(2 + this.#slotWords + this.#openWords);
    this.#state = frame.initial;
    this.#left = frame.closed;
    this.#first = 0;
    this.#advance();
    this.#unseen = 0;
    this.#cursor = NONE;
    this.#depth = 0;
    this.#blocked = NONE;
    this.#states.clear();
    this.steps = 0;
  }

  /** Goes on for so many steps at most. */
  run(mostSteps: number): SearchOutcome {
    const until = this.steps + mostSteps;
    while (this.#left > 0) {
      if (++this.steps > until || this.#memo.full) return 'undecided';
      if (this.#cursor === NONE) {
        this.#observeAll();
        if (this.#left === 0) break;
        this.#cursor = this.#remember() ? (this.#next[HEAD] as number) : this.#backtrack();
      } else {
        const entry = this.#choose(this.#cursor);
        if (entry !== NONE) {
          this.#lift(entry, 0);
          this.#cursor = NONE;
          continue;
        }
        this.#cursor = this.#backtrack();
      }
      if (this.#cursor === NONE) return 'illegal';
    }
    return 'legal';
  }

  /** True when there is no room for more configurations. */
  get full(): boolean {
    return this.#memo.full;
  }

  /** After `legal`: a witness, as operations of the problem. */
  order(): number[] {
    const order: number[] = [];
    for (let step = 0; step < this.#depth; step++) {
      order.push(this.#operationAt(this.#pathEntry[step] as number));
    }
    return order;
  }

  /** After `illegal`: the operation at whose end the shortest illegal prefix ends. */
  get blockedBy(): number {
    return this.#operationAt(this.#blocked);
  }

  /** After `illegal`: the states (numbers of the frame) the register may have when `blockedBy` must have happened. */
  get states(): number[] {
    return [...this.#states];
  }

  /** The furthest end that no order tried could reach, as a position in the frame's events; -1: none yet. */
  get furthest(): number {
    return this.#blocked - 1;
  }

  #operationAt(entry: number): number {
    const event = this.#frame.events[entry - 1] as number;
    return event < 0 ? ~event : event;
  }

  #reserve(count: number, eventCount: number): void {
    if (this.#next.length <= eventCount + 1) {
      this.#next = new Int32Array(eventCount * 2 + 2);
      this.#previous = new Int32Array(eventCount * 2 + 2);
    }
    if (this.#lifted.length < count) {
      this.#lifted = new Uint8Array(count * 2);
      this.#openBit = new Int32Array(count * 2);
      this.#pathEntry = new Int32Array(count * 2);
      this.#pathState = new Int32Array(count * 2);
      this.#pathFirst = new Int32Array(count * 2);
      this.#pathFlags = new Uint8Array(count * 2);
    }
    const masks = count * this.#slotWords;
    if (this.#pathMask.length < masks) this.#pathMask = new Int32Array(masks * 2);
    if (this.#mask.length < this.#slotWords) this.#mask = new Int32Array(this.#slotWords);
  }

  #numberOpen(count: number): void {
    let open = 0;
    const { classMembers } = this.#frame;
    for (const members of classMembers) for (const one of members) this.#openBit[one] = open++;
    this.#openWords = (Math.min(open, count) + 31) >> 5;
    if (this.#open.length < this.#openWords) this.#open = wider(this.#open, this.#openWords * 2);
  }

  /** Does every read and refused compare that fits, until none does. */
  #observeAll(): void {
    const { events, value } = this.#frame;
    const next = this.#next;
    for (let entry = next[HEAD] as number; entry !== NONE; entry = next[entry] as number) {
      const operation = events[entry - 1] as number;
      if (operation < 0) return;
      const kind = this.#kind[operation];
      const same = value[operation] === this.#state;
      // When its end was the next one, the calls behind that are in reach now, and the scan goes on over them.
      if ((kind === READ && same) || (kind === REFUSED && !same)) this.#lift(entry, 1);
    }
  }

  /** The next entry from `cursor` on that may be done now, or NONE at the first end. */
  #choose(cursor: number): number {
    const { events, value, classOf } = this.#frame;
    let entry = cursor;
    for (; ; entry = this.#next[entry] as number) {
      const operation = events[entry - 1] as number;
      if (operation < 0) break;
      const kind = this.#kind[operation];
      if (kind === CAS ? value[operation] !== this.#state : kind !== WRITE) continue;
      if (kind === WRITE && this.#unseen === 1) continue;
      if ((classOf[operation] as number) >= 0 && !this.#worthOpening(operation)) continue;
      return entry;
    }
    if (entry > this.#blocked) {
      this.#blocked = entry;
      this.#states.clear();
    }
    if (entry === this.#blocked) this.#states.add(this.#state);
    return NONE;
  }

  #worthOpening(operation: number): boolean {
    const { to, nth, classOf, classMembers } = this.#frame;
    if (to[operation] === this.#state) return false;
    const before = (nth[operation] as number) - 1;
    if (before < 0) return true;
    const members = classMembers[classOf[operation] as number] as number[];
    return this.#lifted[members[before] as number] === 1;
  }

  #lift(entry: number, observing: number): void {
    const { events, to, end, slot, classOf } = this.#frame;
    const operation = events[entry - 1] as number;
    const step = this.#depth++;
    this.#pathEntry[step] = entry;
    this.#pathState[step] = this.#state;
    this.#pathFirst[step] = this.#first;
    this.#pathFlags[step] = observing | (this.#unseen << 1);
    const words = this.#slotWords;
    for (let word = 0; word < words; word++) {
      this.#pathMask[step * words + word] = this.#mask[word] as number;
    }
    this.#lifted[operation] = 1;
    if ((classOf[operation] as number) >= 0) {
      const bit = this.#openBit[operation] as number;
      this.#open[bit >> 5] = (this.#open[bit >> 5] as number) | (1 << (bit & 31));
      this.#unseen = 1;
    } else {
      const bit = slot[operation] as number;
      this.#mask[bit >> 5] = (this.#mask[bit >> 5] as number) | (1 << (bit & 31));
      this.#unlink((end[operation] as number) + 1);
      this.#left--;
      this.#unseen = 0;
      if (end[operation] === this.#first) this.#advance();
    }
    this.#unlink(entry);
    if (observing === 0) this.#state = to[operation] as number;
  }

  /** Moves on to the first end that is not reached; slots of those that are, become free. */
  #advance(): void {
    const { events, eventCount, slot } = this.#frame;
    let position = this.#first;
    for (; position < eventCount; position++) {
      const event = events[position] as number;
      if (event >= 0) continue;
      if (this.#lifted[~event] === 0) break;
      const bit = slot[~event] as number;
      this.#mask[bit >> 5] = (this.#mask[bit >> 5] as number) & ~(1 << (bit & 31));
    }
    this.#first = position;
  }

  /** Undoes steps up to and with the last choice; the entry to go on from, or NONE when there is none. */
  #backtrack(): number {
    const { events, end, classOf } = this.#frame;
    const words = this.#slotWords;
    while (this.#depth > 0) {
      const step = --this.#depth;
      const entry = this.#pathEntry[step] as number;
      const operation = events[entry - 1] as number;
      this.#relink(entry);
      if ((classOf[operation] as number) >= 0) {
        const bit = this.#openBit[operation] as number;
        this.#open[bit >> 5] = (this.#open[bit >> 5] as number) & ~(1 << (bit & 31));
      } else {
        this.#relink((end[operation] as number) + 1);
        this.#left++;
      }
      this.#lifted[operation] = 0;
      this.#state = this.#pathState[step] as number;
      this.#first = this.#pathFirst[step] as number;
      const flags = this.#pathFlags[step] as number;
      this.#unseen = flags >> 1;
      for (let word = 0; word < words; word++) {
        this.#mask[word] = this.#pathMask[step * words + word] as number;
      }
      if ((flags & 1) === 0) return this.#next[entry] as number;
    }
    return NONE;
  }

  #unlink(entry: number): void {
    const before = this.#previous[entry] as number;
    const after = this.#next[entry] as number;
    this.#next[before] = after;
    if (after !== NONE) this.#previous[after] = before;
  }

  #relink(entry: number): void {
    this.#next[this.#previous[entry] as number] = entry;
    const after = this.#next[entry] as number;
    if (after !== NONE) this.#previous[after] = entry;
  }

  /** Adds the configuration to the memo; false when it was tried before. */
  #remember(): boolean {
    const { key } = this.#memo;
    key[0] = this.#first;
    key[1] = this.#state * 2 + this.#unseen;
    let length = 2;
    for (let word = 0; word < this.#slotWords; word++) key[length++] = this.#mask[word] as number;
    for (let word = 0; word < this.#openWords; word++) key[length++] = this.#open[word] as number;
    return this.#memo.add();
  }
}

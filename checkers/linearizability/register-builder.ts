/** Builds a register problem from operations as they come, in the order of real time, without an object for each. */
import type { Value } from '../../harness/operation.ts';
import { isList, isRecord, unwrapValue } from '../value-text.ts';
import { CAS, NEVER, READ, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';
import { ValueNumbers } from './value-numbers.ts';

/** How answers are to be read. */
export interface RegisterReading {
  /** The value at the beginning. Default: null, absent. */
  readonly initial?: Value | undefined;
  /** A completed read of null says nothing (`any`), or that the value is absent. Default: initial. */
  readonly nilReads?: 'any' | 'initial' | undefined;
  /** A `fail` of a cas: nothing is learned, or it was compared and another value found. Default: dropped. */
  readonly failedCas?: 'dropped' | 'compared' | undefined;
}

/** Instead of an operation's number: its value is against the conventions. */
export const MALFORMED = -1;
/** While building: the operation is left out of the problem. */
const DROPPED = -1;
const FIRST_CAPACITY = 32;

/** One register's operations. `clear` makes it ready for the next register; its problem is valid until then. */
export class RegisterBuilder {
  readonly values = new ValueNumbers();
  #reading: RegisterReading;
  #initial = 0;
  #count = 0;
  #rank = 0;
  #dropped = 0;
  #openReads = 0;
  #kind = new Uint8Array(FIRST_CAPACITY);
  #value = new Int32Array(FIRST_CAPACITY);
  #to = new Int32Array(FIRST_CAPACITY);
  #call = new Int32Array(FIRST_CAPACITY);
  #end = new Int32Array(FIRST_CAPACITY);
  #source = new Int32Array(FIRST_CAPACITY);
  #completion = new Int32Array(FIRST_CAPACITY);
  #events = new Int32Array(FIRST_CAPACITY * 2);

  constructor(reading: RegisterReading = {}) {
    this.#reading = reading;
    this.clear(reading);
  }

  /** Invocations so far, those that tell nothing included. */
  get length(): number {
    return this.#count;
  }

  clear(reading: RegisterReading = this.#reading): void {
    this.#reading = reading;
    this.#count = 0;
    this.#rank = 0;
    this.#dropped = 0;
    this.#openReads = 0;
    this.values.clear();
    this.#initial = this.values.idOf(reading.initial ?? null);
  }

  /** A read begins. @returns the operation's number here, for its completion. */
  read(source: number): number {
    this.#openReads++;
    return this.#invoke(READ, 0, 0, source);
  }

  write(value: Value, source: number): number {
    const number = this.values.idOf(unwrapValue(value));
    return this.#invoke(WRITE, number, number, source);
  }

  /** MALFORMED when the value is neither [from, to] nor {from, to}. */
  cas(value: Value, source: number): number {
    const comparison = comparisonOf(value);
    if (comparison === null) return MALFORMED;
    const { from, to } = comparison;
    return this.#invoke(CAS, this.values.idOf(from), this.values.idOf(to), source);
  }

  /** The operation's answer came. A cas is refused when its answer is {swapped: false}. */
  ok(operation: number, value: Value, completion: number): void {
    const kind = this.#kind[operation];
    if (kind === READ) {
      this.#openReads--;
      const answer = unwrapValue(value);
      if (answer === null && this.#reading.nilReads === 'any') return this.#drop(operation);
      const number = this.values.idOf(answer);
      this.#value[operation] = number;
      this.#to[operation] = number;
    } else if (kind === CAS && isRecord(value) && value['swapped'] === false) {
      this.#refuse(operation);
    }
    this.#endHere(operation, completion);
  }

  /** It had no effect. */
  fail(operation: number, completion: number): void {
    const kind = this.#kind[operation];
    if (kind === READ) this.#openReads--;
    if (kind !== CAS || this.#reading.failedCas !== 'compared') return this.#drop(operation);
    this.#refuse(operation);
    this.#endHere(operation, completion);
  }

  /** The problem so far: reads that are still open are left out. Valid until the next change. */
  build(): RegisterProblem {
    if (this.#dropped + this.#openReads > 0) this.#compact();
    return {
      count: this.#count,
      kind: this.#kind,
      value: this.#value,
      to: this.#to,
      call: this.#call,
      end: this.#end,
      source: this.#source,
      completion: this.#completion,
      events: this.#events,
      eventCount: this.#rank,
      initial: this.#initial,
      valueCount: this.values.size,
    };
  }

  #invoke(kind: number, value: number, to: number, source: number): number {
    const operation = this.#count++;
    if (operation === this.#kind.length) this.#grow();
    this.#kind[operation] = kind;
    this.#value[operation] = value;
    this.#to[operation] = to;
    this.#call[operation] = this.#rank;
    this.#end[operation] = NEVER;
    this.#source[operation] = source;
    this.#events[this.#rank++] = operation;
    return operation;
  }

  #endHere(operation: number, completion: number): void {
    this.#completion[operation] = completion;
    this.#end[operation] = this.#rank;
    this.#events[this.#rank++] = ~operation;
  }

  #refuse(operation: number): void {
    this.#kind[operation] = REFUSED;
    this.#to[operation] = this.#value[operation] as number;
  }

  #drop(operation: number): void {
    this.#end[operation] = DROPPED;
    this.#dropped++;
  }

  /** Operations that tell nothing go; the others move up. After it no operation may be completed. */
  #compact(): void {
    const renamed = new Int32Array(this.#count);
    let kept = 0;
    for (let from = 0; from < this.#count; from++) {
      const end = this.#end[from] as number;
      const gone = end === DROPPED || (end === NEVER && this.#kind[from] === READ);
      renamed[from] = gone ? -1 : kept;
      if (gone) continue;
      this.#kind[kept] = this.#kind[from] as number;
      this.#value[kept] = this.#value[from] as number;
      this.#to[kept] = this.#to[from] as number;
      this.#source[kept] = this.#source[from] as number;
      this.#completion[kept] = this.#completion[from] as number;
      this.#end[kept] = NEVER;
      kept++;
    }
    let rank = 0;
    for (let from = 0; from < this.#rank; from++) {
      const event = this.#events[from] as number;
      const operation = renamed[event < 0 ? ~event : event] as number;
      if (operation < 0) continue;
      (event < 0 ? this.#end : this.#call)[operation] = rank;
      this.#events[rank++] = event < 0 ? ~operation : operation;
    }
    this.#count = kept;
    this.#rank = rank;
    this.#dropped = 0;
    this.#openReads = 0;
  }

  #grow(): void {
    const capacity = this.#kind.length * 2;
    const kind = new Uint8Array(capacity);
    kind.set(this.#kind);
    this.#kind = kind;
    this.#value = wider(this.#value, capacity);
    this.#to = wider(this.#to, capacity);
    this.#call = wider(this.#call, capacity);
    this.#end = wider(this.#end, capacity);
    this.#source = wider(this.#source, capacity);
    this.#completion = wider(this.#completion, capacity);
    this.#events = wider(this.#events, capacity * 2);
  }
}

/** What a cas compares with and what it puts there; null when the value is neither [from, to] nor {from, to}. */
export function comparisonOf(value: Value): { readonly from: Value; readonly to: Value } | null {
  if (isList(value)) {
    return value.length === 2 ? { from: value[0] ?? null, to: value[1] ?? null } : null;
  }
  if (!isRecord(value) || !('from' in value) || !('to' in value)) return null;
  return { from: value['from'] ?? null, to: value['to'] ?? null };
}

/** The same numbers with room for more. */
export function wider(numbers: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(numbers);
  return larger;
}

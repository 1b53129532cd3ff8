/**
 * Judges a register while its history grows: carries every configuration that the operations so far allow, breadth first
 * (see demand-engine). Pending operations and those of unknown outcome may still happen, so what it rejects no
 * continuation can make legal.
 *
 * A line is looked at when the outcome of every operation called before it is known: it lags by the slowest operation.
 */
import type { OperationType, Value } from '../../harness/operation.ts';
import { isRecord, textOf, unwrapValue } from '../value-text.ts';
import { DemandEngine } from './demand-engine.ts';
import { comparisonOf } from './register-builder.ts';
import type { RegisterReading } from './register-builder.ts';
import { CAS, READ, REFUSED, WRITE } from './register-problem.ts';
import { ValueNumbers } from './value-numbers.ts';

/** One line of a history. */
export interface IncrementalEvent {
  readonly index: number;
  readonly process: number;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Value;
}

export interface IncrementalOptions extends RegisterReading {
  /** More configurations than these are not carried: it gives up. Default: 20 000. */
  readonly mostConfigurations?: number;
}

/** The first completion that no order of the operations so far can reach. */
export interface IncrementalViolation {
  /** Indexes of the operation's lines. */
  readonly invocation: number;
  readonly completion: number;
}

interface Waiting {
  readonly invocation: IncrementalEvent;
  completion: IncrementalEvent | null;
  slot: number;
}

type Line = { readonly waiting: Waiting; readonly isCall: boolean };

const NO_SLOT = -1;
/** It tells nothing or had no effect. */
const DROPPED = -2;
const MOST_CONFIGURATIONS = 20_000;
const SLOTS_A_WORD = 32;

export class IncrementalRegister {
  readonly #reading: IncrementalOptions;
  readonly #values = new ValueNumbers();
  readonly #engine = new DemandEngine();
  readonly #open = new Map<number, Waiting>();
  /** Lines whose turn has not come; the first `#read` of them are done with. */
  #lines: Line[] = [];
  #read = 0;
  #words = 1;
  readonly #slots: (Waiting | undefined)[] = [];
  readonly #classes = new Map<string, number>();
  /** The configurations that are left, one after the other. */
  #frontier: Int32Array;
  #size = 1;
  #position = 0;
  #violation: IncrementalViolation | null = null;
  #gaveUp = false;

  constructor(options: IncrementalOptions = {}) {
    this.#reading = options;
    this.#engine.clear(1, 2);
    this.#frontier = new Int32Array(this.#engine.nodes.width);
    this.#frontier[0] = this.#values.idOf(options.initial ?? null);
  }

  /** Configurations carried. */
  get configurations(): number {
    return this.#size;
  }

  /** Lines that wait for the outcome of an operation before them. */
  get waiting(): number {
    return this.#lines.length - this.#read;
  }

  /** It had too many configurations to carry: it says nothing any more. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /**
   * The next line. @returns the violation, also if it was found before; null when there is none so far.
   * @throws TypeError naming the line, when it is not of the conventions or does not pair.
   */
  add(line: IncrementalEvent): IncrementalViolation | null {
    const before = this.#open.get(line.process);
    if (line.type === 'invoke') {
      if (before !== undefined) throw misplaced(line, 'has an operation outstanding');
      const waiting = { invocation: line, completion: null, slot: NO_SLOT };
      this.#open.set(line.process, waiting);
      this.#lines.push({ waiting, isCall: true });
      return this.#violation;
    }
    if (before === undefined) throw misplaced(line, 'has nothing outstanding');
    this.#open.delete(line.process);
    before.completion = line;
    this.#lines.push({ waiting: before, isCall: false });
    this.#readLines(false);
    return this.#violation;
  }

  /** No more lines will come: what is outstanding may have happened. */
  finish(): IncrementalViolation | null {
    this.#readLines(true);
    return this.#violation;
  }

  #readLines(all: boolean): void {
    for (; this.#read < this.#lines.length; this.#read++) {
      const { waiting, isCall } = this.#lines[this.#read] as Line;
      if (isCall && waiting.completion === null && !all) break;
      if (this.#violation !== null || this.#gaveUp) continue;
      if (isCall) this.#call(waiting);
      else this.#end(waiting);
    }
    if (this.#read * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#read);
    this.#read = 0;
  }

  #call(waiting: Waiting): void {
    const { invocation, completion } = waiting;
    const { f, value } = invocation;
    const outcome = completion?.type ?? 'info';
    const answer = completion?.value ?? null;
    waiting.slot = DROPPED;
    if (f === 'read') {
      const read = unwrapValue(answer);
      const says = outcome === 'ok' && !(read === null && this.#reading.nilReads === 'any');
      if (says) this.#begin(waiting, READ, read, read);
    } else if (f === 'write') {
      const written = unwrapValue(value);
      if (outcome === 'info') this.#beginOpen(WRITE, written, written);
      else if (outcome === 'ok') this.#begin(waiting, WRITE, written, written);
    } else if (f === 'cas') {
      const { from, to } = comparisonOf(value) ?? refuse(invocation, '{from, to} or [from, to]');
      const answered = outcome === 'ok' && isRecord(answer) && answer['swapped'] === false;
      const compared = outcome === 'fail' && this.#reading.failedCas === 'compared';
      if (answered || compared) this.#begin(waiting, REFUSED, from, from);
      else if (outcome === 'ok') this.#begin(waiting, CAS, from, to);
      else if (outcome === 'info') this.#beginOpen(CAS, from, to);
    } else refuse(invocation, 'an operation read, write or cas');
  }

  #begin(waiting: Waiting, kind: number, value: Value, to: Value): void {
    const [number, after] = [this.#numberOf(value), this.#numberOf(to)];
    let slot = 0;
    while (this.#slots[slot] !== undefined) slot++;
    this.#slots[slot] = waiting;
    waiting.slot = slot;
    if (slot >= this.#words * SLOTS_A_WORD) this.#widen();
    this.#engine.pending.add(slot, kind, number, after, 0);
  }

  #beginOpen(kind: number, value: Value, to: Value): void {
    const { pending, counts } = this.#engine;
    const [number, after] = [this.#numberOf(value), this.#numberOf(to)];
    if (kind === CAS && number === after) return;
    const name = `${String(kind)} ${String(number)} ${String(after)}`;
    let which = this.#classes.get(name);
    if (which === undefined) {
      which = pending.addClass(kind, number, after);
      this.#classes.set(name, which);
      counts.reserve(pending.classCount);
    }
    pending.available[which] = (pending.available[which] as number) + 1;
    pending.openCalled++;
  }

  #numberOf(value: Value): number {
    const number = this.#values.idOf(value);
    this.#engine.pending.reserveValue(number);
    return number;
  }

  /** Everything goes on past the operation's end. */
  #end(waiting: Waiting): void {
    const { slot, invocation, completion } = waiting;
    if (slot < 0 || completion === null) return;
    const engine = this.#engine;
    const { width } = engine.nodes;
    const position = this.#position++;
    engine.clearNodes();
    for (let at = 0; at < this.#size; at++) {
      engine.pushCopy(position, this.#frontier, at * width);
    }
    this.#size = 0;
    const most = this.#reading.mostConfigurations ?? MOST_CONFIGURATIONS;
    while (engine.depth > 0) {
      const node = engine.stack[--engine.depth] as number;
      if (engine.nodes.positionOf(node) === position) engine.expand(node, slot, position + 1);
      else this.#keep(node);
      if (this.#size > most || engine.nodes.full) this.#gaveUp = true;
      if (this.#gaveUp) return;
    }
    engine.pending.remove(slot);
    this.#slots[slot] = undefined;
    if (this.#size === 0) {
      this.#violation = { invocation: invocation.index, completion: completion.index };
    } else this.#forgetCounts();
  }

  #keep(node: number): void {
    const { width } = this.#engine.nodes;
    const at = this.#size++ * width;
    if (at + width > this.#frontier.length) {
      const larger = new Int32Array((at + width) * 2);
      larger.set(this.#frontier);
      this.#frontier = larger;
    }
    this.#engine.nodes.copy(node, this.#frontier, at);
  }

  /** Counts of open operations that no configuration has any more are forgotten, now and then. */
  #forgetCounts(): void {
    const { counts } = this.#engine;
    const { width } = this.#engine.nodes;
    if (counts.size < 1_024 + 4 * this.#size) return;
    const used = new Int32Array(this.#size);
    for (let at = 0; at < this.#size; at++) used[at] = this.#frontier[at * width + 1] as number;
    counts.compact(used).forEach((vector, at) => {
      this.#frontier[at * width + 1] = vector;
    });
  }

  /** One more word of slots: everything is laid out anew. */
  #widen(): void {
    const before = this.#words;
    const width = this.#engine.nodes.width;
    const words = before + 1;
    const wide = new Int32Array(this.#size * (2 + 2 * words));
    for (let at = 0; at < this.#size; at++) {
      const from = at * width;
      const to = at * (2 + 2 * words);
      wide.set(this.#frontier.subarray(from, from + 2 + before), to);
      wide.set(this.#frontier.subarray(from + 2 + before, from + width), to + 2 + words);
    }
    this.#frontier = wide;
    this.#words = words;
    this.#engine.widen(words, this.#values.size);
  }
}

function misplaced({ index, type, process }: IncrementalEvent, what: string): TypeError {
  return new TypeError(
    `history line ${String(index)}: ${type} of process ${String(process)}, which ${what}`,
  );
}

function refuse({ index, type, f, value }: IncrementalEvent, expected: string): never {
  throw new TypeError(
    `history line ${String(index)}: ${type} of ${f} has the value ${textOf(value)}; expected ${expected}`,
  );
}

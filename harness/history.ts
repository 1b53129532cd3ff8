/**
 * Histories: recording operations in their real-time order, and pairing invocations with completions afterwards.
 */
import type { Clock } from './clock.ts';
import { Listeners } from './feed.ts';
import type { Journal } from './journal.ts';
import { LineEncoder } from './line-encoder.ts';
import type {
  Nanoseconds,
  NodeName,
  Operation,
  OperationError,
  OperationType,
  Process,
  Value,
} from './operation.ts';

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Told of each operation, before whoever recorded it goes on. Default: nobody yet. */
  readonly listeners?: Listeners<Operation>;
}

/** How many operations of each type were recorded. */
export type OperationCounts = Record<OperationType, number>;

/**
 * Stamps, numbers and journals operations: one for all phases of a run. The stamp, the index and the line are made in
 * one synchronous step, so that index order is the real-time order, and times never decrease along it.
 */
export class Recorder {
  readonly counts: OperationCounts = { invoke: 0, ok: 0, fail: 0, info: 0 };
  readonly #clock: Clock;
  readonly #encoder: LineEncoder;
  readonly #listeners: Listeners<Operation>;
  #count = 0;
  #time: Nanoseconds = 0;
  // The operation recorded last.
  #type: OperationType = 'invoke';
  #process: Process = 0;
  #f = '';
  #value: Value = null;
  #node: NodeName = '';
  #session: string | undefined = undefined;
  #error: OperationError | undefined = undefined;
  #latest: Operation | null = null;

  constructor(options: RecorderOptions) {
    this.#clock = options.clock;
    this.#encoder = new LineEncoder(options.journal);
    this.#listeners = options.listeners ?? new Listeners<Operation>();
  }

  /** Operations recorded so far; the next one's index. */
  get count(): number {
    return this.#count;
  }

  /** When the last one was recorded. */
  get time(): Nanoseconds {
    return this.#time;
  }

  /**
   * Records one operation now, and tells the listeners. Makes no object of it unless somebody listens or asks for the
   * `latest`: at hundreds of thousands a second they would be most of the garbage.
   * @throws StoreFullError, or TypeError when the value is not JSON: it is not recorded then
   */
  record(
    type: OperationType,
    process: Process,
    f: string,
    value: Value,
    node: NodeName,
    session?: string,
    error?: OperationError,
  ): void {
    const now = this.#clock.now();
    const time = now > this.#time ? now : this.#time;
    this.#encoder.write(this.#count, time, process, type, f, value, node, session, error);
    this.#time = time;
    this.#count++;
    this.counts[type]++;
    this.#type = type;
    this.#process = process;
    this.#f = f;
    this.#value = value;
    this.#node = node;
    this.#session = session;
    this.#error = error;
    this.#latest = null;
    if (this.#listeners.any) this.#listeners.call(this.latest());
  }

  /** The operation recorded last. There must be one. */
  latest(): Operation {
    this.#latest ??= {
      index: this.#count - 1,
      time: this.#time,
      process: this.#process,
      type: this.#type,
      f: this.#f,
      value: this.#value,
      node: this.#node,
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
    return this.#latest;
  }

  /** Calls back at each operation, before whoever recorded it goes on. */
  onOperation(listener: (operation: Operation) => void): Disposable {
    return this.#listeners.add(listener);
  }
}

/** In a pairing: this operation has no partner (its process never heard, or the run was cut off). */
export const UNPAIRED = -1;

/** A history in which some process has two operations outstanding, or an answer without a question. */
export class MalformedHistoryError extends Error {
  override readonly name = 'MalformedHistoryError';
  /** Position in the history. */
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/**
 * For each position of the history that of its partner: an invocation's completion, a completion's invocation, or
 * UNPAIRED. Positions, not indexes, so that it works on filtered histories too.
 * @throws MalformedHistoryError
 */
export function pairs(history: readonly Operation[]): Int32Array {
  const partners = new Int32Array(history.length).fill(UNPAIRED);
  const open = new Map<Process, number>();
  history.forEach(({ process, type, index }, position) => {
    const invoked = open.get(process);
    if (type === 'invoke') {
      if (invoked !== undefined) {
        throw new MalformedHistoryError(
          position,
          `operation ${index}: process ${process} invokes while its operation ${history[invoked]?.index} is outstanding`,
        );
      }
      open.set(process, position);
      return;
    }
    if (invoked === undefined || partners[invoked] !== UNPAIRED) {
      throw new MalformedHistoryError(
        position,
        `operation ${index}: "${type}" of process ${process}, which has nothing outstanding; expected an "invoke" first`,
      );
    }
    partners[position] = invoked;
    partners[invoked] = position;
    // An `info` leaves its process outstanding for ever: a retired process must not invoke again.
    if (type !== 'info') open.delete(process);
  });
  return partners;
}

/** The completion of an invocation (or the invocation of a completion), or null. */
export function partnerOf(
  history: readonly Operation[],
  partners: Int32Array,
  position: number,
): Operation | null {
  return history[partners[position] ?? UNPAIRED] ?? null;
}

/** The operations of these `f`s, in order. */
export function ofFunctions(history: readonly Operation[], fs: Iterable<string>): Operation[] {
  const wanted = new Set(fs);
  return history.filter(({ f }) => wanted.has(f));
}

/** The operations of one type, in order. */
export function ofType(history: readonly Operation[], type: OperationType): Operation[] {
  return history.filter((operation) => operation.type === type);
}

/** The operations recorded in [from, to), in order. */
export function between(
  history: readonly Operation[],
  from: Nanoseconds,
  to: Nanoseconds,
): Operation[] {
  return history.filter(({ time }) => time >= from && time < to);
}

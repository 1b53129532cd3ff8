/** Reads a register's parsed history, in its order, into a builder. */
import type { OperationType, Value } from '../../harness/operation.ts';
import { textOf } from '../value-text.ts';
import { MALFORMED } from './register-builder.ts';
import type { RegisterBuilder } from './register-builder.ts';

/** One line of a history. Its place in the list is its place in real time. */
export interface RegisterEvent {
  readonly process: number;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Value;
}

const NOTHING = -1;
/** Processes below this are found in an array. */
const MOST_DIRECT = 1 << 16;

/** What each process has outstanding. */
export class Outstanding {
  #direct = new Int32Array(32).fill(NOTHING);
  readonly #others = new Map<number, number>();
  #most = 0;

  clear(): void {
    this.#direct.fill(NOTHING, 0, this.#most);
    this.#most = 0;
    if (this.#others.size > 0) this.#others.clear();
  }

  /** What the process began; -1: nothing. */
  of(process: number): number {
    if (process >= 0 && process < this.#direct.length) return this.#direct[process] as number;
    return this.#others.get(process) ?? NOTHING;
  }

  begin(process: number, operation: number): void {
    if (process >= this.#direct.length && process < MOST_DIRECT) this.#widen(process);
    if (process >= 0 && process < this.#direct.length) {
      this.#direct[process] = operation;
      if (process >= this.#most) this.#most = process + 1;
    } else this.#others.set(process, operation);
  }

  end(process: number): void {
    if (process >= 0 && process < this.#direct.length) this.#direct[process] = NOTHING;
    else this.#others.delete(process);
  }

  #widen(process: number): void {
    const larger = new Int32Array(process * 2).fill(NOTHING);
    larger.set(this.#direct);
    this.#direct = larger;
    for (const [other, operation] of this.#others) {
      if (other < 0 || other >= larger.length) continue;
      larger[other] = operation;
      if (other >= this.#most) this.#most = other + 1;
      this.#others.delete(other);
    }
  }
}

/**
 * @param builder cleared before.
 * @throws TypeError naming the line, for values against the conventions, functions other than read, write and cas, and
 *   lines that do not pair.
 */
export function readRegisterEvents(
  events: readonly RegisterEvent[],
  builder: RegisterBuilder,
  outstanding: Outstanding,
): void {
  outstanding.clear();
  const { length } = events;
  for (let index = 0; index < length; index++) {
    const event = events[index] as RegisterEvent;
    const { process, type } = event;
    const open = outstanding.of(process);
    if (type === 'invoke') {
      if (open !== NOTHING) throw misplaced(index, event, 'has an operation outstanding');
      outstanding.begin(process, invoke(builder, event, index));
      continue;
    }
    if (open === NOTHING) throw misplaced(index, event, 'has nothing outstanding');
    if (type === 'ok') builder.ok(open, event.value, index);
    else if (type === 'fail') builder.fail(open, index);
    outstanding.end(process);
  }
}

function invoke(builder: RegisterBuilder, event: RegisterEvent, index: number): number {
  const { f, value } = event;
  if (f === 'read') return builder.read(index);
  if (f === 'write') return builder.write(value, index);
  if (f !== 'cas') {
    throw new TypeError(`line ${String(index)}: expected f read, write or cas, got ${textOf(f)}`);
  }
  const operation = builder.cas(value, index);
  if (operation !== MALFORMED) return operation;
  throw new TypeError(
    `line ${String(index)}: cas of ${textOf(value)}; expected {from, to} or [from, to]`,
  );
}

function misplaced(index: number, { type, process }: RegisterEvent, what: string): TypeError {
  return new TypeError(
    `line ${String(index)}: ${type} of process ${String(process)}, which ${what}`,
  );
}

/** From the loose fields of an operation map to operations: one for each file, it numbers and checks them. */
import type { Operation, OperationType, Value } from '../harness/operation.ts';
import { unknownName } from '../harness/nearest.ts';
import type { OperationBatch } from './format.ts';
import { shown } from './json-text.ts';
import type { SourceFile } from './source-file.ts';

const TYPES = ['invoke', 'ok', 'fail', 'info'] as const;
const TYPE_NAMES: ReadonlySet<unknown> = new Set(TYPES);

/** What formats of the Jepsen family say of an operation. Undefined: not said. */
export interface LooseOperation {
  readonly process: unknown;
  readonly type: unknown;
  readonly f: unknown;
  readonly value: unknown;
  readonly time?: unknown;
  readonly index?: unknown;
}

/** Makes operations of what a file says, in its order, and gives them out by batches. */
export class OperationReader {
  readonly #source: SourceFile;
  #operations: Operation[] = [];
  #lines: number[] = [];
  #count = 0;
  #time = 0;
  /** What each process asked last, for completions that do not repeat it. */
  readonly #asked = new Map<number, string>();
  #missingF = false;

  constructor(source: SourceFile) {
    this.#source = source;
  }

  /** Operations read so far. */
  get count(): number {
    return this.#count;
  }

  /** How many wait to be taken. */
  get waiting(): number {
    return this.#operations.length;
  }

  /**
   * One operation map. Those of processes that are no numbers (`nemesis`) are not clients' and are left out.
   * @throws HistoryFormatError
   */
  add(loose: LooseOperation, line: number): void {
    const process = loose.process ?? 0;
    if (typeof process !== 'number' || process < 0) {
      if (typeof process === 'string' || typeof process === 'number') return;
      throw this.#source.problem(`process: expected a whole number, got ${shown(process)}`, line);
    }
    if (!Number.isSafeInteger(process)) {
      throw this.#source.problem(`process: expected a whole number, got ${String(process)}`, line);
    }
    const type = this.#typeOf(loose.type, line);
    const value = loose.value === undefined ? null : (loose.value as Value);
    const f = this.#functionOf(loose.f, process, value, line);
    if (type === 'invoke') this.#asked.set(process, f);
    this.push(process, type, f, value, line, loose.time);
  }

  /** An operation already checked. */
  push(
    process: number,
    type: OperationType,
    f: string,
    value: Value,
    line: number,
    time?: unknown,
  ): void {
    const index = this.#count++;
    this.#operations.push({ index, time: this.#timeOf(time), process, type, f, value, node: '' });
    this.#lines.push(line);
  }

  /** What was read since it was last asked. */
  take(): OperationBatch {
    const batch = { operations: this.#operations, lines: this.#lines };
    this.#operations = [];
    this.#lines = [];
    return batch;
  }

  #typeOf(type: unknown, line: number): OperationType {
    if (TYPE_NAMES.has(type)) return type as OperationType;
    if (typeof type === 'string')
      throw this.#source.problem(unknownName('type', type, TYPES), line);
    throw this.#source.problem(
      `type: expected one of ${TYPES.join(', ')}, got ${shown(type)}`,
      line,
    );
  }

  /** Elle's own histories leave out the function of transactions; some clients do not repeat it in a completion. */
  #functionOf(f: unknown, process: number, value: Value, line: number): string {
    if (typeof f === 'string') return f;
    if (f !== undefined && f !== null) {
      throw this.#source.problem(`f: expected a name, got ${shown(f)}`, line);
    }
    const asked = this.#asked.get(process);
    if (asked !== undefined) return asked;
    const isTransaction = Array.isArray(value) && value.every((part) => Array.isArray(part));
    if (isTransaction || this.#missingF) {
      this.#missingF = true;
      return 'txn';
    }
    throw this.#source.problem(
      'f: expected a name (only transactions may be without), got nothing',
      line,
    );
  }

  /** Times that are no numbers, negative or earlier than the line before are read as the line before's. */
  #timeOf(time: unknown): number {
    if (time === undefined || time === null)
      return (this.#time = Math.max(this.#time, this.#count - 1));
    if (typeof time === 'number' && time > this.#time && time < Number.MAX_SAFE_INTEGER) {
      this.#time = time;
    }
    return this.#time;
  }
}

/** Splits a history of registers by key as it comes, line by line. */
import type { Operation, Value } from '../../harness/operation.ts';
import { identityOf, isList, isRecord, textOf } from '../value-text.ts';
import { MALFORMED, RegisterBuilder } from './register-builder.ts';
import type { RegisterReading } from './register-builder.ts';

/** One register. */
export interface RegisterPartition {
  /** Null when the history is of a single register. */
  readonly key: Value;
  readonly builder: RegisterBuilder;
}

interface Open {
  readonly partition: RegisterPartition;
  readonly operation: number;
}

/**
 * Values are of a single register, or the second of a pair [key, value] (Jepsen's independent keys): told by the first
 * line that can tell, a read that is invoked with a pair, or a cas of [key, [from, to]].
 */
export class RegisterPartitions {
  readonly #reading: RegisterReading;
  readonly #partitions = new Map<string, RegisterPartition>();
  readonly #open = new Map<number, Open>();
  /** Null as long as only writes came, which are kept here. */
  #keyed: boolean | null = null;
  #undecided: Operation[] = [];

  constructor(reading: RegisterReading) {
    this.#reading = reading;
  }

  /** @throws TypeError naming the line, when it is not of the conventions or does not pair. */
  add(line: Operation): void {
    if (this.#keyed !== null) return this.#take(line, this.#keyed);
    const keyed = tellsKeyed(line);
    if (keyed === null) {
      this.#undecided.push(line);
      return;
    }
    this.#keyed = keyed;
    this.#takeUndecided();
    this.#take(line, keyed);
  }

  finish(): RegisterPartition[] {
    this.#keyed ??= false;
    this.#takeUndecided();
    return [...this.#partitions.values()];
  }

  #takeUndecided(): void {
    for (const line of this.#undecided) this.#take(line, this.#keyed === true);
    this.#undecided = [];
  }

  #take(line: Operation, keyed: boolean): void {
    const { type, process, index } = line;
    const open = this.#open.get(process);
    if (type === 'invoke') {
      if (open !== undefined) throw misplaced(line, 'has an operation outstanding');
      this.#open.set(process, this.#invoke(line, keyed));
      return;
    }
    if (open === undefined) throw misplaced(line, 'has nothing outstanding');
    this.#open.delete(process);
    const { partition, operation } = open;
    if (type === 'fail') partition.builder.fail(operation, index);
    else if (type === 'ok') {
      partition.builder.ok(operation, keyed ? answerOf(line) : line.value, index);
    }
  }

  #invoke(line: Operation, keyed: boolean): Open {
    const { f, index } = line;
    const { key, value } = keyed ? splitOf(line) : { key: null, value: line.value };
    const partition = this.#partitionOf(key);
    const { builder } = partition;
    if (f === 'read') return { partition, operation: builder.read(index) };
    if (f === 'write') return { partition, operation: builder.write(value, index) };
    if (f !== 'cas') {
      throw new TypeError(
        `history line ${String(index)}: expected f read, write or cas, got ${textOf(f)}`,
      );
    }
    const operation = builder.cas(value, index);
    if (operation === MALFORMED) throw malformed(line, '{from, to} or [from, to]');
    return { partition, operation };
  }

  #partitionOf(key: Value): RegisterPartition {
    const identity = identityOf(key);
    let partition = this.#partitions.get(identity);
    if (partition === undefined) {
      partition = { key, builder: new RegisterBuilder(this.#reading) };
      this.#partitions.set(identity, partition);
    }
    return partition;
  }
}

/** Whether a line of a register shows its values to be `[key, value]`; null: it says nothing, as a write does not. */
export function tellsKeyed({ type, f, value }: Operation): boolean | null {
  if (type !== 'invoke' || f === 'write') return null;
  const isPair = isList(value) && value.length === 2;
  if (f !== 'cas') return isPair;
  const inner = isPair ? (value[1] ?? null) : null;
  return (isList(inner) && inner.length === 2) || (isRecord(inner) && 'from' in inner);
}

function splitOf(line: Operation): { key: Value; value: Value } {
  const { value } = line;
  if (isList(value) && value.length === 2)
    return { key: value[0] ?? null, value: value[1] ?? null };
  throw malformed(line, 'a pair [key, value]');
}

/** A completion may leave out the pair when it answers nothing (a write's or a cas's). */
function answerOf(line: Operation): Value {
  return line.f === 'read' || isList(line.value) ? splitOf(line).value : line.value;
}

function malformed(line: Operation, expected: string): TypeError {
  return new TypeError(
    `history line ${String(line.index)}: ${line.type} of ${line.f} has the value ` +
      `${textOf(line.value)}; expected ${expected}`,
  );
}

function misplaced({ index, type, process }: Operation, what: string): TypeError {
  return new TypeError(
    `history line ${String(index)}: ${type} of process ${String(process)}, which ${what}`,
  );
}

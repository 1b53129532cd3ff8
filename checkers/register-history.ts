/** A history as operations on single registers: values made numbers, times made ranks. */
import type { Operation, Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { pairOperations } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { identityOf, isList, isRecord, textOf, unwrapValue } from './value-text.ts';

/** What an operation does. A refused compare tells that the value was another one at some moment. */
export type RegisterKind = 'read' | 'write' | 'cas' | 'refused';

/** One operation on one register. Values are numbers that stand for them; equal values, equal numbers. */
export interface RegisterOperation {
  readonly kind: RegisterKind;
  /** read: what it returned; write: what it wrote; cas and refused: what it compared with. */
  readonly value: number;
  /** The state after a write or cas. */
  readonly to: number;
  /** Indexes in the history. `end` is Infinity for an open operation: at any time from `call` on, or never. */
  readonly call: number;
  readonly end: number;
  readonly pair: OperationPair;
}

/** What happened to one register. */
export interface RegisterHistory {
  /** Null when the history is of a single register. */
  readonly key: Value;
  /** In order of call. `fail`s, and reads that told nothing, are left out. */
  readonly operations: readonly RegisterOperation[];
  /** What each number stands for. */
  readonly values: readonly Value[];
  /** The number of the value at the beginning. */
  readonly initial: number;
}

export interface RegisterOptions {
  /** Default: ['read']. */
  readonly reads: readonly string[];
  /** Default: ['write']. */
  readonly writes: readonly string[];
  /** Default: ['cas']. */
  readonly cas: readonly string[];
  /** Values are [key, value] pairs; each key is judged for itself. Default: false. */
  readonly keyed: boolean;
  /** Default: null, absent. */
  readonly initial: Value;
}

/** @throws TypeError when an option is of another type. */
export function registerOptions(options: CheckOptions): RegisterOptions {
  return {
    reads: namesOption(options, 'reads', ['read']),
    writes: namesOption(options, 'writes', ['write']),
    cas: namesOption(options, 'cas', ['cas']),
    keyed: flagOption(options, 'keyed', false),
    initial: options['initial'] ?? null,
  };
}

/**
 * One register history for each key.
 * @throws TypeError for values that are not of the register's conventions, naming the history line.
 */
export function registerHistories(
  history: readonly Operation[],
  options: RegisterOptions,
): RegisterHistory[] {
  const reads = new Set(options.reads);
  const writes = new Set(options.writes);
  const cas = new Set(options.cas);
  const builders = new Map<string, RegisterBuilder>();
  for (const pair of pairOperations(history)) {
    const { f } = pair.invoke;
    const kind = reads.has(f) ? 'read' : writes.has(f) ? 'write' : cas.has(f) ? 'cas' : null;
    if (kind === null || pair.completion?.type === 'fail') continue;
    const key = options.keyed ? splitKeyed(pair.invoke).key : null;
    const identity = identityOf(key);
    let builder = builders.get(identity);
    if (builder === undefined) {
      builder = new RegisterBuilder(key, options);
      builders.set(identity, builder);
    }
    builder.add(pair, kind);
  }
  return [...builders.values()].map((builder) => builder.build());
}

class RegisterBuilder {
  private readonly key: Value;
  private readonly keyed: boolean;
  private readonly operations: RegisterOperation[] = [];
  private readonly values: Value[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly initial: number;

  constructor(key: Value, options: RegisterOptions) {
    this.key = key;
    this.keyed = options.keyed;
    this.initial = this.number(options.initial);
  }

  add(pair: OperationPair, f: 'read' | 'write' | 'cas'): void {
    const { invoke } = pair;
    const completion = pair.completion?.type === 'ok' ? pair.completion : null;
    const call = invoke.index;
    const end = completion?.index ?? Infinity;
    const push = (kind: RegisterKind, value: Value, to: Value): void => {
      const number = this.number(value);
      const after = kind === 'write' || kind === 'cas' ? this.number(to) : number;
      this.operations.push({ kind, value: number, to: after, call, end, pair });
    };
    if (f === 'write') {
      const value = unwrapValue(this.plain(invoke));
      push('write', value, value);
    } else if (f === 'cas') {
      const { from, to } = comparison(invoke, this.plain(invoke));
      const refused = completion !== null && !swapped(completion, this.plain(completion));
      push(refused ? 'refused' : 'cas', from, to);
    } else if (completion !== null) {
      const value = unwrapValue(this.plain(completion));
      push('read', value, value);
    }
  }

  build(): RegisterHistory {
    const { key, operations, values, initial } = this;
    return { key, operations, values, initial };
  }

  private plain(operation: Operation): Value {
    if (!this.keyed) return operation.value;
    const { key, value } = splitKeyed(operation);
    if (identityOf(key) === identityOf(this.key)) return value;
    throw malformed(operation, `the key ${textOf(this.key)} of its invocation`);
  }

  private number(value: Value): number {
    const identity = identityOf(value);
    let number = this.numbers.get(identity);
    if (number === undefined) {
      number = this.values.length;
      this.values.push(value);
      this.numbers.set(identity, number);
    }
    return number;
  }
}

/**
 * The key and the value of a keyed operation.
 * @throws TypeError when its value is not a pair.
 */
export function splitKeyed(operation: Operation): { key: Value; value: Value } {
  const { value } = operation;
  if (isList(value) && value.length === 2)
    return { key: value[0] ?? null, value: value[1] ?? null };
  throw malformed(operation, 'a pair [key, value]');
}

function comparison(operation: Operation, value: Value): { from: Value; to: Value } {
  if (isList(value) && value.length === 2) return { from: value[0] ?? null, to: value[1] ?? null };
  if (isRecord(value) && 'from' in value && 'to' in value) {
    return { from: value['from'] ?? null, to: value['to'] ?? null };
  }
  throw malformed(operation, '{from, to} or [from, to]');
}

function swapped(operation: Operation, value: Value): boolean {
  const answer = isRecord(value) ? value['swapped'] : undefined;
  if (typeof answer === 'boolean') return answer;
  throw malformed(operation, '{swapped: true or false}');
}

/** A value that breaks the conventions: a bug in a client or workload, never the system's. */
export function malformed(operation: Operation, expected: string): TypeError {
  return new TypeError(
    `history line ${String(operation.index)}: ${operation.type} of ${operation.f} has the value ` +
      `${textOf(operation.value)}; expected ${expected}`,
  );
}

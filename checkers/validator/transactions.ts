/** A history as transactions of micro-operations, read for the validator alone. */
import type { Operation, Value } from '../../harness/operation.ts';
import { identityOf, isList } from '../value-text.ts';
import { recordedOperations } from './recorded-operations.ts';
import type { RecordedOperation } from './recorded-operations.ts';

/** `append` of lists and `w` of registers are writes. */
export interface MicroOperation {
  readonly kind: 'read' | 'write';
  readonly key: string;
  /** What was written; or what a completed transaction read: a list for lists (null read as empty), else the value. */
  readonly value: Value;
}

export interface Transaction extends RecordedOperation {
  readonly index: number;
  readonly committed: boolean;
  /** Reads only where their answers are known. */
  readonly micro: readonly MicroOperation[];
}

export interface Transactions {
  readonly lists: boolean;
  readonly all: ReadonlyMap<number, Transaction>;
  /** Those that wrote a value to a key: by `identityOf([key, value])`. Failed ones too. */
  readonly writers: ReadonlyMap<string, readonly Transaction[]>;
}

const known = new WeakMap<readonly Operation[], Transactions>();

export function transactionsOf(history: readonly Operation[], lists: boolean): Transactions {
  let found = known.get(history);
  if (found?.lists !== lists) {
    found = readAll(history, lists);
    known.set(history, found);
  }
  return found;
}

function readAll(history: readonly Operation[], lists: boolean): Transactions {
  const all = new Map<number, Transaction>();
  const writers = new Map<string, Transaction[]>();
  for (const [index, operation] of recordedOperations(history)) {
    const committed = operation.end !== Infinity && !operation.failed;
    const micro = microOperations(operation, committed, lists);
    const transaction = { ...operation, index, committed, micro };
    all.set(index, transaction);
    for (const { kind, key, value } of micro) {
      if (kind !== 'write') continue;
      const name = writtenName(key, value);
      const others = writers.get(name);
      if (others === undefined) writers.set(name, [transaction]);
      else if (others.at(-1) !== transaction) others.push(transaction);
    }
  }
  return { lists, all, writers };
}

function microOperations(
  operation: RecordedOperation,
  committed: boolean,
  lists: boolean,
): MicroOperation[] {
  const value = committed ? (operation.output ?? null) : operation.input;
  if (!isList(value)) return [];
  const micro: MicroOperation[] = [];
  for (const one of value) {
    if (!isList(one)) continue;
    const [f, key = null, argument = null] = one;
    if (f === 'r') {
      if (!committed) continue;
      const read = lists && argument === null ? [] : argument;
      micro.push({ kind: 'read', key: identityOf(key), value: read });
    } else micro.push({ kind: 'write', key: identityOf(key), value: argument });
  }
  return micro;
}

/** Names a version: a value written to a key. */
export function writtenName(key: string, value: Value): string {
  return `${key} ${identityOf(value)}`;
}

/** The elements of a list that was read. */
export function elementsOf(value: Value): readonly Value[] {
  return isList(value) ? value : [];
}

/** What it read of each key before it wrote there itself: the first such read. */
export function externalReads({ micro }: Transaction): Map<string, Value> {
  const reads = new Map<string, Value>();
  const touched = new Set<string>();
  for (const { kind, key, value } of micro) {
    if (kind === 'read' && !touched.has(key)) reads.set(key, value);
    touched.add(key);
  }
  return reads;
}

/** All that it read of a key before it wrote there itself. */
export function readsOfOthers({ micro }: Transaction, key: string): Value[] {
  const reads: Value[] = [];
  for (const one of micro) {
    if (one.key !== key) continue;
    if (one.kind === 'write') break;
    reads.push(one.value);
  }
  return reads;
}

/** What it wrote last to each key. */
export function finalWrites({ micro }: Transaction): Map<string, Value> {
  const writes = new Map<string, Value>();
  for (const { kind, key, value } of micro) if (kind === 'write') writes.set(key, value);
  return writes;
}

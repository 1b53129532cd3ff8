/**
 * Lost updates: several committed transactions that read the same version of a key, each before it wrote the key.
 * Whatever the order of their writes, one of them went unseen (Berenson et al., "A critique of ANSI SQL isolation
 * levels", 1995).
 */
import { OK, READ, type TransactionColumns } from './columns.ts';
import { NONE } from './list-versions.ts';
import type { FaultList } from './transaction-faults.ts';

const MOST_NAMED = 8;

/** @param transactionOf of each micro-operation: its transaction. */
export function findLostUpdates(
  columns: TransactionColumns,
  transactionOf: Int32Array,
  faults: FaultList,
): void {
  const updates = new Updates(columns, transactionOf);
  for (let t = 0; t < columns.count; t++) if (columns.type[t] === OK) updates.add(t);
  updates.report(faults);
}

/** The key was written before it was read, or its update is counted already. */
const NOT_READ = -1;

class Updates {
  readonly #columns: TransactionColumns;
  readonly #transactionOf: Int32Array;
  /** Of each version: the first read of it by a transaction that then wrote its key. Empty lists: of each key. */
  readonly #firstOf: Int32Array;
  readonly #firstOfEmpty: Int32Array;
  /** Where there are several: the transactions, by the first read. */
  readonly #several = new Map<number, number[]>();
  /** Of each key: the transaction that touched it last, and its first read. */
  readonly #touchedBy: Int32Array;
  readonly #read: Int32Array;

  constructor(columns: TransactionColumns, transactionOf: Int32Array) {
    this.#columns = columns;
    this.#transactionOf = transactionOf;
    const keys = columns.versions.keys.size;
    this.#firstOf = new Int32Array(columns.versions.size).fill(NONE);
    this.#firstOfEmpty = new Int32Array(keys).fill(NONE);
    this.#touchedBy = new Int32Array(keys).fill(NONE);
    this.#read = new Int32Array(keys);
  }

  add(t: number): void {
    const { firstOp, endOp, kind, key } = this.#columns;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      const k = key[op] as number;
      if (this.#touchedBy[k] !== t) {
        this.#touchedBy[k] = t;
        this.#read[k] = kind[op] === READ ? op : NOT_READ;
      } else if (kind[op] !== READ && this.#read[k] !== NOT_READ) {
        this.#addUpdate(t, this.#read[k] as number);
        this.#read[k] = NOT_READ;
      }
    }
  }

  report(faults: FaultList): void {
    for (const [read, transactions] of this.#several) {
      const version = this.#versionRead(read);
      faults.add('lost-update', this.#columns.key[read] as number, version, transactions);
    }
  }

  /** The register's version; of lists the last element, NONE where they are empty. */
  #versionRead(op: number): number {
    const { reads, value, length, elements } = this.#columns;
    const start = value[op] as number;
    if (reads === 'registers') return start;
    const size = length[op] as number;
    return size === 0 ? NONE : (elements[start + size - 1] as number);
  }

  #addUpdate(t: number, read: number): void {
    const version = this.#versionRead(read);
    const column = version === NONE ? this.#firstOfEmpty : this.#firstOf;
    const index = version === NONE ? (this.#columns.key[read] as number) : version;
    const first = column[index] as number;
    if (first === NONE) {
      column[index] = read;
    } else if (this.#areEqual(first, read)) {
      const known = this.#several.get(first);
      if (known === undefined) this.#several.set(first, [this.#transactionOf[first] as number, t]);
      else if (known.length < MOST_NAMED) known.push(t);
    }
  }

  /** Lists that end alike may yet differ, where their order is broken. */
  #areEqual(a: number, b: number): boolean {
    const { value, length, elements } = this.#columns;
    if (length[a] !== length[b]) return false;
    const size = length[a] as number;
    for (let i = 0; i < size; i++) {
      if (elements[(value[a] as number) + i] !== elements[(value[b] as number) + i]) return false;
    }
    return true;
  }
}

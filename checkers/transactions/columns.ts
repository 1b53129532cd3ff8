/**
 * A history of transactions as columns: numbers in typed arrays, nothing an object for each transaction.
 *
 * Transactions are numbered by their invocation (by their completion where the history holds no invocation).
 */
import type { VersionTable } from './version-table.ts';

/** What is known of a transaction's end. INFO also where it never completed. */
export const OK = 0;
export const INFO = 1;
export const FAIL = 2;

/** What a micro-operation does. */
export const APPEND = 0;
export const READ = 1;
export const WRITE = 2;

/** A read whose answer is not known. */
export const UNKNOWN = -1;
/** The completion index of a transaction that never completed, and the invocation index of one that is not recorded. */
export const NEVER = 0x7fffffff;
export const UNRECORDED = -1;

export interface TransactionColumns {
  /** How many transactions. */
  readonly count: number;
  /** OK, INFO or FAIL. */
  readonly type: Uint8Array;
  /** The process's number, counted from 0 as they appear. */
  readonly process: Int32Array;
  /** Index in the history of the invocation; UNRECORDED where there is none. */
  readonly invoke: Int32Array;
  /** Index in the history of the completion; NEVER where there is none. */
  readonly completion: Int32Array;
  /** The micro-operations of transaction t are firstOp[t] up to, not including, endOp[t]. */
  readonly firstOp: Int32Array;
  readonly endOp: Int32Array;
  /** APPEND, READ or WRITE, of each micro-operation. */
  readonly kind: Uint8Array;
  /** The key's id (`versions.keyOf`). */
  readonly key: Int32Array;
  /**
   * append, write: the version written. Read of a register: the version read (of value null when it was absent). Read of
   * a list: where its elements begin in `elements`. UNKNOWN for a read whose answer is not known.
   */
  readonly value: Int32Array;
  /** Reads of lists: how many elements. */
  readonly length: Int32Array;
  /** Versions, the elements of all lists that were read, one list after the other. */
  readonly elements: Int32Array;
  /** Invocations (2t) and completions (2t + 1) in the order of the history. */
  readonly events: Int32Array;
  readonly versions: VersionTable;
  /** Whether reads are of lists or of registers. */
  readonly reads: 'lists' | 'registers';
}

/** How certificates name a transaction: the index of its invocation, of its completion where that is not recorded. */
export function nameOf(columns: TransactionColumns, transaction: number): number {
  const invoke = columns.invoke[transaction] as number;
  return invoke === UNRECORDED ? (columns.completion[transaction] as number) : invoke;
}

/**
 * The versions of lists, and their order.
 *
 * Elements are unique, so a list that was read tells the order in which all its elements were appended. Of each key the
 * longest list that a completed transaction read gives the order of its versions. An element that is in no such list came
 * after all that are. A key with a single append and no read has the one version.
 */
import { APPEND, FAIL, OK, READ, type TransactionColumns } from './columns.ts';

/** No version, transaction or micro-operation. */
export const NONE = -1;

export interface ListVersions {
  /** Of each version: who appended it; NONE where nobody did. */
  readonly writer: Int32Array;
  /** Of each version: 1 where its transaction appended more to the key afterwards. */
  readonly isIntermediate: Uint8Array;
  /** Of each version: its place in the order of its key, from 0; NONE where it is in no list. */
  readonly position: Int32Array;
  /** Of each version: the one before and after it in the order. NONE at the ends and outside. */
  readonly previous: Int32Array;
  readonly next: Int32Array;
  /** Of each key: the first and the last version in its order; NONE where it has none. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Of each key: the micro-operation that read the longest list; NONE where none read any. */
  readonly longest: Int32Array;
  /** Of each read: 1 where its list is a prefix of the longest one of its key. */
  readonly isPrefix: Uint8Array;
  /** Of each micro-operation: its transaction. */
  readonly transactionOf: Int32Array;
  /** A version that was appended more than once, and by whom; null where there is none. Then there is no order. */
  readonly repeated: { readonly version: number; readonly transactions: readonly number[] } | null;
}

export function listVersionsOf(columns: TransactionColumns): ListVersions {
  const size = columns.versions.size;
  const keys = columns.versions.keys.size;
  const filled = (length: number): Int32Array => new Int32Array(length).fill(NONE);
  const transactionOf = transactionsOfOps(columns);
  const { writer, isIntermediate, repeated } = writersOf(columns, transactionOf, APPEND);
  const longest = longestReads(columns);
  const versions: ListVersions = {
    writer,
    isIntermediate,
    position: filled(size),
    previous: filled(size),
    next: filled(size),
    first: filled(keys),
    last: filled(keys),
    longest,
    isPrefix: prefixes(columns, longest),
    transactionOf,
    repeated,
  };
  for (let key = 0; key < keys; key++) {
    const op = longest[key] as number;
    if (op === NONE) continue;
    const start = columns.value[op] as number;
    const end = start + (columns.length[op] as number);
    for (let i = start; i < end; i++) addToOrder(versions, key, columns.elements[i] as number);
  }
  addSingleAppends(columns, versions);
  return versions;
}

/** Of each micro-operation: its transaction. */
export function transactionsOfOps(columns: TransactionColumns): Int32Array {
  const { count, firstOp, endOp, kind } = columns;
  const transactionOf = new Int32Array(kind.length);
  for (let t = 0; t < count; t++) transactionOf.fill(t, firstOp[t], endOp[t]);
  return transactionOf;
}

/** Who wrote each version, which of them were written over at once, and one that was written twice. */
export function writersOf(
  columns: TransactionColumns,
  transactionOf: Int32Array,
  write: number,
): Pick<ListVersions, 'writer' | 'isIntermediate' | 'repeated'> {
  const { kind, key, value, versions } = columns;
  const writer = new Int32Array(versions.size).fill(NONE);
  const isIntermediate = new Uint8Array(versions.size);
  // Of each key: the micro-operation that wrote it last.
  const latest = new Int32Array(versions.keys.size).fill(NONE);
  let repeated: ListVersions['repeated'] = null;
  for (let op = 0; op < kind.length; op++) {
    if (kind[op] !== write) continue;
    const version = value[op] as number;
    const t = transactionOf[op] as number;
    const other = writer[version] as number;
    if (other === NONE || columns.type[other] === FAIL) writer[version] = t;
    if (other !== NONE) repeated ??= { version, transactions: [...new Set([other, t])] };
    const before = latest[key[op] as number] as number;
    if (before !== NONE && transactionOf[before] === t) isIntermediate[value[before] as number] = 1;
    latest[key[op] as number] = op;
  }
  return { writer, isIntermediate, repeated };
}

function longestReads(columns: TransactionColumns): Int32Array {
  const { count, type, firstOp, endOp, kind, key, length } = columns;
  const longest = new Int32Array(columns.versions.keys.size).fill(NONE);
  for (let t = 0; t < count; t++) {
    if (type[t] !== OK) continue;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] !== READ || length[op] === 0) continue;
      const known = longest[key[op] as number] as number;
      if (known === NONE || (length[known] as number) < (length[op] as number)) {
        longest[key[op] as number] = op;
      }
    }
  }
  return longest;
}

function prefixes(columns: TransactionColumns, longest: Int32Array): Uint8Array {
  const { kind, key, length } = columns;
  const isPrefix = new Uint8Array(kind.length);
  for (let op = 0; op < kind.length; op++) {
    if (kind[op] !== READ) continue;
    const reference = longest[key[op] as number] as number;
    isPrefix[op] = length[op] === 0 || commonLength(columns, op, reference) === length[op] ? 1 : 0;
  }
  return isPrefix;
}

/** How many elements two lists that were read have in common from their beginning. */
export function commonLength(
  { value, length, elements }: TransactionColumns,
  one: number,
  other: number,
): number {
  const most = Math.min(length[one] as number, length[other] as number);
  if (one === other) return most;
  const start = value[one] as number;
  const reference = value[other] as number;
  let i = 0;
  while (i < most && elements[start + i] === elements[reference + i]) i++;
  return i;
}

function addToOrder(versions: ListVersions, key: number, version: number): void {
  if (versions.position[version] !== NONE) return;
  const last = versions.last[key] as number;
  if (last === NONE) {
    versions.first[key] = version;
    versions.position[version] = 0;
  } else {
    versions.next[last] = version;
    versions.previous[version] = last;
    versions.position[version] = (versions.position[last] as number) + 1;
  }
  versions.last[key] = version;
}

/** A key that one append alone may have touched needs no read. */
function addSingleAppends(columns: TransactionColumns, versions: ListVersions): void {
  const { kind, key, value, type } = columns;
  const appends = new Int32Array(versions.longest.length);
  const only = new Int32Array(versions.longest.length).fill(NONE);
  for (let op = 0; op < kind.length; op++) {
    if (kind[op] !== APPEND || type[versions.transactionOf[op] as number] === FAIL) continue;
    const k = key[op] as number;
    appends[k] = (appends[k] as number) + 1;
    only[k] = value[op] as number;
  }
  for (let k = 0; k < appends.length; k++) {
    if (appends[k] === 1 && versions.longest[k] === NONE) {
      addToOrder(versions, k, only[k] as number);
    }
  }
}

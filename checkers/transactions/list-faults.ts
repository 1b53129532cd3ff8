/** Anomalies of lists that show in one transaction or two, without any cycle. */
import { APPEND, FAIL, INFO, OK, READ, type TransactionColumns } from './columns.ts';
import { NONE, commonLength, type ListVersions } from './list-versions.ts';
import type { FaultList } from './transaction-faults.ts';

/**
 * - `G1a`: a read shows an element of a transaction that failed.
 * - `G1b`: a read ends with an element that its transaction appended more to.
 * - `duplicate-elements`: an element is twice in one list.
 * - `unproduced-read`: nobody appended an element that a read shows.
 * - `incompatible-order`: of two lists of a key neither is a prefix of the other.
 * - `internal`: a read contradicts the transaction's own reads and appends before.
 * - `reordered-appends`: a list shows two elements of one transaction in the order it did not append them in.
 * - `future-read`: a read shows what the transaction appends only afterwards.
 * - `dirty-update`: a committed element follows one that failed.
 */
export function findListFaults(
  columns: TransactionColumns,
  versions: ListVersions,
  faults: FaultList,
): void {
  const reads = new ListReads(columns, versions, faults);
  const own = new OwnExpectations(columns, versions, faults);
  for (let t = 0; t < columns.count; t++) {
    if (columns.type[t] !== FAIL) own.checkAppends(t);
    if (columns.type[t] !== OK) continue;
    reads.check(t);
    own.check(t);
  }
  for (let key = 0; key < versions.first.length; key++) {
    findDirtyUpdates(columns, versions, key, orderOf(versions, key), faults);
  }
}

/** What an element that was read may be. */
const FAILED = 1;
const UNPRODUCED = 2;

/** Reads against the order of the versions: what holds of the longest list need not be looked for in its prefixes. */
class ListReads {
  readonly #columns: TransactionColumns;
  readonly #versions: ListVersions;
  readonly #faults: FaultList;
  /** Of each version: FAILED where a failed transaction appended it, UNPRODUCED where nobody did. */
  readonly #origin: Uint8Array;
  /** Of each key: how many elements of the longest list come before its first of these, and its first repeated one. */
  readonly #beforeFailed: Int32Array;
  readonly #beforeUnproduced: Int32Array;
  readonly #distinct: Int32Array;
  /** Of each version: the read that held it last, to tell repetitions. */
  readonly #seenIn: Int32Array;

  constructor(columns: TransactionColumns, versions: ListVersions, faults: FaultList) {
    this.#columns = columns;
    this.#versions = versions;
    this.#faults = faults;
    this.#origin = Uint8Array.from(versions.writer, (t) => {
      if (t === NONE) return UNPRODUCED;
      return columns.type[t] === FAIL ? FAILED : 0;
    });
    this.#seenIn = new Int32Array(versions.writer.length).fill(NONE);
    const keys = versions.longest.length;
    this.#beforeFailed = new Int32Array(keys);
    this.#beforeUnproduced = new Int32Array(keys);
    this.#distinct = new Int32Array(keys);
    for (let key = 0; key < keys; key++) {
      const op = versions.longest[key] as number;
      if (op === NONE) continue;
      this.#beforeFailed[key] = this.#lengthBefore(op, FAILED);
      this.#beforeUnproduced[key] = this.#lengthBefore(op, UNPRODUCED);
      this.#distinct[key] = this.#distinctLength(op);
    }
  }

  check(t: number): void {
    const { firstOp, endOp, kind, length } = this.#columns;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] === READ && (length[op] as number) > 0) this.#checkRead(t, op);
    }
  }

  #checkRead(t: number, op: number): void {
    const { key, value, length, elements } = this.#columns;
    const { writer, isIntermediate, longest, transactionOf } = this.#versions;
    const k = key[op] as number;
    const size = length[op] as number;
    const start = value[op] as number;
    const isPrefix = this.#versions.isPrefix[op] === 1;
    const last = elements[start + size - 1] as number;
    if (isIntermediate[last] === 1 && writer[last] !== t) {
      this.#faults.add('G1b', k, last, [writer[last] as number, t]);
    }
    const beforeFailed = isPrefix
      ? (this.#beforeFailed[k] as number)
      : this.#lengthBefore(op, FAILED);
    if (beforeFailed < size) {
      const element = elements[start + beforeFailed] as number;
      this.#faults.add('G1a', k, element, [writer[element] as number, t]);
    }
    const beforeUnproduced = isPrefix
      ? (this.#beforeUnproduced[k] as number)
      : this.#lengthBefore(op, UNPRODUCED);
    if (beforeUnproduced < size) {
      const element = elements[start + beforeUnproduced] as number;
      this.#faults.add('unproduced-read', k, element, [t]);
    }
    const distinct = isPrefix ? (this.#distinct[k] as number) : this.#distinctLength(op);
    if (distinct < size) {
      this.#faults.add('duplicate-elements', k, elements[start + distinct] as number, [t]);
    }
    if (!isPrefix) {
      const longestOp = longest[k] as number;
      const other = transactionOf[longestOp] as number;
      const common = commonLength(this.#columns, op, longestOp);
      this.#faults.add('incompatible-order', k, elements[start + common] as number, [other, t]);
      const list = elements.subarray(start, start + size);
      findDirtyUpdates(this.#columns, this.#versions, k, list, this.#faults);
    }
  }

  /** How many elements come before the first of that origin. */
  #lengthBefore(op: number, origin: number): number {
    const { value, length, elements } = this.#columns;
    const size = length[op] as number;
    const start = value[op] as number;
    for (let i = 0; i < size; i++) {
      if (this.#origin[elements[start + i] as number] === origin) return i;
    }
    return size;
  }

  /** How many elements come before the first that is a repetition. */
  #distinctLength(op: number): number {
    const { value, length, elements } = this.#columns;
    const size = length[op] as number;
    const start = value[op] as number;
    for (let i = 0; i < size; i++) {
      const version = elements[start + i] as number;
      if (this.#seenIn[version] === op) return i;
      this.#seenIn[version] = op;
    }
    return size;
  }
}

/** What a transaction must see of its own doings. */
class OwnExpectations {
  readonly #columns: TransactionColumns;
  readonly #versions: ListVersions;
  readonly #faults: FaultList;
  /** Of each key: the transaction that touched it last, and the read or (before any read) the first append in it. */
  readonly #touchedBy: Int32Array;
  readonly #since: Int32Array;
  /** Of each key: the transaction that appended last, and the place of its element. */
  readonly #appendedBy: Int32Array;
  readonly #latest: Int32Array;

  constructor(columns: TransactionColumns, versions: ListVersions, faults: FaultList) {
    this.#columns = columns;
    this.#versions = versions;
    this.#faults = faults;
    this.#touchedBy = new Int32Array(versions.longest.length).fill(NONE);
    this.#since = new Int32Array(versions.longest.length);
    this.#appendedBy = this.#touchedBy.slice();
    this.#latest = new Int32Array(versions.longest.length);
  }

  check(t: number): void {
    const { firstOp, endOp, kind, key } = this.#columns;
    const end = endOp[t] as number;
    let isContradicted = false;
    let isForetold = false;
    for (let op = firstOp[t] as number; op < end; op++) {
      const k = key[op] as number;
      const isFirst = this.#touchedBy[k] !== t;
      if (kind[op] === READ) {
        if (!isFirst && !isContradicted && !this.#agrees(op, this.#since[k] as number)) {
          isContradicted = true;
          this.#faults.add('internal', k, NONE, [t]);
        }
        this.#since[k] = op;
      } else if (isFirst) this.#since[k] = op;
      else if (!isForetold && this.#wasRead(t, op)) {
        isForetold = true;
        this.#faults.add('future-read', k, this.#columns.value[op] as number, [t]);
      }
      this.#touchedBy[k] = t;
    }
  }

  /** Its elements must be in the order of the versions as it appended them. */
  checkAppends(t: number): void {
    const { firstOp, endOp, kind, key, value } = this.#columns;
    const { position, longest, transactionOf } = this.#versions;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] !== APPEND) continue;
      const k = key[op] as number;
      const version = value[op] as number;
      const place = position[version] as number;
      if (place === NONE) continue;
      if (this.#appendedBy[k] === t && place < (this.#latest[k] as number)) {
        const reader = transactionOf[longest[k] as number] as number;
        this.#faults.add('reordered-appends', k, version, [t, reader]);
        return;
      }
      this.#appendedBy[k] = t;
      this.#latest[k] = place;
    }
  }

  /** Whether the list read by `op` is what was read at `since` and the appends from there on. */
  #agrees(op: number, since: number): boolean {
    const { kind, key, value, length, elements } = this.#columns;
    const size = length[op] as number;
    const start = value[op] as number;
    const isKnown = kind[since] === READ;
    let appended = 0;
    for (let other = since; other < op; other++) {
      if (kind[other] === APPEND && key[other] === key[op]) appended++;
    }
    const before = size - appended;
    if (before < 0 || (isKnown && before !== length[since])) return false;
    let place = start + before;
    for (let other = since; other < op; other++) {
      if (kind[other] !== APPEND || key[other] !== key[op]) continue;
      if (elements[place++] !== value[other]) return false;
    }
    if (!isKnown) return true;
    const known = value[since] as number;
    for (let i = 0; i < before; i++) {
      if (elements[start + i] !== elements[known + i]) return false;
    }
    return true;
  }

  /** Whether an earlier read of the transaction holds what `append` appends. */
  #wasRead(t: number, append: number): boolean {
    const { firstOp, kind, key, value, length, elements } = this.#columns;
    const version = value[append] as number;
    if (this.#versions.writer[version] !== t) return false;
    for (let op = firstOp[t] as number; op < append; op++) {
      if (kind[op] !== READ || key[op] !== key[append]) continue;
      const start = value[op] as number;
      const end = start + (length[op] as number);
      if (elements.subarray(start, end).includes(version)) return true;
    }
    return false;
  }
}

function findDirtyUpdates(
  { type }: TransactionColumns,
  { writer }: ListVersions,
  key: number,
  list: Iterable<number>,
  faults: FaultList,
): void {
  let aborted = NONE;
  for (const version of list) {
    const t = writer[version] as number;
    if (t === NONE || type[t] === INFO) continue;
    if (type[t] === FAIL) {
      if (aborted === NONE) aborted = t;
    } else {
      if (aborted !== NONE) faults.add('dirty-update', key, version, [aborted, t]);
      aborted = NONE;
    }
  }
}

function* orderOf({ first, next }: ListVersions, key: number): Generator<number> {
  for (let v = first[key] as number; v !== NONE; v = next[v] as number) yield v;
}

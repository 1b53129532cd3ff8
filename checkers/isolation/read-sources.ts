/**
 * Who read from whom: for registers whose values are written once, every read names the transaction that it read from.
 *
 * A transaction counts when it completed, or when a completed one read what it wrote. Faults that no order of
 * transactions can explain are found on the way (read consistency: Biswas and Enea, "On the complexity of checking
 * transactional consistency", 2019).
 */
import type { Value } from '../../harness/operation.ts';
import type { TransactionFault } from '../certificate.ts';
import { GrowingInts } from '../growing-columns.ts';
import { FAIL, nameOf, OK, READ, UNKNOWN, UNRECORDED } from '../transactions/columns.ts';
import type { TransactionColumns } from '../transactions/columns.ts';

/** No such transaction. */
export const NOBODY = -1;

export interface ReadSources {
  readonly columns: TransactionColumns;
  /** 1 for each transaction that counts. */
  readonly counts: Uint8Array;
  /** The number that stands for the writer of all initial values: that of transactions. */
  readonly initial: number;
  /** Reads of others' writes by transaction t: firstRead[t] up to, not including, firstRead[t + 1], in its order. */
  readonly firstRead: Int32Array;
  readonly readKey: Int32Array;
  readonly readVersion: Int32Array;
  /** The transaction read from, or `initial`. */
  readonly readFrom: Int32Array;
  /** Last writes of each key by transaction t: from firstWrite[t], keys ascending. */
  readonly firstWrite: Int32Array;
  readonly writeKey: Int32Array;
  readonly writeVersion: Int32Array;
  /** Transactions in the order of their sessions: session s from firstOf[s], in its order. Only those that count. */
  readonly sessions: number;
  readonly firstOf: Int32Array;
  readonly inSession: Int32Array;
  /** By transaction: its session (NOBODY when it does not count) and its place in it. */
  readonly sessionOf: Int32Array;
  readonly placeOf: Int32Array;
  /** What is wrong under every model. A few of each kind. */
  readonly faults: readonly TransactionFault[];
  /** A value that several transactions wrote, so that it is not known who was read; null when there is none. */
  readonly ambiguous: { readonly key: Value; readonly value: Value } | null;
}

/** So many faults of each kind are kept. */
const MOST_FAULTS = 8;

/** @param initial the values a key may have at the beginning. Default: null, absent. */
export function readSources(
  columns: TransactionColumns,
  initial: readonly Value[] = [null],
): ReadSources {
  return new SourceFinder(columns, initial).find();
}

class SourceFinder {
  readonly #columns: TransactionColumns;
  readonly #initial: Set<Value>;
  /** By version: who wrote it; of several the one that did not fail. */
  readonly #writer: Int32Array;
  /** By version: its place among its writer's micro-operations. */
  readonly #place: Int32Array;
  readonly #counts: Uint8Array;
  readonly #faults: TransactionFault[] = [];
  readonly #faultCounts = new Map<string, number>();
  #ambiguous: { key: Value; value: Value } | null = null;
  /** By key, while a transaction is looked at: the version it wrote last, and the transaction (+ 1). */
  readonly #own: Int32Array;
  readonly #ownOf: Int32Array;

  constructor(columns: TransactionColumns, initial: readonly Value[]) {
    const versions = columns.versions.size;
    const keys = columns.versions.keys.size;
    this.#columns = columns;
    this.#initial = new Set(initial);
    this.#writer = new Int32Array(versions).fill(NOBODY);
    this.#place = new Int32Array(versions);
    this.#counts = new Uint8Array(columns.count);
    this.#own = new Int32Array(keys);
    this.#ownOf = new Int32Array(keys);
  }

  find(): ReadSources {
    const { columns } = this;
    this.#findWriters();
    const reads = this.#findReads();
    const writes = this.#findLastWrites();
    return {
      columns,
      counts: this.#counts,
      initial: columns.count,
      ...reads,
      ...writes,
      ...sessionsOf(columns, this.#counts),
      faults: this.#faults,
      ambiguous: this.#ambiguous,
    };
  }

  private get columns(): TransactionColumns {
    return this.#columns;
  }

  #findWriters(): void {
    const { count, type, firstOp, endOp, kind, value } = this.#columns;
    for (let t = 0; t < count; t++) {
      const failed = type[t] === FAIL;
      if (type[t] === OK) this.#counts[t] = 1;
      for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
        if (kind[op] === READ) continue;
        const version = value[op] as number;
        const other = this.#writer[version] as number;
        if (other !== NOBODY && other !== t && !failed) {
          if (this.#columns.type[other] !== FAIL) this.#noteAmbiguous(version);
        } else if (other !== NOBODY && other !== t) continue;
        this.#writer[version] = t;
        this.#place[version] = op;
      }
    }
  }

  #noteAmbiguous(version: number): void {
    const { versions } = this.#columns;
    this.#ambiguous ??= {
      key: versions.keyOf(versions.keyIdOf(version)),
      value: versions.valueOf(version),
    };
  }

  #findReads(): Pick<ReadSources, 'firstRead' | 'readKey' | 'readVersion' | 'readFrom'> {
    const { count, type, firstOp, endOp, kind, key, value } = this.#columns;
    const firstRead = new Int32Array(count + 1);
    const readKey = new GrowingInts();
    const readVersion = new GrowingInts();
    const readFrom = new GrowingInts();
    for (let t = 0; t < count; t++) {
      firstRead[t] = readKey.length;
      if (type[t] !== OK) continue;
      for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
        const of = key[op] as number;
        const version = value[op] as number;
        if (kind[op] !== READ) {
          this.#own[of] = version;
          this.#ownOf[of] = t + 1;
          continue;
        }
        if (version === UNKNOWN) continue;
        if (this.#ownOf[of] === t + 1) {
          if (this.#own[of] !== version) this.#fault('internal', of, version, [t]);
          continue;
        }
        const source = this.#sourceOf(t, of, version);
        if (source === NOBODY) continue;
        readKey.push(of);
        readVersion.push(version);
        readFrom.push(source);
      }
    }
    firstRead[count] = readKey.length;
    return {
      firstRead,
      readKey: readKey.view(),
      readVersion: readVersion.view(),
      readFrom: readFrom.view(),
    };
  }

  /** Whom transaction t read; NOBODY when that is a fault. */
  #sourceOf(t: number, key: number, version: number): number {
    const { count, type, endOp, kind, key: keys } = this.#columns;
    const source = this.#writer[version] as number;
    if (source === NOBODY) {
      if (this.#initial.has(this.#columns.versions.valueOf(version))) return count;
      return this.#fault('unproduced-read', key, version, [t]);
    }
    if (source === t) return this.#fault('future-read', key, version, [t]);
    if (type[source] === FAIL) return this.#fault('G1a', key, version, [source, t]);
    this.#counts[source] = 1;
    for (let op = (this.#place[version] as number) + 1; op < (endOp[source] as number); op++) {
      if (kind[op] !== READ && keys[op] === key) {
        return this.#fault('G1b', key, version, [source, t]);
      }
    }
    return source;
  }

  #fault(anomaly: string, key: number, version: number, transactions: readonly number[]): number {
    const known = this.#faultCounts.get(anomaly) ?? 0;
    this.#faultCounts.set(anomaly, known + 1);
    if (known >= MOST_FAULTS) return NOBODY;
    const { versions } = this.#columns;
    this.#faults.push({
      kind: 'transaction-fault',
      anomaly,
      key: versions.keyOf(key),
      value: versions.valueOf(version),
      transactions: transactions.map((t) => nameOf(this.#columns, t)),
    });
    return NOBODY;
  }

  #findLastWrites(): Pick<ReadSources, 'firstWrite' | 'writeKey' | 'writeVersion'> {
    const { count, firstOp, endOp, kind, key, value } = this.#columns;
    this.#ownOf.fill(0);
    const firstWrite = new Int32Array(count + 1);
    const writeKey = new GrowingInts();
    const writeVersion = new GrowingInts();
    const found: number[] = [];
    for (let t = 0; t < count; t++) {
      firstWrite[t] = writeKey.length;
      if (this.#counts[t] !== 1) continue;
      found.length = 0;
      for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
        if (kind[op] === READ) continue;
        const of = key[op] as number;
        if (this.#ownOf[of] !== t + 1) found.push(of);
        this.#ownOf[of] = t + 1;
        this.#own[of] = value[op] as number;
      }
      found.sort((a, b) => a - b);
      for (const of of found) {
        writeKey.push(of);
        writeVersion.push(this.#own[of] as number);
      }
    }
    firstWrite[count] = writeKey.length;
    return { firstWrite, writeKey: writeKey.view(), writeVersion: writeVersion.view() };
  }
}

/**
 * Transactions by process, each begun after the one before it had ended. A process of which that cannot be said goes on
 * as another session.
 */
function sessionsOf(
  columns: TransactionColumns,
  counts: Uint8Array,
): Pick<ReadSources, 'sessions' | 'firstOf' | 'inSession' | 'sessionOf' | 'placeOf'> {
  const { count } = columns;
  const sessionOf = new Int32Array(count).fill(NOBODY);
  const sizes = new GrowingInts();
  const placeOf = new Int32Array(count);
  const lastOf = new Map<number, number>();
  for (let t = 0; t < count; t++) {
    if (counts[t] !== 1) continue;
    const process = columns.process[t] as number;
    const last = lastOf.get(process);
    const goesOn = last !== undefined && endedBefore(columns, last, t);
    if (!goesOn) sizes.push(0);
    const session = goesOn ? (sessionOf[last] as number) : sizes.length - 1;
    sessionOf[t] = session;
    placeOf[t] = sizes.at(session);
    sizes.set(session, sizes.at(session) + 1);
    lastOf.set(process, t);
  }
  const sessions = sizes.length;
  const firstOf = new Int32Array(sessions + 1);
  for (let s = 0; s < sessions; s++) firstOf[s + 1] = (firstOf[s] as number) + sizes.at(s);
  const inSession = new Int32Array(firstOf[sessions] as number);
  for (let t = 0; t < count; t++) {
    const session = sessionOf[t] as number;
    if (session === NOBODY) continue;
    inSession[(firstOf[session] as number) + (placeOf[t] as number)] = t;
  }
  return { sessions, firstOf, inSession, sessionOf, placeOf };
}

function endedBefore(
  { type, invoke, completion }: TransactionColumns,
  a: number,
  b: number,
): boolean {
  if (type[a] !== OK) return false;
  const call = invoke[b] === UNRECORDED ? completion[b] : invoke[b];
  return (completion[a] as number) < (call as number);
}

/** The version that transaction t leaves in the key; -1 when it does not write it. Binary search. */
export function lastWriteOf(sources: ReadSources, t: number, key: number): number {
  const { firstWrite, writeKey, writeVersion } = sources;
  let low = firstWrite[t] as number;
  let high = firstWrite[t + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((writeKey[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low < (firstWrite[t + 1] as number) && writeKey[low] === key
    ? (writeVersion[low] as number)
    : -1;
}

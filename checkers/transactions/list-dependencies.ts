/** Which transactions on lists must come before which others, by the order of the versions. */
import type { Value } from '../../harness/operation.ts';
import type { DependencyEdge } from '../certificate.ts';
import { textOf } from '../value-text.ts';
import { APPEND, FAIL, OK, READ, UNKNOWN, nameOf, type TransactionColumns } from './columns.ts';
import type { Dependencies } from './dependencies.ts';
import { EdgeBuffer, RW, WR, WW } from './graph.ts';
import { NONE, type ListVersions } from './list-versions.ts';

/** So many appends that no read shows get an edge from each reader of the state before them. More share a hub. */
const FEW_APPENDS = 8;

export function listDependenciesOf(
  columns: TransactionColumns,
  versions: ListVersions,
): Dependencies {
  return new ListDependencies(columns, versions);
}

class ListDependencies implements Dependencies {
  readonly transactions: number;
  readonly edges = new EdgeBuffer();
  readonly priority = [WW, WR, RW];
  readonly #columns: TransactionColumns;
  readonly #versions: ListVersions;
  /** Of each key: micro-operations that appended what no read shows. */
  readonly #unseen = new Map<number, number[]>();
  /** Of each key with many of those: its hub. */
  readonly #hubs = new Map<number, number>();

  constructor(columns: TransactionColumns, versions: ListVersions) {
    this.#columns = columns;
    this.#versions = versions;
    this.transactions = columns.count;
    for (let t = 0; t < columns.count; t++) if (columns.type[t] !== FAIL) this.#addWrites(t);
    this.#addHubs();
    for (let t = 0; t < columns.count; t++) if (columns.type[t] === OK) this.#addReads(t);
  }

  get vertices(): number {
    return this.transactions + this.#hubs.size;
  }

  #addWrites(t: number): void {
    const { firstOp, endOp, kind, key, value } = this.#columns;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] !== APPEND) continue;
      const version = value[op] as number;
      if (this.#versions.position[version] === NONE) {
        const k = key[op] as number;
        const unseen = this.#unseen.get(k);
        if (unseen === undefined) this.#unseen.set(k, [op]);
        else unseen.push(op);
      }
      const writer = this.#writerOf(this.#before(version, key[op] as number));
      if (writer !== NONE) this.edges.add(writer, t, WW);
    }
  }

  #addHubs(): void {
    for (const [key, unseen] of this.#unseen) {
      if (unseen.length <= FEW_APPENDS) continue;
      const hub = this.vertices;
      this.#hubs.set(key, hub);
      for (const op of unseen) {
        this.edges.add(hub, this.#versions.transactionOf[op] as number, RW);
      }
    }
  }

  #addReads(t: number): void {
    const { firstOp, endOp, kind, key, value, length, elements } = this.#columns;
    const { first, next, position, last } = this.#versions;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] !== READ || value[op] === UNKNOWN) continue;
      const k = key[op] as number;
      const size = length[op] as number;
      if (size === 0) {
        if (first[k] === NONE) this.#addUnseen(t, k, op);
        else this.#addOverwrite(t, first[k] as number);
        continue;
      }
      const version = elements[(value[op] as number) + size - 1] as number;
      const writer = this.#writerOf(version);
      if (writer !== NONE) this.edges.add(writer, t, WR);
      if (position[version] === NONE) continue;
      if (version === last[k]) this.#addUnseen(t, k, op);
      else if (!this.#shows(op, next[version] as number)) {
        this.#addOverwrite(t, next[version] as number);
      }
    }
  }

  #addOverwrite(reader: number, next: number): void {
    const writer = this.#writerOf(next);
    if (writer !== NONE) this.edges.add(reader, writer, RW);
  }

  /** The reader of the last state that is known precedes all appends that no longest list shows. */
  #addUnseen(reader: number, key: number, read: number): void {
    const unseen = this.#unseen.get(key);
    if (unseen === undefined) return;
    const { transactionOf, isPrefix } = this.#versions;
    const hub = this.#hubs.get(key);
    // Not through the hub to itself, nor to what the read shows although the longest list does not.
    if (hub !== undefined && isPrefix[read] === 1 && !this.#appends(reader, key)) {
      this.edges.add(reader, hub, RW);
      return;
    }
    for (const op of unseen) {
      if (this.#shows(read, this.#columns.value[op] as number)) continue;
      this.edges.add(reader, transactionOf[op] as number, RW);
    }
  }

  #appends(t: number, k: number): boolean {
    const { firstOp, endOp, kind, key } = this.#columns;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] === APPEND && key[op] === k) return true;
    }
    return false;
  }

  /** The version before: of one that no read shows, the last that is known. NONE: the empty list. */
  #before(version: number, key: number): number {
    const { position, previous, last } = this.#versions;
    return position[version] === NONE ? (last[key] as number) : (previous[version] as number);
  }

  /** Who appended it, unless that failed. */
  #writerOf(version: number): number {
    if (version === NONE) return NONE;
    const writer = this.#versions.writer[version] as number;
    return writer === NONE || this.#columns.type[writer] === FAIL ? NONE : writer;
  }

  /** Only in broken orders can a list hold what comes after its last element. */
  #shows(read: number, version: number): boolean {
    const { value, length, elements } = this.#columns;
    const start = value[read] as number;
    const size = length[read] as number;
    if (size === 0) return false;
    const isPrefix = this.#versions.isPrefix[read] === 1;
    const last = elements[start + size - 1] as number;
    if (isPrefix && this.#versions.position[last] === size - 1) return false;
    return elements.subarray(start, start + size).includes(version);
  }

  reasonOf(from: number, to: number, label: number): DependencyEdge | null {
    if (label === WR) return this.#readReason(from, to);
    const { firstOp, endOp, kind, key, value } = this.#columns;
    const end = endOp[to] as number;
    for (let op = firstOp[to] as number; op < end; op++) {
      if (kind[op] !== APPEND) continue;
      const k = key[op] as number;
      const next = value[op] as number;
      const before = this.#before(next, k);
      const holds =
        label === WW
          ? before !== NONE && this.#writerOf(before) === from
          : this.#readState(from, k, before, next);
      if (!holds) continue;
      const longest = this.#versions.longest[k] as number;
      return {
        ...this.#edge(from, to, label === WW ? 'ww' : 'rw', k, before),
        next: this.#columns.versions.valueOf(next),
        ...(longest === NONE
          ? {}
          : { witness: nameOf(this.#columns, this.#versions.transactionOf[longest] as number) }),
        because: 'read-list',
      };
    }
    return null;
  }

  #readReason(from: number, to: number): DependencyEdge | null {
    const { firstOp, endOp, kind, key, value, length, elements } = this.#columns;
    const end = endOp[to] as number;
    for (let op = firstOp[to] as number; op < end; op++) {
      if (kind[op] !== READ || (length[op] as number) === 0) continue;
      const version = elements[(value[op] as number) + (length[op] as number) - 1] as number;
      if (this.#writerOf(version) === from) {
        return this.#edge(from, to, 'wr', key[op] as number, version);
      }
    }
    return null;
  }

  /** Whether `t` read the state that ends with `last`, without `next`. */
  #readState(t: number, k: number, last: number, next: number): boolean {
    const { type, firstOp, endOp, kind, key, value, length, elements } = this.#columns;
    if (type[t] !== OK) return false;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      if (kind[op] !== READ || key[op] !== k) continue;
      const size = length[op] as number;
      const start = value[op] as number;
      const shown = size === 0 ? NONE : (elements[start + size - 1] as number);
      if (shown === last && !elements.subarray(start, start + size).includes(next)) return true;
    }
    return false;
  }

  #edge(
    from: number,
    to: number,
    type: 'ww' | 'wr' | 'rw',
    key: number,
    version: number,
  ): DependencyEdge {
    const { versions } = this.#columns;
    return {
      from: nameOf(this.#columns, from),
      to: nameOf(this.#columns, to),
      type,
      key: versions.keyOf(key),
      value: version === NONE ? null : versions.valueOf(version),
    };
  }

  wordsOf(edge: DependencyEdge, from: string, to: string): string {
    const { key = null, value = null, next = null } = edge;
    const text = (one: Value): string => textOf(one);
    switch (edge.type) {
      case 'ww':
        return `${to} appended ${text(next)} after ${from} appended ${text(value)} to ${text(key)}`;
      case 'wr':
        return `${to} observed ${from}'s append of ${text(value)} to key ${text(key)}`;
      default:
        return value === null
          ? `${from} observed the initial state of ${text(key)}, to which ${to} appended ${text(next)}`
          : `${from} did not observe ${to}'s append of ${text(next)} to ${text(key)}`;
    }
  }
}

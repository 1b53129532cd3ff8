/** Which transactions on registers must come before which others, by what they read and by the order of versions. */
import type { DependencyEdge } from '../certificate.ts';
import { textOf } from '../value-text.ts';
import { FAIL, OK, nameOf, type TransactionColumns } from './columns.ts';
import type { Dependencies } from './dependencies.ts';
import type { ExternalAccesses } from './external-accesses.ts';
import { EdgeBuffer, RW, WR, WW, graphOf, type LabelledGraph } from './graph.ts';
import { NONE } from './list-versions.ts';
import {
  BY_PROCESS,
  BY_REALTIME,
  INITIAL,
  WRITES_FOLLOW_READS,
  type RegisterVersions,
} from './register-versions.ts';

/** A version with more followers than this gets a hub between its readers and their writers. */
const FEW_FOLLOWERS = 8;

export function registerDependenciesOf(
  columns: TransactionColumns,
  accesses: ExternalAccesses,
  versions: RegisterVersions,
): Dependencies {
  return new RegisterDependencies(columns, accesses, versions);
}

class RegisterDependencies implements Dependencies {
  readonly transactions: number;
  readonly edges = new EdgeBuffer();
  readonly priority = [WR, WW, RW];
  vertices: number;
  readonly #columns: TransactionColumns;
  readonly #accesses: ExternalAccesses;
  /** From each version to those that follow it. */
  readonly #followers: LabelledGraph;
  /**
   * Of each version: the transaction that left it; NONE where there is none or several. One that need not have happened
   * did where its version was read, and only then anything follows from it.
   */
  readonly #writer: Int32Array;
  /** Of each version: its hub; 0 where it has none. */
  readonly #hub: Int32Array;

  constructor(columns: TransactionColumns, accesses: ExternalAccesses, versions: RegisterVersions) {
    this.#columns = columns;
    this.#accesses = accesses;
    this.transactions = this.vertices = columns.count;
    this.#followers = graphOf(columns.versions.size, versions.edges);
    this.#writer = writersOf(columns, accesses);
    this.#hub = new Int32Array(columns.versions.size);
    this.#addWrites();
    for (let t = 0; t < columns.count; t++) if (columns.type[t] === OK) this.#addReads(t);
  }

  #addWrites(): void {
    const { first, to, vertices } = this.#followers;
    for (let version = 0; version < vertices; version++) {
      const writer = this.#writer[version] as number;
      const begin = first[version] as number;
      const end = first[version + 1] as number;
      if (end - begin > FEW_FOLLOWERS) this.#addHub(version);
      if (writer === NONE) continue;
      for (let e = begin; e < end; e++) {
        const next = this.#writer[to[e] as number] as number;
        if (next !== NONE) this.edges.add(writer, next, WW);
      }
    }
  }

  #addHub(version: number): void {
    const hub = this.vertices++;
    this.#hub[version] = hub;
    const { first, to } = this.#followers;
    const end = first[version + 1] as number;
    for (let e = first[version] as number; e < end; e++) {
      const next = this.#writer[to[e] as number] as number;
      if (next !== NONE) this.edges.add(hub, next, RW);
    }
  }

  #addReads(t: number): void {
    const { first, read, write } = this.#accesses;
    const end = first[t + 1] as number;
    for (let at = first[t] as number; at < end; at++) {
      const version = read[at] as number;
      if (version === NONE) continue;
      const writer = this.#writer[version] as number;
      if (writer !== NONE) this.edges.add(writer, t, WR);
      const hub = this.#hub[version] as number;
      // Not through the hub to itself.
      if (hub !== 0 && write[at] === NONE) this.edges.add(t, hub, RW);
      else this.#addOverwrites(t, version);
    }
  }

  #addOverwrites(reader: number, version: number): void {
    const { first, to } = this.#followers;
    const end = first[version + 1] as number;
    for (let e = first[version] as number; e < end; e++) {
      const next = this.#writer[to[e] as number] as number;
      if (next !== NONE) this.edges.add(reader, next, RW);
    }
  }

  reasonOf(from: number, to: number, label: number): DependencyEdge | null {
    const { first, key, read, write } = this.#accesses;
    for (let a = first[from] as number; a < (first[from + 1] as number); a++) {
      for (let b = first[to] as number; b < (first[to + 1] as number); b++) {
        if (key[a] !== key[b]) continue;
        const before = (label === RW ? read[a] : write[a]) as number;
        const after = (label === WR ? read[b] : write[b]) as number;
        if (before === NONE || after === NONE) continue;
        if (label === WR) {
          if (before === after) return this.#edge(from, to, 'wr', before);
          continue;
        }
        const reason = this.#reasonOfVersions(before, after);
        if (reason === null) continue;
        return {
          ...this.#edge(from, to, label === WW ? 'ww' : 'rw', before),
          next: this.#columns.versions.valueOf(after),
          ...reason,
        };
      }
    }
    return null;
  }

  #reasonOfVersions(
    before: number,
    after: number,
  ): Pick<DependencyEdge, 'because' | 'witness'> | null {
    const { first, to, label } = this.#followers;
    const end = first[before + 1] as number;
    for (let e = first[before] as number; e < end; e++) {
      if (to[e] !== after) continue;
      const because = BECAUSE[label[e] as number] ?? 'only-order';
      if (because !== 'writes-follow-reads') return { because };
      // Who wrote the one is who read the other before.
      return { because, witness: nameOf(this.#columns, this.#writer[after] as number) };
    }
    return null;
  }

  #edge(from: number, to: number, type: 'ww' | 'wr' | 'rw', version: number): DependencyEdge {
    const { versions } = this.#columns;
    return {
      from: nameOf(this.#columns, from),
      to: nameOf(this.#columns, to),
      type,
      key: versions.keyOf(versions.keyIdOf(version)),
      value: versions.valueOf(version),
    };
  }

  wordsOf(edge: DependencyEdge, from: string, to: string): string {
    const { key = null, value = null, next = null } = edge;
    const [k, v, n] = [textOf(key), textOf(value), textOf(next)];
    const later = REASONS[edge.because ?? 'only-order'] ?? '';
    switch (edge.type) {
      case 'ww':
        return `${from} set key ${k} to ${v}, and ${to} set it to ${n}, which came later${later}`;
      case 'wr':
        return `${from} set key ${k} to ${v}, which was read by ${to}`;
      default:
        return `${from} read key ${k} = ${v}, and ${to} set it to ${n}, which came later${later}`;
    }
  }
}

const BECAUSE: Readonly<Record<number, NonNullable<DependencyEdge['because']>>> = {
  [INITIAL]: 'initial',
  [WRITES_FOLLOW_READS]: 'writes-follow-reads',
  [BY_PROCESS]: 'process',
  [BY_REALTIME]: 'realtime',
};

const REASONS: Readonly<Record<string, string>> = {
  initial: ' (nothing comes before the initial state)',
  'writes-follow-reads': ' (a transaction read the one and wrote the other)',
  process: ' (a process saw them in that order)',
  realtime: ' (in the order of real time)',
};

function writersOf(
  { count, type, versions }: TransactionColumns,
  { first, write }: ExternalAccesses,
): Int32Array {
  const writer = new Int32Array(versions.size).fill(NONE);
  const isRepeated = new Uint8Array(versions.size);
  for (let t = 0; t < count; t++) {
    if (type[t] === FAIL) continue;
    const end = first[t + 1] as number;
    for (let at = first[t] as number; at < end; at++) {
      const version = write[at] as number;
      if (version === NONE) continue;
      if (writer[version] !== NONE) isRepeated[version] = 1;
      writer[version] = t;
    }
  }
  return writer.map((t, version) => (isRepeated[version] === 1 ? NONE : t));
}

/**
 * Read committed: what a transaction reads after it has read from t is not older than what t wrote.
 *
 * Source: the axiom of Biswas and Enea (2019); the search is that of AWDIT (Møldrup and Pavlogiannis, "AWDIT: an optimal
 * weak database isolation tester", 2025): of the later reads of a key only the first matters that is not from t itself,
 * and of two sets of keys the smaller one is gone through.
 */
import { lastWriteOf } from './read-sources.ts';
import type { ReadSources } from './read-sources.ts';
import { Marks, VisibleWrites } from './visible-writes.ts';

/** The edges of the commit order that read committed demands beside session order and reads-from. */
export function readCommittedEdges(sources: ReadSources): VisibleWrites {
  const edges = new VisibleWrites(sources);
  const reader = new LaterReads(sources, edges);
  for (let t = 0; t < sources.columns.count; t++) reader.judge(t);
  return edges;
}

class LaterReads {
  readonly #sources: ReadSources;
  readonly #edges: VisibleWrites;
  /** By key: whom the first later read of it is from, and the first one that is from another. */
  readonly #first: Marks;
  readonly #second: Marks;
  readonly #seen: Marks;
  readonly #keys: number[] = [];

  constructor(sources: ReadSources, edges: VisibleWrites) {
    const keys = sources.columns.versions.keys.size;
    this.#sources = sources;
    this.#edges = edges;
    this.#first = new Marks(keys);
    this.#second = new Marks(keys);
    this.#seen = new Marks(sources.columns.count + 1);
  }

  judge(t: number): void {
    const { firstRead, readKey, readFrom } = this.#sources;
    const begin = firstRead[t] as number;
    const end = firstRead[t + 1] as number;
    if (end - begin < 2) return;
    this.#first.clear();
    this.#second.clear();
    this.#seen.clear();
    this.#keys.length = 0;
    // Only the first read from each transaction says the most.
    for (let read = begin; read < end; read++) {
      const from = readFrom[read] as number;
      if (this.#seen.get(from) < 0) this.#seen.set(from, read);
    }
    for (let read = end - 1; read >= begin; read--) {
      const from = readFrom[read] as number;
      if (this.#seen.get(from) === read) this.#demand(from, t);
      this.#note(readKey[read] as number, from);
    }
  }

  #note(key: number, from: number): void {
    const first = this.#first.get(key);
    if (first < 0) this.#keys.push(key);
    if (first >= 0 && first !== from) this.#second.set(key, first);
    this.#first.set(key, from);
  }

  /** What was read after `seen`, of the keys that it writes, is from others that come after it. */
  #demand(seen: number, reader: number): void {
    const { initial, firstWrite, writeKey } = this.#sources;
    if (seen === initial) return;
    const begin = firstWrite[seen] as number;
    const end = firstWrite[seen + 1] as number;
    if (end - begin <= this.#keys.length) {
      for (let write = begin; write < end; write++) {
        const key = writeKey[write] as number;
        if (this.#first.get(key) >= 0) this.#add(seen, key, reader);
      }
      return;
    }
    for (const key of this.#keys) {
      if (lastWriteOf(this.#sources, seen, key) >= 0) this.#add(seen, key, reader);
    }
  }

  #add(seen: number, key: number, reader: number): void {
    const first = this.#first.get(key);
    const other = first === seen ? this.#second.get(key) : first;
    if (other >= 0) this.#edges.add(seen, other, key, reader);
  }
}

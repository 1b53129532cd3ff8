/**
 * Read atomic: who reads from t, or follows it in its session, reads nothing older than what t wrote.
 *
 * Source: the axiom of Biswas and Enea (2019); the search is that of AWDIT (2025): of a session only the last writer of a
 * key matters, and of two sets of keys the smaller one is gone through.
 */
import { lastWriteOf } from './read-sources.ts';
import type { ReadSources } from './read-sources.ts';
import { Marks, VisibleWrites } from './visible-writes.ts';

/** The edges of the commit order that read atomic demands beside session order and reads-from. */
export function readAtomicEdges(sources: ReadSources): VisibleWrites {
  const edges = new VisibleWrites(sources);
  const judge = new SnapshotReads(sources, edges);
  for (let session = 0; session < sources.sessions; session++) judge.judgeSession(session);
  return edges;
}

class SnapshotReads {
  readonly #sources: ReadSources;
  readonly #edges: VisibleWrites;
  /** By key: whom the transaction reads it from, and who wrote it last in the session. */
  readonly #from: Marks;
  readonly #wrote: Marks;
  readonly #seen: Marks;
  readonly #keys: number[] = [];

  constructor(sources: ReadSources, edges: VisibleWrites) {
    const keys = sources.columns.versions.keys.size;
    this.#sources = sources;
    this.#edges = edges;
    this.#from = new Marks(keys);
    this.#wrote = new Marks(keys);
    this.#seen = new Marks(sources.columns.count + 1);
  }

  judgeSession(session: number): void {
    const { firstOf, inSession, firstWrite, writeKey } = this.#sources;
    this.#wrote.clear();
    for (let at = firstOf[session] as number; at < (firstOf[session + 1] as number); at++) {
      const t = inSession[at] as number;
      this.#judge(t);
      for (let write = firstWrite[t] as number; write < (firstWrite[t + 1] as number); write++) {
        this.#wrote.set(writeKey[write] as number, t);
      }
    }
  }

  #judge(t: number): void {
    const { firstRead, readKey, readFrom } = this.#sources;
    const begin = firstRead[t] as number;
    const end = firstRead[t + 1] as number;
    this.#from.clear();
    this.#seen.clear();
    this.#keys.length = 0;
    for (let read = begin; read < end; read++) {
      this.#note(readKey[read] as number, readFrom[read] as number, t);
    }
    for (const key of this.#keys) {
      const last = this.#wrote.get(key);
      if (last >= 0) this.#edges.add(last, this.#from.get(key), key, t);
    }
    for (let read = begin; read < end; read++) {
      const from = readFrom[read] as number;
      if (this.#seen.get(from) >= 0) continue;
      this.#seen.set(from, 1);
      this.#demand(from, t);
    }
  }

  #note(key: number, from: number, reader: number): void {
    const first = this.#from.get(key);
    if (first < 0) {
      this.#from.set(key, from);
      this.#keys.push(key);
    } else if (first !== from) {
      // Read from two: each was seen, and each was read instead of the other.
      this.#edges.add(first, from, key, reader);
      this.#edges.add(from, first, key, reader);
    }
  }

  #demand(seen: number, reader: number): void {
    const { initial, firstWrite, writeKey } = this.#sources;
    if (seen === initial) return;
    const begin = firstWrite[seen] as number;
    const end = firstWrite[seen + 1] as number;
    if (end - begin <= this.#keys.length) {
      for (let write = begin; write < end; write++) {
        const key = writeKey[write] as number;
        const from = this.#from.get(key);
        if (from >= 0) this.#edges.add(seen, from, key, reader);
      }
      return;
    }
    for (const key of this.#keys) {
      if (lastWriteOf(this.#sources, seen, key) < 0) continue;
      this.#edges.add(seen, this.#from.get(key), key, reader);
    }
  }
}

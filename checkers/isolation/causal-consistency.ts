/**
 * Causal consistency: who follows t, by sessions and reads, however far, reads nothing older than what t wrote.
 *
 * Source: the axiom of Biswas and Enea (2019); the search is that of AWDIT (2025): vector clocks over the sessions, and of
 * each session only the last writer of a key that is seen. Time and memory for the clocks grow with transactions times
 * sessions; they are made for a few sessions at a time, so that memory does not.
 */
import type { Allowance } from '../check-allowance.ts';
import type { ReadSources } from './read-sources.ts';
import { Marks, VisibleWrites } from './visible-writes.ts';

/** Clocks are made for so many sessions at a time. */
const SESSIONS_AT_ONCE = 32;

/**
 * The edges of the commit order that causal consistency demands beside session order and reads-from; null when the
 * allowance did not suffice.
 * @param order the transactions, each after all that it follows by sessions and reads.
 */
export function causalEdges(
  sources: ReadSources,
  order: Int32Array,
  allowance: Allowance,
): VisibleWrites | null {
  const edges = new VisibleWrites(sources);
  const wrote = new Marks(sources.columns.versions.keys.size);
  for (let first = 0; first < sources.sessions; first += SESSIONS_AT_ONCE) {
    const clocks = new SessionClocks(sources, order, first);
    for (let of = first; of < clocks.end; of++) {
      for (let session = 0; session < sources.sessions; session++) {
        if (!allowance.spend()) return null;
        judgeSession(sources, clocks, session, of, wrote, edges);
      }
    }
  }
  return edges;
}

/** By transaction, for some sessions: how many transactions of each it follows. */
class SessionClocks {
  readonly #first: number;
  readonly #width: number;
  readonly #clocks: Int32Array;

  constructor(sources: ReadSources, order: Int32Array, first: number) {
    this.#first = first;
    this.#width = Math.min(SESSIONS_AT_ONCE, sources.sessions - first);
    this.#clocks = new Int32Array(sources.columns.count * this.#width);
    const { firstOf, inSession, sessionOf, placeOf, firstRead, readFrom, initial } = sources;
    for (const t of order) {
      const place = placeOf[t] as number;
      if (place > 0) {
        const before = (firstOf[sessionOf[t] as number] as number) + place - 1;
        this.#follow(sources, t, inSession[before] as number);
      }
      for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
        const from = readFrom[read] as number;
        if (from !== initial) this.#follow(sources, t, from);
      }
    }
  }

  get end(): number {
    return this.#first + this.#width;
  }

  #follow({ sessionOf, placeOf }: ReadSources, t: number, before: number): void {
    const clocks = this.#clocks;
    const width = this.#width;
    for (let c = 0; c < width; c++) {
      const known = clocks[before * width + c] as number;
      if (known > (clocks[t * width + c] as number)) clocks[t * width + c] = known;
    }
    const column = (sessionOf[before] as number) - this.#first;
    if (column < 0 || column >= width) return;
    const place = (placeOf[before] as number) + 1;
    if (place > (clocks[t * width + column] as number)) clocks[t * width + column] = place;
  }

  /** How many of the first transactions of session `of` transaction t follows. */
  at(t: number, of: number): number {
    return this.#clocks[t * this.#width + of - this.#first] as number;
  }
}

/** What the transactions of `session` see of session `of`. */
function judgeSession(
  sources: ReadSources,
  clocks: SessionClocks,
  session: number,
  of: number,
  wrote: Marks,
  edges: VisibleWrites,
): void {
  const { firstOf, inSession, placeOf, firstRead, readKey, readFrom, initial } = sources;
  const begin = firstOf[session] as number;
  const end = firstOf[session + 1] as number;
  if (end === begin || clocks.at(inSession[end - 1] as number, of) === 0) return;
  wrote.clear();
  let seen = 0;
  for (let at = begin; at < end; at++) {
    const t = inSession[at] as number;
    const visible = clocks.at(t, of);
    if (visible === 0) continue;
    for (; seen < visible; seen++) {
      noteWrites(sources, inSession[(firstOf[of] as number) + seen] as number, wrote);
    }
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const key = readKey[read] as number;
      const last = wrote.get(key);
      if (last < 0) continue;
      const from = readFrom[read] as number;
      if (from === last) continue;
      // Known already, when who was read follows it.
      if (from !== initial && clocks.at(from, of) > (placeOf[last] as number)) continue;
      edges.add(last, from, key, t);
    }
  }
}

function noteWrites({ firstWrite, writeKey }: ReadSources, t: number, wrote: Marks): void {
  for (let write = firstWrite[t] as number; write < (firstWrite[t + 1] as number); write++) {
    wrote.set(writeKey[write] as number, t);
  }
}

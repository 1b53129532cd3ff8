/** Why no order works, as a cycle of edges with their reasons. */
import type { DependencyEdge, ForcedEdge, TransactionCycle } from '../certificate.ts';
import { nameOf } from '../transactions/columns.ts';
import { cycleOf, overwriteEdge, readEdge, sessionEdge, writeEdge } from './dependency-edges.ts';
import { BEGINNING } from './interval-search.ts';
import type { Choice, Conflict, IntervalSearch } from './interval-search.ts';
import { transactionAt } from './polygraph.ts';
import type { Polygraph } from './polygraph.ts';

/**
 * The cycle that a conflict makes, with every forced edge that it rests on. Null when one of them rests on two writers of
 * a key that must not overlap (snapshot isolation), for which certificates have no words.
 */
export function conflictCycle(
  polygraph: Polygraph,
  search: IntervalSearch,
  conflict: Conflict,
): TransactionCycle | null {
  const describer = new EdgeDescriber(polygraph, search);
  const back = describer.describeChoice({ ...conflict.choice, side: 'after' });
  const toHigh = describer.describePath(conflict.toHigh);
  const fromLow = describer.describePath(conflict.fromLow);
  const forced = describer.forcedBy([...conflict.toHigh, ...conflict.fromLow]);
  if (back === null || toHigh === null || fromLow === null || forced === null) return null;
  const last: readonly ForcedEdge[] =
    back.because === 'only-order' ? [{ edge: back, path: fromLow }] : [];
  return cycleOf(simpleCycle([...toHigh, back]), [...forced, ...last]);
}

/** A closed walk without the detours that come back to a transaction it has passed. */
export function simpleCycle(walk: readonly DependencyEdge[]): DependencyEdge[] {
  const edges: DependencyEdge[] = [];
  const placeOf = new Map<number, number>();
  for (const edge of walk) {
    const place = placeOf.get(edge.from);
    // A detour is a cycle itself, and shorter.
    if (place !== undefined) return edges.slice(place);
    placeOf.set(edge.from, edges.length);
    edges.push(edge);
  }
  return edges;
}

class EdgeDescriber {
  readonly #polygraph: Polygraph;
  readonly #search: IntervalSearch;

  constructor(polygraph: Polygraph, search: IntervalSearch) {
    this.#polygraph = polygraph;
    this.#search = search;
  }

  /** Null when one of its edges cannot be described. */
  describePath(path: readonly number[]): DependencyEdge[] | null {
    const { graph, added, firstAdded } = this.#search;
    const { sources } = this.#polygraph;
    const edges: DependencyEdge[] = [];
    let ended = -1;
    for (const edge of path) {
      const one = added[edge - firstAdded];
      if (one !== undefined) {
        const described = this.describeChoice(one.choice);
        if (described === null) return null;
        edges.push(described);
        continue;
      }
      const from = transactionAt(this.#polygraph, graph.fromOf(edge));
      const to = transactionAt(this.#polygraph, graph.toOf(edge));
      if (from >= 0) ended = from;
      if (to < 0 || from === to) continue;
      edges.push(
        (from < 0 ? null : (readEdge(sources, from, to) ?? sessionEdge(sources, from, to))) ??
          this.#realtimeEdge(ended, to),
      );
    }
    return edges;
  }

  #realtimeEdge(from: number, to: number): DependencyEdge {
    const { columns } = this.#polygraph.sources;
    return { from: nameOf(columns, from), to: nameOf(columns, to), type: 'realtime' };
  }

  describeChoice({ key, interval, point, side }: Choice): DependencyEdge | null {
    const { sources, keyIds, reads } = this.#polygraph;
    if (interval >= (reads[key] ?? 0)) return null;
    const { low, high } = this.#search.keys[key] ?? { low: [], high: [] };
    const keyId = keyIds[key] ?? 0;
    const begin = low[interval] ?? BEGINNING;
    const reader = transactionAt(this.#polygraph, high[interval] ?? 0);
    const writer = transactionAt(this.#polygraph, point);
    const from = begin === BEGINNING ? sources.initial : transactionAt(this.#polygraph, begin);
    if (side === 'before') return writeEdge(sources, writer, from, keyId, reader);
    const { firstRead, readKey, readVersion } = sources;
    let version = -1;
    for (let read = firstRead[reader] as number; version < 0; read++) {
      if (readKey[read] === keyId) version = readVersion[read] as number;
    }
    const because = begin === BEGINNING ? 'initial' : 'only-order';
    return overwriteEdge(sources, reader, version, writer, keyId, because);
  }

  /** The path that closes the other side of an added edge; null when there is none, because it was decided once. */
  #reasonsOf(edge: number): readonly number[] | null {
    const { graph, added, firstAdded, keys } = this.#search;
    const one = added[edge - firstAdded];
    if (one === undefined || one.kind !== 'forced') return null;
    if (one.because !== null) return one.because;
    const { key, interval, point, side } = one.choice;
    const begin = keys[key]?.low[interval] ?? BEGINNING;
    if (side === 'before') return graph.path(point, keys[key]?.high[interval] ?? 0, edge);
    return begin === BEGINNING ? [] : graph.path(begin, point, edge);
  }

  /** The forced edges that these rest on, in the order in which they were found. */
  forcedBy(edges: readonly number[]): ForcedEdge[] | null {
    const { added, firstAdded } = this.#search;
    const needed = new Set<number>();
    for (const edge of new Set(edges)) if (edge >= firstAdded) needed.add(edge);
    for (const edge of needed) {
      const because = this.#reasonsOf(edge);
      if (because === null) return null;
      for (const reason of because) if (reason >= firstAdded) needed.add(reason);
    }
    const forced: ForcedEdge[] = [];
    for (const number of [...needed].sort((a, b) => a - b)) {
      const one = added[number - firstAdded];
      const edge = one === undefined ? null : this.describeChoice(one.choice);
      const path = this.describePath(this.#reasonsOf(number) ?? []);
      if (edge === null || path === null) return null;
      if (edge.because === 'only-order') forced.push({ edge, path });
    }
    return forced;
  }
}

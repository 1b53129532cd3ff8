/** Why a level is violated, as a cycle of edges with their reasons. */
import type { DependencyEdge, ForcedEdge, TransactionCycle } from '../certificate.ts';
import type { LabelledGraph } from '../transactions/graph.ts';
import {
  cycleOf,
  overwriteEdge,
  readEdge,
  readOfKey,
  sessionEdge,
  writeEdge,
} from './dependency-edges.ts';
import type { ReadSources } from './read-sources.ts';
import { shortestPath } from './shortest-path.ts';
import type { InitialRead, VisibleWrites } from './visible-writes.ts';

/**
 * @param known sessions and reads. @param demanded what the level demands besides; null: nothing.
 * @param cycle the vertices of a cycle of both, its first vertex also last.
 */
export function cycleCertificate(
  sources: ReadSources,
  known: LabelledGraph,
  demanded: VisibleWrites | null,
  cycle: readonly number[],
): TransactionCycle {
  const edges: DependencyEdge[] = [];
  const forced: ForcedEdge[] = [];
  for (let at = 1; at < cycle.length; at++) {
    const from = cycle[at - 1] as number;
    const to = cycle[at] as number;
    const recorded = recordedEdge(sources, from, to);
    if (recorded !== null) {
      edges.push(recorded);
      continue;
    }
    const one = demandedEdge(sources, known, demanded, from, to);
    edges.push(one.edge);
    forced.push(one);
  }
  return cycleOf(edges, forced);
}

/** Who saw a writer read the value that was there before all writers. */
export function initialReadCertificate(
  sources: ReadSources,
  known: LabelledGraph,
  { seen, key, reader }: InitialRead,
): TransactionCycle {
  const { firstRead, readKey, readFrom, readVersion, initial } = sources;
  let version = readOfKey(sources, reader, key)?.version ?? 0;
  for (let read = firstRead[reader] as number; read < (firstRead[reader + 1] as number); read++) {
    if (readKey[read] === key && readFrom[read] === initial) version = readVersion[read] as number;
  }
  const back = overwriteEdge(sources, reader, version, seen, key, 'initial');
  return cycleOf([...recordedPath(sources, known, seen, reader), back]);
}

function recordedEdge(sources: ReadSources, from: number, to: number): DependencyEdge | null {
  return readEdge(sources, from, to) ?? sessionEdge(sources, from, to);
}

function recordedPath(
  sources: ReadSources,
  known: LabelledGraph,
  from: number,
  to: number,
): DependencyEdge[] {
  const direct = recordedEdge(sources, from, to);
  if (direct !== null) return [direct];
  const path = shortestPath(known, from, to) ?? [];
  return path
    .slice(1)
    .flatMap((vertex, at) => recordedEdge(sources, path[at] as number, vertex) ?? []);
}

function demandedEdge(
  sources: ReadSources,
  known: LabelledGraph,
  demanded: VisibleWrites | null,
  from: number,
  to: number,
): ForcedEdge {
  for (let at = 0; at < (demanded?.count ?? 0); at++) {
    if (demanded?.from.at(at) !== from || demanded.to.at(at) !== to) continue;
    const witness = demanded.witness.at(at);
    const edge = writeEdge(sources, from, to, demanded.key.at(at), witness);
    return { edge, path: recordedPath(sources, known, from, witness) };
  }
  throw new Error(`no reason is known for an edge from ${String(from)} to ${String(to)}`);
}

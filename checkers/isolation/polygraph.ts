/**
 * Serializability and snapshot isolation of registers whose values are written once, as points and intervals.
 *
 * Serializability: a transaction is a point. Snapshot isolation (Cerone, Bernardi and Gotsman, 2015): it is two, its
 * snapshot and its commit; between them nobody else commits a write of a key that it writes.
 */
import { NEVER, OK, UNRECORDED } from '../transactions/columns.ts';
import type { TransactionColumns } from '../transactions/columns.ts';
import { EdgeBuffer, graphOf, REALTIME } from '../transactions/graph.ts';
import type { LabelledGraph } from '../transactions/graph.ts';
import { BEGINNING } from './interval-search.ts';
import type { KeyIntervals } from './interval-search.ts';
import { addSessionEdges, readEdges } from './known-order.ts';
import type { ReadSources } from './read-sources.ts';

export type PolygraphModel = 'serializable' | 'snapshot-isolation';

/** Which order of transactions is demanded beside what they read. */
export type RespectedOrder = 'realtime' | 'process' | 'nothing';

/** From a transaction's snapshot to its commit. */
export const INTERNAL = 32;

export interface Polygraph {
  readonly sources: ReadSources;
  readonly model: PolygraphModel;
  readonly vertices: number;
  readonly known: EdgeBuffer;
  readonly keys: readonly KeyIntervals[];
  /** By place in `keys`: the key's id, and how many of its intervals are reads; the others are transactions. */
  readonly keyIds: readonly number[];
  readonly reads: readonly number[];
}

/** The edges between transactions that are recorded; vertices after them are moments of real time. */
export function recordedGraph(sources: ReadSources, respects: RespectedOrder): LabelledGraph {
  const edges = readEdges(sources);
  if (respects !== 'nothing') addSessionEdges(sources, edges);
  const moments = respects === 'realtime' ? addMoments(sources, edges) : 0;
  return graphOf(sources.columns.count + moments, edges);
}

/**
 * One vertex for each end of a transaction, in a chain: who ends leads to its moment, and the last moment before a call
 * leads to who is called. Returns how many moments there are.
 */
function addMoments({ columns, counts }: ReadSources, edges: EdgeBuffer): number {
  const { count, completion, type } = columns;
  const ended: number[] = [];
  for (let t = 0; t < count; t++) {
    if (counts[t] === 1 && type[t] === OK && completion[t] !== NEVER) ended.push(t);
  }
  ended.sort((a, b) => (completion[a] as number) - (completion[b] as number));
  ended.forEach((t, rank) => {
    edges.add(t, count + rank, REALTIME);
    if (rank > 0) edges.add(count + rank - 1, count + rank, REALTIME);
  });
  const calls = callsInOrder(columns, counts);
  let moment = 0;
  for (const t of calls) {
    const call = columns.invoke[t] as number;
    while (moment < ended.length && (completion[ended[moment] as number] as number) < call)
      moment++;
    if (moment > 0) edges.add(count + moment - 1, t, REALTIME);
  }
  return ended.length;
}

function callsInOrder({ count, invoke }: TransactionColumns, counts: Uint8Array): number[] {
  const calls: number[] = [];
  for (let t = 0; t < count; t++) if (counts[t] === 1 && invoke[t] !== UNRECORDED) calls.push(t);
  return calls.sort((a, b) => (invoke[a] as number) - (invoke[b] as number));
}

/** @param recorded as recordedGraph gives it. */
export function polygraphOf(
  sources: ReadSources,
  model: PolygraphModel,
  recorded: LabelledGraph,
): Polygraph {
  const isSplit = model === 'snapshot-isolation';
  const known = new EdgeBuffer();
  const { count } = sources.columns;
  const vertexOf = splitVertices(count, isSplit);
  for (let vertex = 0; vertex < recorded.vertices; vertex++) {
    if (isSplit && vertex < count)
      known.add(vertexOf.start(vertex), vertexOf.end(vertex), INTERNAL);
    for (
      let edge = recorded.first[vertex] as number;
      edge < (recorded.first[vertex + 1] as number);
      edge++
    ) {
      const to = recorded.to[edge] as number;
      known.add(vertexOf.end(vertex), vertexOf.start(to), recorded.label[edge] as number);
    }
  }
  const vertices = isSplit ? recorded.vertices + count : recorded.vertices;
  return { sources, model, vertices, known, ...intervalsOf(sources, isSplit) };
}

interface SplitVertices {
  readonly start: (vertex: number) => number;
  readonly end: (vertex: number) => number;
}

/** Transaction t is vertices 2t and 2t + 1 when split; moments come after all of them. */
function splitVertices(count: number, isSplit: boolean): SplitVertices {
  if (!isSplit) return { start: (vertex) => vertex, end: (vertex) => vertex };
  return {
    start: (vertex) => (vertex < count ? vertex * 2 : vertex + count),
    end: (vertex) => (vertex < count ? vertex * 2 + 1 : vertex + count),
  };
}

/** The transaction of a vertex; -1 for a moment. */
export function transactionAt({ sources, model }: Polygraph, vertex: number): number {
  const { count } = sources.columns;
  const t = model === 'snapshot-isolation' ? vertex >> 1 : vertex;
  return t < count ? t : -1;
}

/** An order of transactions and moments as an order of all vertices. */
export function splitOrder({ sources, model, vertices }: Polygraph, order: Int32Array): Int32Array {
  if (model === 'serializable') return order;
  const { count } = sources.columns;
  const { start, end } = splitVertices(count, true);
  const split = new Int32Array(vertices);
  let at = 0;
  for (const vertex of order) {
    split[at++] = start(vertex);
    if (vertex < count) split[at++] = end(vertex);
  }
  return split;
}

interface Growing {
  readonly low: number[];
  readonly high: number[];
  readonly points: number[];
}

function intervalsOf(
  { columns, initial, firstRead, readKey, readFrom, firstWrite, writeKey }: ReadSources,
  isSplit: boolean,
): Pick<Polygraph, 'keys' | 'keyIds' | 'reads'> {
  const byKey: (Growing | undefined)[] = [];
  const { start, end } = splitVertices(columns.count, isSplit);
  for (let t = 0; t < columns.count; t++) {
    for (let write = firstWrite[t] as number; write < (firstWrite[t + 1] as number); write++) {
      const key = writeKey[write] as number;
      (byKey[key] ??= { low: [], high: [], points: [] }).points.push(end(t));
    }
  }
  for (let t = 0; t < columns.count; t++) {
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const of = byKey[readKey[read] as number];
      const from = readFrom[read] as number;
      if (of === undefined) continue;
      of.low.push(from === initial ? BEGINNING : end(from));
      of.high.push(start(t));
    }
  }
  const found = byKey.flatMap((of, keyId) =>
    of === undefined ? [] : [{ of, keyId, reads: of.low.length }],
  );
  for (const { of } of found) {
    if (!isSplit || of.points.length < 2) continue;
    for (const commit of of.points) {
      of.low.push(commit - 1);
      of.high.push(commit);
    }
  }
  const asArrays = ({ low, high, points }: Growing): KeyIntervals => ({
    low: Int32Array.from(low),
    high: Int32Array.from(high),
    points: Int32Array.from(points),
  });
  return {
    keys: found.map(({ of }) => asArrays(of)),
    keyIds: found.map(({ keyId }) => keyId),
    reads: found.map(({ reads }) => reads),
  };
}

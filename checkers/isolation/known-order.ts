/** The order of transactions that is recorded: sessions and reads. */
import { EdgeBuffer, PROCESS, WR } from '../transactions/graph.ts';
import type { ReadSources } from './read-sources.ts';

/** Edges of reads, and of each transaction to the next of its session. */
export function readEdges(sources: ReadSources): EdgeBuffer {
  const { columns, firstRead, readFrom, initial } = sources;
  const edges = new EdgeBuffer();
  for (let t = 0; t < columns.count; t++) {
    let before = initial;
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const from = readFrom[read] as number;
      if (from !== initial && from !== before) edges.add(from, t, WR);
      before = from;
    }
  }
  return edges;
}

/** Adds an edge from each transaction to the next of its session. */
export function addSessionEdges(
  { sessions, firstOf, inSession }: ReadSources,
  edges: EdgeBuffer,
): void {
  for (let session = 0; session < sessions; session++) {
    for (let at = (firstOf[session] as number) + 1; at < (firstOf[session + 1] as number); at++) {
      edges.add(inSession[at - 1] as number, inSession[at] as number, PROCESS);
    }
  }
}

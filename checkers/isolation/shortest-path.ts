/** Short paths and cycles in graphs of transactions. */
import type { Components, LabelledGraph } from '../transactions/graph.ts';

/** From so many vertices of a component a short cycle is looked for. */
const MOST_STARTS = 32;

/**
 * The vertices of a shortest path, both ends included; null when there is none. From a vertex to itself: a shortest
 * cycle, the vertex at both ends.
 * @param admits whether a vertex may be passed. Default: all.
 */
export function shortestPath(
  { first, to, vertices }: LabelledGraph,
  from: number,
  target: number,
  admits: (vertex: number) => boolean = () => true,
): number[] | null {
  const before = new Int32Array(vertices).fill(-1);
  const queue = [from];
  for (let head = 0; head < queue.length; head++) {
    const vertex = queue[head] as number;
    for (let edge = first[vertex] as number; edge < (first[vertex + 1] as number); edge++) {
      const next = to[edge] as number;
      if (next === target) return pathTo(before, vertex, from, target);
      if (before[next] !== -1 || next === from || !admits(next)) continue;
      before[next] = vertex;
      queue.push(next);
    }
  }
  return null;
}

function pathTo(before: Int32Array, last: number, from: number, target: number): number[] {
  const path = [target];
  for (let vertex = last; vertex !== from; vertex = before[vertex] as number) path.push(vertex);
  path.push(from);
  return path.reverse();
}

/** A short cycle of the graph, its first vertex also last; null when it has none. */
export function shortCycle(
  graph: LabelledGraph,
  { componentOf, count }: Components,
): number[] | null {
  const sizes = new Int32Array(count);
  for (const component of componentOf) sizes[component] = (sizes[component] as number) + 1;
  let smallest = -1;
  for (let component = 0; component < count; component++) {
    const size = sizes[component] as number;
    if (size < 2) continue;
    if (smallest < 0 || size < (sizes[smallest] as number)) smallest = component;
  }
  if (smallest < 0) return null;
  let best: number[] | null = null;
  let starts = 0;
  for (let vertex = 0; vertex < graph.vertices && starts < MOST_STARTS; vertex++) {
    if (componentOf[vertex] !== smallest) continue;
    starts++;
    const cycle = shortestPath(graph, vertex, vertex, (v) => componentOf[v] === smallest);
    if (cycle !== null && (best === null || cycle.length < best.length)) best = cycle;
  }
  return best;
}

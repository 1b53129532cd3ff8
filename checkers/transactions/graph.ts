/** Graphs of transactions: edges in one array after the other (compressed sparse rows), each with the bits of its labels. */
import { GrowingBytes, GrowingInts } from '../growing-columns.ts';

/** Why one transaction comes before another. */
export const WW = 1;
export const WR = 2;
export const RW = 4;
export const PROCESS = 8;
export const REALTIME = 16;
/** Every label there is. */
export const ANY = 255;

/** Edges in the order they are found. */
export class EdgeBuffer {
  readonly from = new GrowingInts();
  readonly to = new GrowingInts();
  readonly label = new GrowingBytes();

  get count(): number {
    return this.from.length;
  }

  /** Edges of a vertex to itself are not kept. */
  add(from: number, to: number, label: number): void {
    if (from === to) return;
    this.from.push(from);
    this.to.push(to);
    this.label.push(label);
  }
}

/** The edges out of vertex v are first[v] up to, not including, first[v + 1]. */
export interface LabelledGraph {
  readonly vertices: number;
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly label: Uint8Array;
}

/** Sorts edges by where they come from; equal edges stay apart. */
export function graphOf(vertices: number, edges: EdgeBuffer): LabelledGraph {
  const from = edges.from.view();
  const target = edges.to.view();
  const labels = edges.label.view();
  const first = new Int32Array(vertices + 1);
  for (const vertex of from) first[vertex + 1] = (first[vertex + 1] as number) + 1;
  for (let v = 0; v < vertices; v++) {
    first[v + 1] = (first[v + 1] as number) + (first[v] as number);
  }
  const next = first.slice();
  const to = new Int32Array(from.length);
  const label = new Uint8Array(from.length);
  for (let e = 0; e < from.length; e++) {
    const vertex = from[e] as number;
    const place = next[vertex] as number;
    next[vertex] = place + 1;
    to[place] = target[e] as number;
    label[place] = labels[e] as number;
  }
  return { vertices, first, to, label };
}

/** Strongly connected components, numbered against the direction of the edges: none leads to a higher number. */
export interface Components {
  readonly count: number;
  readonly componentOf: Int32Array;
}

/**
 * Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972) with a stack of its own.
 * @param mask only edges that have one of these labels. Default: all.
 */
export function componentsOf(graph: LabelledGraph, mask = ANY): Components {
  const { vertices, first, to, label } = graph;
  const componentOf = new Int32Array(vertices).fill(-1);
  // 0: not seen yet; else the order of discovery, from 1.
  const order = new Int32Array(vertices);
  const low = new Int32Array(vertices);
  const next = first.slice(0, vertices);
  const path = new Int32Array(vertices);
  const pending = new Int32Array(vertices);
  let discovered = 0;
  let pendingCount = 0;
  let count = 0;
  // From the last: then numbers run roughly against time, where vertices do along it.
  for (let root = vertices - 1; root >= 0; root--) {
    if (order[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    order[root] = low[root] = ++discovered;
    pending[pendingCount++] = root;
    while (depth >= 0) {
      const vertex = path[depth] as number;
      const end = first[vertex + 1] as number;
      let edge = next[vertex] as number;
      let descended = false;
      for (; edge < end; edge++) {
        if (((label[edge] as number) & mask) === 0) continue;
        const target = to[edge] as number;
        if (order[target] === 0) {
          order[target] = low[target] = ++discovered;
          pending[pendingCount++] = target;
          path[++depth] = target;
          descended = true;
          edge++;
          break;
        }
        if (componentOf[target] === -1 && (order[target] as number) < (low[vertex] as number)) {
          low[vertex] = order[target] as number;
        }
      }
      next[vertex] = edge;
      if (descended) continue;
      if (low[vertex] === order[vertex]) {
        for (;;) {
          const member = pending[--pendingCount] as number;
          componentOf[member] = count;
          if (member === vertex) break;
        }
        count++;
      }
      depth--;
      if (depth < 0) break;
      const parent = path[depth] as number;
      if ((low[vertex] as number) < (low[parent] as number)) low[parent] = low[vertex] as number;
    }
  }
  return { count, componentOf };
}

/** The members of each component of more than one vertex, in ascending order. */
export function cyclicComponents({ count, componentOf }: Components): number[][] {
  const sizes = new Int32Array(count);
  for (const component of componentOf) sizes[component] = (sizes[component] as number) + 1;
  const members = new Map<number, number[]>();
  for (let vertex = 0; vertex < componentOf.length; vertex++) {
    const component = componentOf[vertex] as number;
    if ((sizes[component] as number) < 2) continue;
    const list = members.get(component);
    if (list === undefined) members.set(component, [vertex]);
    else list.push(vertex);
  }
  return [...members.values()];
}

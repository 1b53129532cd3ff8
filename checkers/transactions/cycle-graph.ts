/** The part of a graph of transactions in which cycles are: its strongly connected components, with all reasons. */
import type { TransactionColumns } from './columns.ts';
import type { Dependencies } from './dependencies.ts';
import {
  EdgeBuffer,
  PROCESS,
  REALTIME,
  componentsOf,
  graphOf,
  type LabelledGraph,
} from './graph.ts';
import { addMoments, addProcessEdges, addRealtimeEdges } from './order-edges.ts';

/** Which order of time counts besides the dependencies. */
export type Timing = 'none' | 'process' | 'realtime';

/** Vertices are members of components; an edge joins each pair once. */
export interface CycleGraph extends LabelledGraph {
  /** Of each edge: the one label that counts, and the bits of all. */
  readonly label: Uint8Array;
  readonly bits: Uint8Array;
  /** Of each vertex: its transaction; those from `transactions` on are hubs. */
  readonly member: Int32Array;
  readonly isHub: Uint8Array;
}

/** What a search for cycles goes by. */
export interface Ordering {
  /** Null where there is no cycle at all. */
  readonly cycles: CycleGraph | null;
  /**
   * Where there is no cycle: the transactions in an order that all edges respect. (Hubs and moments are left out.)
   */
  readonly order: Int32Array | null;
}

export function orderingOf(
  columns: TransactionColumns,
  dependencies: Dependencies,
  timing: Timing,
): Ordering {
  const { edges, vertices } = dependencies;
  let size = vertices;
  if (timing === 'process') addProcessEdges(columns, edges);
  else if (timing === 'realtime') size += addMoments(columns, edges, vertices);
  const graph = graphOf(size, edges);
  const { count, componentOf } = componentsOf(graph);
  if (count === size) {
    return { cycles: null, order: topologicalOrder(componentOf, columns.count) };
  }
  const components = { graph, componentOf, count, timing };
  return { cycles: cycleGraph(columns, dependencies, components), order: null };
}

/** Components are numbered against the edges, and each is one vertex. */
function topologicalOrder(componentOf: Int32Array, transactions: number): Int32Array {
  const at = new Int32Array(componentOf.length).fill(-1);
  for (let t = 0; t < transactions; t++) at[componentOf[t] as number] = t;
  return at.filter((t) => t >= 0).reverse();
}

interface Components {
  readonly graph: LabelledGraph;
  readonly componentOf: Int32Array;
  readonly count: number;
  readonly timing: Timing;
}

function cycleGraph(
  columns: TransactionColumns,
  dependencies: Dependencies,
  components: Components,
): CycleGraph {
  const { graph, componentOf, timing } = components;
  const group = cyclicGroups(components, dependencies.vertices);
  const local = new Int32Array(dependencies.vertices).fill(-1);
  const member: number[] = [];
  for (let v = 0; v < dependencies.vertices; v++) {
    if (group[componentOf[v] as number] !== 1) continue;
    local[v] = member.length;
    member.push(v);
  }
  const edges = new EdgeBuffer();
  for (const v of member) {
    const end = graph.first[v + 1] as number;
    for (let e = graph.first[v] as number; e < end; e++) {
      const to = graph.to[e] as number;
      if (to >= dependencies.vertices || componentOf[to] !== componentOf[v]) continue;
      edges.add(local[v] as number, local[to] as number, graph.label[e] as number);
    }
  }
  if (timing === 'realtime') {
    const groupOf = (t: number): number =>
      (local[t] as number) < 0 ? -1 : (componentOf[t] as number);
    addRealtimeEdges(columns, groupOf, (from, to) =>
      edges.add(local[from] as number, local[to] as number, REALTIME),
    );
  }
  return joined(graphOf(member.length, edges), Int32Array.from(member), dependencies);
}

/** Of each component: 1 where it has two members at least that are transactions or hubs. */
function cyclicGroups({ componentOf, count }: Components, vertices: number): Uint8Array {
  const sizes = new Uint8Array(count);
  for (let v = 0; v < vertices; v++) {
    const component = componentOf[v] as number;
    if ((sizes[component] as number) < 2) sizes[component] = (sizes[component] as number) + 1;
  }
  return sizes.map((size) => (size === 2 ? 1 : 0));
}

/** One edge for each pair. */
function joined(graph: LabelledGraph, member: Int32Array, dependencies: Dependencies): CycleGraph {
  const { vertices, first, to, label } = graph;
  const place = new Int32Array(vertices).fill(-1);
  const newFirst = new Int32Array(vertices + 1);
  const newTo = new Int32Array(to.length);
  const bits = new Uint8Array(to.length);
  let count = 0;
  for (let v = 0; v < vertices; v++) {
    const begin = count;
    const end = first[v + 1] as number;
    for (let e = first[v] as number; e < end; e++) {
      const target = to[e] as number;
      let at = place[target] as number;
      if (at < begin) {
        at = place[target] = count++;
        newTo[at] = target;
      }
      bits[at] = (bits[at] as number) | (label[e] as number);
    }
    newFirst[v + 1] = count;
  }
  const counting = Uint8Array.from({ length: 256 }, (_, all) =>
    labelThatCounts(all, dependencies.priority),
  );
  return {
    vertices,
    first: newFirst,
    to: newTo.subarray(0, count),
    bits: bits.subarray(0, count),
    label: bits.subarray(0, count).map((all) => counting[all] as number),
    member,
    isHub: Uint8Array.from(member, (v) => (v >= dependencies.transactions ? 1 : 0)),
  };
}

function labelThatCounts(bits: number, priority: readonly number[]): number {
  return [...priority, PROCESS, REALTIME].find((label) => (bits & label) !== 0) ?? 0;
}

/** Which writes must come before which, and why: a graph that has an order of all writes exactly when it has no cycle. */
import { GrowingInts } from '../growing-columns.ts';

/** One step of a cycle of writes. */
export interface OrderStep {
  readonly from: number;
  readonly to: number;
  /** Numbers that the caller gave as reasons, in the order of the way from one to the other; without repetition. */
  readonly reasons: readonly number[];
}

/** An edge without a reason of its own. */
export const NO_REASON = -1;
/** Cycles are looked for from so many writes of the first one found, and the shortest found is told. */
const MOST_STARTS = 16;

/**
 * Nodes below the number of writes stand for them; junctions gather many writes, so that "all of these before all of
 * those" takes no edge for each two of them.
 */
export class WriteOrder {
  private readonly writes: number;
  private nodes: number;
  private readonly from = new GrowingInts();
  private readonly to = new GrowingInts();
  private readonly reason = new GrowingInts();

  constructor(writes: number) {
    this.writes = writes;
    this.nodes = writes;
  }

  /** A new node that stands for no write. */
  addJunction(): number {
    return this.nodes++;
  }

  addEdge(from: number, to: number, reason: number): void {
    this.from.push(from);
    this.to.push(to);
    this.reason.push(reason);
  }

  /** A short cycle as steps from write to write; null when there is none. */
  findCycle(): OrderStep[] | null {
    const graph = this.adjacency();
    const left = this.peel(graph);
    if (left === null) return null;
    const starts = this.walkBack(left).filter((node) => node < this.writes);
    let shortest: number[] | null = null;
    for (const start of starts.slice(0, MOST_STARTS)) {
      const cycle = this.cycleThrough(start, graph);
      if (cycle !== null && cycle.length < (shortest?.length ?? Infinity)) shortest = cycle;
    }
    return shortest === null ? null : this.stepsOf(shortest);
  }

  /** Edges by the node they leave: those of node n are edges[heads[n]] … edges[heads[n + 1] - 1]. */
  private adjacency(): Adjacency {
    const heads = new Int32Array(this.nodes + 1);
    const edges = new Int32Array(this.from.length);
    for (const from of this.from.view()) heads[from + 1] = (heads[from + 1] as number) + 1;
    for (let node = 0; node < this.nodes; node++) {
      heads[node + 1] = (heads[node + 1] as number) + (heads[node] as number);
    }
    const next = heads.slice();
    for (let edge = 0; edge < edges.length; edge++) {
      const from = this.from.at(edge);
      const place = next[from] as number;
      edges[place] = edge;
      next[from] = place + 1;
    }
    return { heads, edges };
  }

  /**
   * Takes nodes without a predecessor away, again and again.
   * @returns how many predecessors each node is left with, or null when none is left
   */
  private peel({ heads, edges }: Adjacency): Int32Array | null {
    const before = new Int32Array(this.nodes);
    for (const to of this.to.view()) before[to] = (before[to] as number) + 1;
    const free = new Int32Array(this.nodes);
    let count = 0;
    for (let node = 0; node < this.nodes; node++) if (before[node] === 0) free[count++] = node;
    for (let done = 0; done < count; done++) {
      const node = free[done] as number;
      for (let at = heads[node] as number; at < (heads[node + 1] as number); at++) {
        const to = this.to.at(edges[at] as number);
        const others = (before[to] as number) - 1;
        before[to] = others;
        if (others === 0) free[count++] = to;
      }
    }
    return count === this.nodes ? null : before;
  }

  /** The nodes of some cycle: each node that is left has a predecessor that is, so going back comes round. */
  private walkBack(left: Int32Array): number[] {
    const predecessor = new Int32Array(this.nodes).fill(-1);
    for (let edge = 0; edge < this.from.length; edge++) {
      const from = this.from.at(edge);
      if ((left[from] as number) > 0) predecessor[this.to.at(edge)] = from;
    }
    const visited = new Map<number, number>();
    const way: number[] = [];
    let node = left.findIndex((count) => count > 0);
    while (!visited.has(node)) {
      visited.set(node, way.length);
      way.push(node);
      node = predecessor[node] as number;
    }
    return way.slice(visited.get(node));
  }

  /** The edges of a shortest way from a write back to itself. */
  private cycleThrough(start: number, { heads, edges }: Adjacency): number[] | null {
    const cameBy = new Int32Array(this.nodes).fill(-1);
    const queue = new Int32Array(this.nodes);
    queue[0] = start;
    let length = 1;
    for (let done = 0; done < length; done++) {
      const node = queue[done] as number;
      for (let at = heads[node] as number; at < (heads[node + 1] as number); at++) {
        const edge = edges[at] as number;
        const to = this.to.at(edge);
        if (to === start) return this.wayTo(node, start, cameBy, edge);
        if (cameBy[to] !== -1) continue;
        cameBy[to] = edge;
        queue[length++] = to;
      }
    }
    return null;
  }

  private wayTo(node: number, start: number, cameBy: Int32Array, last: number): number[] {
    const way = [last];
    for (let at = node; at !== start;) {
      const edge = cameBy[at] as number;
      way.push(edge);
      at = this.from.at(edge);
    }
    return way.reverse();
  }

  /** Joins the edges between two writes into one step. */
  private stepsOf(cycle: readonly number[]): OrderStep[] {
    const steps: OrderStep[] = [];
    let from = this.from.at(cycle[0] as number);
    let reasons: number[] = [];
    for (const edge of cycle) {
      const reason = this.reason.at(edge);
      if (reason !== NO_REASON) reasons.push(reason);
      const to = this.to.at(edge);
      if (to >= this.writes) continue;
      steps.push({ from, to, reasons: [...new Set(reasons)] });
      from = to;
      reasons = [];
    }
    return steps;
  }
}

interface Adjacency {
  readonly heads: Int32Array;
  readonly edges: Int32Array;
}

/** Shortest ways back through a graph of dependencies that fit a pattern. */
import type { CycleGraph } from './cycle-graph.ts';
import { RW } from './graph.ts';

/** What a way must be like. */
export interface Pattern {
  /** Labels of the edges that may be taken. */
  readonly mask: number;
  /** Labels of which an edge must be taken; 0: of none. */
  readonly wanted: number;
  /** An rw edge must be taken (besides the one the cycle begins with). */
  readonly wantsOverwrite: boolean;
  /** No two rw edges one after the other; the cycle begins with one. */
  readonly nonadjacent: boolean;
}

const LAST_WAS_RW = 1;
const SAW_WANTED = 2;
const SAW_RW = 4;
const STATES = 8;

/** Breadth-first search over vertices with what the way has shown so far. Reused for many searches in one graph. */
export class PathSearch {
  /** Edges looked at, over all searches. */
  steps = 0;
  readonly #graph: CycleGraph;
  readonly #labels: Uint8Array;
  /** Of each vertex in each state: the search that reached it last, from where, and by which edge. */
  readonly #reachedIn: Int32Array;
  readonly #parent: Int32Array;
  readonly #edge: Int32Array;
  readonly #queue: Int32Array;
  #searches = 0;

  /** @param labels of each edge: the bits it may be taken for. */
  constructor(graph: CycleGraph, labels: Uint8Array) {
    this.#graph = graph;
    this.#labels = labels;
    const size = graph.vertices * STATES;
    this.#reachedIn = new Int32Array(size);
    this.#parent = new Int32Array(size);
    this.#edge = new Int32Array(size);
    this.#queue = new Int32Array(size);
  }

  /**
   * The edges of a shortest way from `start` to `goal` that fits; null where there is none.
   * @param first the edge that led to `start`. @param avoided a vertex not to visit; -1: none.
   * @param mayVisit which vertices are worth a visit. Default: all.
   */
  find(
    first: number,
    goal: number,
    pattern: Pattern,
    avoided: number,
    mayVisit?: (vertex: number) => boolean,
  ): number[] | null {
    const { first: firstEdge, to, isHub } = this.#graph;
    const search = ++this.#searches;
    const start = to[first] as number;
    const root = start * STATES + this.#stateAfter(0, this.#labels[first] as number, pattern, true);
    this.#reachedIn[root] = search;
    this.#parent[root] = -1;
    this.#queue[0] = root;
    let tail = 1;
    for (let head = 0; head < tail; head++) {
      const place = this.#queue[head] as number;
      const vertex = (place / STATES) | 0;
      const state = place % STATES;
      if (vertex === goal && fits(state, pattern)) return this.#way(place);
      const end = firstEdge[vertex + 1] as number;
      for (let e = firstEdge[vertex] as number; e < end; e++) {
        this.steps++;
        const target = to[e] as number;
        if (target === avoided || (mayVisit !== undefined && !mayVisit(target))) continue;
        let next = state;
        if (isHub[vertex] !== 1) {
          const label = (this.#labels[e] as number) & pattern.mask;
          if (label === 0) continue;
          next = this.#stateAfter(state, label, pattern, false);
          if (next < 0) continue;
        }
        const reached = target * STATES + next;
        if (this.#reachedIn[reached] === search) continue;
        this.#reachedIn[reached] = search;
        this.#parent[reached] = place;
        this.#edge[reached] = e;
        this.#queue[tail++] = reached;
      }
    }
    return null;
  }

  /** -1 where the edge may not be taken. Only what the pattern asks about is kept. */
  #stateAfter(state: number, label: number, pattern: Pattern, isFirst: boolean): number {
    let next = state & ~LAST_WAS_RW;
    // Of several labels an edge is taken for one that does not count as rw, where it can.
    const isRw = label === RW;
    if (pattern.nonadjacent && isRw) {
      if ((state & LAST_WAS_RW) !== 0) return -1;
      next |= LAST_WAS_RW;
    }
    if (isRw && !isFirst && pattern.wantsOverwrite) next |= SAW_RW;
    if ((label & pattern.wanted) !== 0) next |= SAW_WANTED;
    return next;
  }

  #way(place: number): number[] {
    const edges: number[] = [];
    for (let at = place; this.#parent[at] !== -1; at = this.#parent[at] as number) {
      edges.push(this.#edge[at] as number);
    }
    return edges.reverse();
  }
}

function fits(state: number, { wanted, wantsOverwrite, nonadjacent }: Pattern): boolean {
  if (wanted !== 0 && (state & SAW_WANTED) === 0) return false;
  if (wantsOverwrite && (state & SAW_RW) === 0) return false;
  // The cycle goes on with the rw edge it began with.
  return !nonadjacent || (state & LAST_WAS_RW) === 0;
}

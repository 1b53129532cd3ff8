/**
 * A graph that grows edge by edge and keeps a topological order of its vertices at hand.
 *
 * Source: Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", 2007: an edge against the
 * order moves only the vertices between its ends. Edges are taken back in the reverse of their order; the topological
 * order stays as it is, which remains one.
 */
import { GrowingInts } from '../growing-columns.ts';

const NONE = -1;

export class OrderedGraph {
  readonly vertices: number;
  /** The place of each vertex in the order, and the vertex at each place. */
  readonly place: Int32Array;
  readonly #at: Int32Array;
  readonly #outHead: Int32Array;
  readonly #inHead: Int32Array;
  readonly #from = new GrowingInts();
  readonly #to = new GrowingInts();
  readonly #nextOut = new GrowingInts();
  readonly #nextIn = new GrowingInts();
  #edges = 0;
  /** By vertex: the search that met it last, and the edge by which it did. */
  readonly #met: Int32Array;
  readonly #by: Int32Array;
  #search = 0;
  /** Vertices looked at so far: what the searches have cost. */
  visited = 0;

  /** @param order every vertex once; edges added at first must respect it. */
  constructor(order: Int32Array) {
    this.vertices = order.length;
    this.#at = order;
    this.place = new Int32Array(order.length);
    order.forEach((vertex, place) => {
      this.place[vertex] = place;
    });
    this.#outHead = new Int32Array(order.length).fill(NONE);
    this.#inHead = new Int32Array(order.length).fill(NONE);
    this.#met = new Int32Array(order.length);
    this.#by = new Int32Array(order.length);
  }

  /** How many edges there are; they are numbered from 0 in the order they were added. */
  get edges(): number {
    return this.#edges;
  }

  fromOf(edge: number): number {
    return this.#from.at(edge);
  }

  toOf(edge: number): number {
    return this.#to.at(edge);
  }

  /** The vertices in their order; valid until the next edge. */
  get order(): Int32Array {
    return this.#at;
  }

  /**
   * Adds an edge that closes no cycle.
   * @param moved is told each vertex whose place changes.
   * @returns the edge's number.
   */
  add(from: number, to: number, moved: (vertex: number) => void): number {
    if ((this.place[from] as number) > (this.place[to] as number)) this.#reorder(from, to, moved);
    const edge = this.#edges++;
    if (edge === this.#from.length) {
      for (const column of [this.#from, this.#to, this.#nextOut, this.#nextIn]) column.push(0);
    }
    this.#from.set(edge, from);
    this.#to.set(edge, to);
    this.#nextOut.set(edge, this.#outHead[from] as number);
    this.#nextIn.set(edge, this.#inHead[to] as number);
    this.#outHead[from] = edge;
    this.#inHead[to] = edge;
    return edge;
  }

  /** Takes back all edges from this number on. */
  truncate(edges: number): void {
    while (this.#edges > edges) {
      const edge = --this.#edges;
      this.#outHead[this.#from.at(edge)] = this.#nextOut.at(edge);
      this.#inHead[this.#to.at(edge)] = this.#nextIn.at(edge);
    }
  }

  /**
   * The edges of a path; null when there is none. Breadth first, so that it is short.
   * @param below only edges with smaller numbers. Default: all.
   */
  path(from: number, to: number, below = Infinity): number[] | null {
    const last = this.place[to] as number;
    if ((this.place[from] as number) >= last) return null;
    const search = ++this.#search;
    const queue = [from];
    this.#met[from] = search;
    for (let head = 0; head < queue.length; head++) {
      const vertex = queue[head] as number;
      this.visited++;
      for (
        let edge = this.#outHead[vertex] as number;
        edge !== NONE;
        edge = this.#nextOut.at(edge)
      ) {
        if (edge >= below) continue;
        const next = this.#to.at(edge);
        if (next === to) return this.#pathTo(edge, from);
        if (this.#met[next] === search || (this.place[next] as number) > last) continue;
        this.#met[next] = search;
        this.#by[next] = edge;
        queue.push(next);
      }
    }
    return null;
  }

  /** Calls back with the end of each edge out of a vertex. */
  eachNext(vertex: number, visit: (next: number) => void): void {
    for (let edge = this.#outHead[vertex] as number; edge !== NONE; edge = this.#nextOut.at(edge)) {
      visit(this.#to.at(edge));
    }
  }

  #pathTo(lastEdge: number, from: number): number[] {
    const path = [lastEdge];
    for (let vertex = this.#from.at(lastEdge); vertex !== from;) {
      const edge = this.#by[vertex] as number;
      path.push(edge);
      vertex = this.#from.at(edge);
    }
    return path.reverse();
  }

  #reorder(from: number, to: number, moved: (vertex: number) => void): void {
    const { place } = this;
    const after = this.#reached(
      to,
      this.#outHead,
      this.#nextOut,
      this.#to,
      (next) => next < (place[from] as number),
    );
    const before = this.#reached(
      from,
      this.#inHead,
      this.#nextIn,
      this.#from,
      (next) => next > (place[to] as number),
    );
    const byPlace = (a: number, b: number): number => (place[a] as number) - (place[b] as number);
    after.sort(byPlace);
    before.sort(byPlace);
    const vertices = [...before, ...after];
    const places = vertices.map((vertex) => place[vertex] as number).sort((a, b) => a - b);
    vertices.forEach((vertex, rank) => {
      const target = places[rank] as number;
      if (place[vertex] === target) return;
      place[vertex] = target;
      this.#at[target] = vertex;
      moved(vertex);
    });
  }

  #reached(
    start: number,
    heads: Int32Array,
    nextEdge: GrowingInts,
    ends: GrowingInts,
    within: (place: number) => boolean,
  ): number[] {
    const search = ++this.#search;
    const found = [start];
    this.#met[start] = search;
    for (let head = 0; head < found.length; head++) {
      const vertex = found[head] as number;
      this.visited++;
      for (let edge = heads[vertex] as number; edge !== NONE; edge = nextEdge.at(edge)) {
        const next = ends.at(edge);
        if (this.#met[next] === search || !within(this.place[next] as number)) continue;
        this.#met[next] = search;
        found.push(next);
      }
    }
    return found;
  }
}

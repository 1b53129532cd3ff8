/**
 * Which kinds of cycles a graph of transactions holds, and one short cycle of each kind.
 *
 * By the dependencies that a cycle takes (Adya 1999, in Elle's names): G0 takes ww edges only; G1c also wr; G-single-item
 * exactly one rw; G-nonadjacent-item several rw, no two in a row; G2-item two in a row. The same with edges of a process
 * or of real time: -process, -realtime. Each edge counts for one label, the first in the order of priority.
 */
import { type Allowance } from '../check-allowance.ts';
import type { CycleGraph, Timing } from './cycle-graph.ts';
import { PROCESS, REALTIME, RW, WR, WW, componentsOf, type Components } from './graph.ts';
import { PathSearch, type Pattern } from './path-search.ts';

export interface FoundCycle {
  /** `G1c-realtime` … */
  readonly anomaly: string;
  /** Edges of the cycle graph, from one to the next and back to the first. */
  readonly edges: readonly number[];
}

export interface CycleSearchResult {
  readonly cycles: readonly FoundCycle[];
  /** Kinds that the search gave up on: there may be cycles of them. */
  readonly undecided: readonly string[];
}

/** So many cycles of a kind are compared for the shortest. */
const MOST_COMPARED = 200;

const NO_DATA = 0;
const DATA = WW | WR;

/** @param allowance for each kind; asked for anew with each. */
export function searchCycles(
  graph: CycleGraph,
  timing: Timing,
  allowance: () => Allowance,
): CycleSearchResult {
  const cycles: FoundCycle[] = [];
  const undecided: string[] = [];
  const paths = new PathSearch(graph, graph.label);
  const variants: [string, number][] = [['', NO_DATA]];
  if (timing === 'process') variants.push(['-process', PROCESS]);
  if (timing === 'realtime') variants.push(['-realtime', REALTIME]);
  for (const [suffix, order] of variants) {
    const search = new KindSearch(graph, paths, order, allowance);
    for (const [kind, find] of search.kinds) {
      const { edges, gaveUp } = find();
      if (edges !== null) cycles.push({ anomaly: kind + suffix, edges });
      else if (gaveUp) undecided.push(kind + suffix);
    }
  }
  return { cycles, undecided };
}

interface Outcome {
  readonly edges: readonly number[] | null;
  readonly gaveUp: boolean;
}

/** The kinds of cycles with one label of time, which each cycle must take, or without any. */
class KindSearch {
  readonly #graph: CycleGraph;
  readonly #paths: PathSearch;
  readonly #order: number;
  readonly #allowance: () => Allowance;
  /** Of each edge: where it comes from. */
  readonly #from: Int32Array;

  constructor(graph: CycleGraph, paths: PathSearch, order: number, allowance: () => Allowance) {
    this.#graph = graph;
    this.#paths = paths;
    this.#order = order;
    this.#allowance = allowance;
    this.#from = sourcesOf(graph);
  }

  get kinds(): readonly [string, () => Outcome][] {
    return [
      ['G0', () => this.#findG0()],
      ['G1c', () => this.#findG1c()],
      ['G-single-item', () => this.#findSingle()],
      ['G-nonadjacent-item', () => this.#findNonadjacent()],
      ['G2-item', () => this.#findAdjacent()],
    ];
  }

  #findG0(): Outcome {
    const order = this.#order;
    const { componentOf } = componentsOf(this.#graph, WW | order);
    const first = order === 0 ? WW : order;
    return this.#shortest(
      first,
      pattern(WW | order, 0),
      (a, b) => componentOf[a] === componentOf[b],
    );
  }

  #findG1c(): Outcome {
    const order = this.#order;
    const { componentOf } = componentsOf(this.#graph, DATA | order);
    return this.#shortest(
      WR,
      pattern(DATA | order, order),
      (a, b) => componentOf[a] === componentOf[b],
    );
  }

  /** The way back from the rw edge takes none, so it goes down in the numbers of components only. */
  #findSingle(): Outcome {
    const order = this.#order;
    const { componentOf } = componentsOf(this.#graph, DATA | order);
    const { isHub } = this.#graph;
    return this.#shortest(
      RW,
      pattern(DATA | order, order),
      (a, b) => isHub[b] === 1 || (componentOf[b] as number) >= (componentOf[a] as number),
      componentOf,
    );
  }

  #findNonadjacent(): Outcome {
    const order = this.#order;
    const { componentOf } = componentsOf(this.#graph, DATA | RW | order);
    const wanted = {
      ...pattern(DATA | RW | order, order),
      wantsOverwrite: true,
      nonadjacent: true,
    };
    const { componentOf: doubled } = nonadjacentComponents(
      this.#graph,
      this.#graph.label,
      DATA | order,
    );
    return this.#shortest(
      RW,
      wanted,
      (a, b) => componentOf[a] === componentOf[b] && doubled[2 * a] === doubled[2 * b + 1],
    );
  }

  /** Two rw edges in a row, and a way back that does not touch the vertex between them. */
  #findAdjacent(): Outcome {
    const order = this.#order;
    const { first, to, label, isHub, vertices } = this.#graph;
    const { componentOf } = componentsOf(this.#graph, DATA | RW | order);
    const back = pattern(DATA | RW | order, order);
    const best = new Best(this.#allowance(), this.#paths);
    for (let v = 0; v < vertices && best.goesOn(); v++) {
      const end = first[v + 1] as number;
      for (let e = first[v] as number; isHub[v] === 0 && e < end && best.goesOn(); e++) {
        const middle = to[e] as number;
        if (label[e] !== RW || componentOf[middle] !== componentOf[v]) continue;
        if (isHub[middle] === 1) {
          this.#throughHub(v, e, back, componentOf, best);
        } else this.#twoInARow(v, [e], back, componentOf, best);
      }
    }
    return best.outcome;
  }

  #throughHub(v: number, edge: number, back: Pattern, componentOf: Int32Array, best: Best): void {
    const { first, to } = this.#graph;
    const hub = to[edge] as number;
    const end = first[hub + 1] as number;
    for (let e = first[hub] as number; e < end && best.goesOn(); e++) {
      if (componentOf[to[e] as number] === componentOf[v]) {
        this.#twoInARow(v, [edge, e], back, componentOf, best);
      }
    }
  }

  #twoInARow(
    v: number,
    begun: readonly number[],
    back: Pattern,
    componentOf: Int32Array,
    best: Best,
  ): void {
    const { first, to, label } = this.#graph;
    const middle = to[begun.at(-1) as number] as number;
    if (middle === v) return;
    const end = first[middle + 1] as number;
    for (let e = first[middle] as number; e < end && best.goesOn(); e++) {
      if (label[e] !== RW || componentOf[to[e] as number] !== componentOf[v]) continue;
      const way = this.#paths.find(e, v, back, middle);
      best.offer(way === null ? null : [...begun, e, ...way], this.#from);
    }
  }

  /**
   * The shortest of the cycles that take an edge of the label `begin` first and then fit the pattern.
   * @param isWorth whether an edge can be in such a cycle at all.
   * @param level where given the way back never rises in it.
   */
  #shortest(
    begin: number,
    back: Pattern,
    isWorth: (from: number, to: number) => boolean,
    level?: Int32Array,
  ): Outcome {
    const { first, to, label, isHub, vertices } = this.#graph;
    const best = new Best(this.#allowance(), this.#paths);
    for (let v = 0; v < vertices && best.goesOn(); v++) {
      if (isHub[v] === 1) continue;
      const end = first[v + 1] as number;
      const floor = level === undefined ? 0 : (level[v] as number);
      const mayVisit =
        level === undefined ? undefined : (w: number) => (level[w] as number) >= floor;
      for (let e = first[v] as number; e < end && best.goesOn(); e++) {
        if (label[e] !== begin || !isWorth(v, to[e] as number)) continue;
        const way = this.#paths.find(e, v, back, -1, mayVisit);
        best.offer(way === null ? null : [e, ...way], this.#from);
      }
    }
    return best.outcome;
  }
}

/** The shortest cycle so far, within an allowance. */
class Best {
  #edges: readonly number[] | null = null;
  #offers = 0;
  #isOver = false;
  readonly #allowance: Allowance;
  readonly #paths: PathSearch;
  #steps: number;

  constructor(allowance: Allowance, paths: PathSearch) {
    this.#allowance = allowance;
    this.#paths = paths;
    this.#steps = paths.steps;
  }

  get outcome(): Outcome {
    return { edges: this.#edges, gaveUp: this.#isOver };
  }

  goesOn(): boolean {
    return !this.#isOver && this.#offers < MOST_COMPARED && this.#edges?.length !== 2;
  }

  /** Takes the cycle when it is shorter and passes no vertex twice. */
  offer(edges: readonly number[] | null, from: Int32Array): void {
    for (; this.#steps < this.#paths.steps; this.#steps++) {
      if (!this.#allowance.spend()) this.#isOver = true;
    }
    if (edges === null) return;
    if (this.#edges !== null && edges.length >= this.#edges.length) {
      this.#offers++;
      return;
    }
    if (new Set(edges.map((edge) => from[edge])).size < edges.length) return;
    this.#offers++;
    this.#edges = edges;
  }
}

function pattern(mask: number, wanted: number): Pattern {
  return { mask, wanted, wantsOverwrite: false, nonadjacent: false };
}

/** Of each edge: the vertex it comes from. */
export function sourcesOf({ first, to, vertices }: CycleGraph): Int32Array {
  const from = new Int32Array(to.length);
  for (let v = 0; v < vertices; v++) from.fill(v, first[v], first[v + 1]);
  return from;
}

/**
 * Components of the graph in which no two rw edges are taken one after the other: vertex v after another edge is 2v, after
 * an rw edge 2v + 1. Snapshot isolation allows no cycle there (Cerone and Gotsman, "Analysing snapshot isolation", 2016).
 */
export function nonadjacentComponents(
  { first, to, isHub, vertices }: CycleGraph,
  labels: Uint8Array,
  others: number,
): Components {
  const newFirst = new Int32Array(2 * vertices + 1);
  const newTo = new Int32Array(3 * to.length);
  let count = 0;
  for (let doubled = 0; doubled < 2 * vertices; doubled++) {
    const v = doubled >> 1;
    const afterRw = (doubled & 1) === 1;
    const end = first[v + 1] as number;
    for (let e = first[v] as number; e < end; e++) {
      const target = to[e] as number;
      if (isHub[v] === 1) {
        if (afterRw) newTo[count++] = 2 * target + 1;
        continue;
      }
      const label = labels[e] as number;
      if ((label & others) !== 0) newTo[count++] = 2 * target;
      if ((label & RW) !== 0 && !afterRw) newTo[count++] = 2 * target + 1;
    }
    newFirst[doubled + 1] = count;
  }
  const label = new Uint8Array(count).fill(1);
  const graph = { vertices: 2 * vertices, first: newFirst, to: newTo, label };
  return componentsOf(graph);
}

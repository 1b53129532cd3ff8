/**
 * Is there an order of points in which some lie outside of some intervals?
 *
 * A read is an interval, from the write that it read to the read itself; other writes of the key are points that must lie
 * before or after it. That is the polygraph of Papadimitriou ("The serializability of concurrent database updates", 1979)
 * and Cobra (Tan et al., "Cobra: making transactional key-value stores verifiably serializable", 2020). Here a
 * topological order is kept, and only choices that it gets wrong are made: where one side is closed by a path, the other
 * is forced; where both are open, one is tried. When both are closed, the decisions that the paths rest on are found, the
 * last of them is reversed, and the search goes back to the one before it (backjumping).
 */
import type { Allowance } from '../check-allowance.ts';
import type { OrderedGraph } from './ordered-graph.ts';
import { forcedChoices } from './forced-choices.ts';

/** No beginning: the interval is open to the past. */
export const BEGINNING = -1;

/** What must lie outside of what, for one key. Vertices of the graph. */
export interface KeyIntervals {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly points: Int32Array;
}

/** `point` lies before or after an interval: the choice that an edge of the search rests on. */
export interface Choice {
  readonly key: number;
  readonly interval: number;
  readonly point: number;
  readonly side: 'before' | 'after';
}

/** An edge that the search has added. */
export interface AddedEdge {
  readonly choice: Choice;
  /**
   * Edges whose path closes the other side; of a decision, none; of the reverse of one, the decisions that it rests on.
   * Null: a path of edges with smaller numbers, not looked for yet.
   */
  readonly because: readonly number[] | null;
  /** Decided; forced by a path; or the reverse of a decision that failed, because of other decisions. */
  readonly kind: 'decided' | 'forced' | 'reversed';
  readonly level: number;
}

/** Both sides of an interval are closed to a point. */
export interface Conflict {
  readonly choice: Omit<Choice, 'side'>;
  /** From the point to the end of the interval, and from its beginning to the point. */
  readonly toHigh: readonly number[];
  readonly fromLow: readonly number[];
}

export type SearchResult =
  | { readonly outcome: 'ordered' }
  /** `conflict` is null when a reversed decision closed the last way: there is no short proof. */
  | { readonly outcome: 'impossible'; readonly conflict: Conflict | null }
  | { readonly outcome: 'exhausted' };

/** The search begins anew after so many conflicts, and then after ever more. */
const FIRST_SATURATION = 8;
const GROWTH_BETWEEN_SATURATIONS = 4;
/** So many visits of vertices cost one step of the allowance. */
const VISITS_PER_STEP = 16;

export class IntervalSearch {
  readonly graph: OrderedGraph;
  readonly keys: readonly KeyIntervals[];
  /** By edge of the graph, counted from `firstAdded`. */
  readonly added: AddedEdge[] = [];
  readonly firstAdded: number;
  decisions = 0;
  conflicts = 0;
  readonly #allowance: Allowance;
  /** By vertex: the keys it is a point or an end of an interval of. */
  readonly #keysOf: readonly (readonly number[])[];
  readonly #isDirty: Uint8Array;
  /** Keys to look at, first come first served: those before `judged` have been. */
  readonly #dirty: number[] = [];
  #judged = 0;
  readonly #deferred: Omit<Choice, 'side'>[] = [];
  #nextDeferred = 0;
  /** By level: the first edge of it. */
  readonly #levelStart: number[] = [0];
  #spentVisits = 0;
  #nextSaturation = FIRST_SATURATION;
  #out = false;
  readonly #moved = (vertex: number): void => {
    for (const key of this.#keysOf[vertex] ?? []) this.#mark(key);
  };

  constructor(graph: OrderedGraph, keys: readonly KeyIntervals[], allowance: Allowance) {
    this.graph = graph;
    this.keys = keys;
    this.firstAdded = graph.edges;
    this.#allowance = allowance;
    this.#keysOf = keysByVertex(graph.vertices, keys);
    this.#isDirty = new Uint8Array(keys.length);
    for (let key = 0; key < keys.length; key++) this.#mark(key);
  }

  /** Finds an order, or that there is none. */
  run(): SearchResult {
    for (;;) {
      const conflict = this.#propagate() ?? this.#saturate() ?? this.#decide();
      if (this.#out) return { outcome: 'exhausted' };
      if (conflict !== null) {
        this.conflicts++;
        const result = this.#backjump(conflict);
        if (result !== null) return result;
        if (this.conflicts >= this.#nextSaturation) this.#undoTo(0);
      } else if (this.#isSettled()) return { outcome: 'ordered' };
    }
  }

  #isSettled(): boolean {
    return this.#judged === this.#dirty.length && this.#deferred.length === 0;
  }

  #mark(key: number): void {
    if (this.#isDirty[key] === 1) return;
    this.#isDirty[key] = 1;
    this.#dirty.push(key);
  }

  /** Looks at every key whose vertices moved, until none is left. */
  #propagate(): Conflict | null {
    for (;;) {
      const key = this.#dirty[this.#judged++];
      if (key === undefined) {
        this.#dirty.length = 0;
        this.#judged = 0;
        return null;
      }
      this.#isDirty[key] = 0;
      const conflict = this.#judgeKey(key);
      if (conflict === null && !this.#out) continue;
      this.#mark(key);
      return conflict;
    }
  }

  #judgeKey(key: number): Conflict | null {
    const { low, high, points } = this.keys[key] as KeyIntervals;
    const { place } = this.graph;
    const sorted = points.slice().sort((a, b) => (place[a] as number) - (place[b] as number));
    const places = sorted.map((point) => place[point] as number);
    for (let interval = 0; interval < high.length; interval++) {
      const begin = low[interval] as number;
      const end = high[interval] as number;
      let at = begin === BEGINNING ? 0 : firstAbove(places, place[begin] as number);
      for (; at < sorted.length && (places[at] as number) < (place[end] as number); at++) {
        const point = sorted[at] as number;
        if (!this.#isInside(point, begin, end)) continue;
        const conflict = this.#separate({ key, interval, point }, false);
        if (conflict !== null || this.#out) return conflict;
      }
    }
    return null;
  }

  #isInside(point: number, begin: number, end: number): boolean {
    const { place } = this.graph;
    if (point === begin || point === end) return false;
    const where = place[point] as number;
    return (
      where < (place[end] as number) && (begin === BEGINNING || where > (place[begin] as number))
    );
  }

  /** Moves a point out of an interval that it lies in: as it must be, or as `decide` allows to choose. */
  #separate(choice: Omit<Choice, 'side'>, decide: boolean): Conflict | null {
    const { key, interval, point } = choice;
    const { low, high } = this.keys[key] as KeyIntervals;
    const begin = low[interval] as number;
    const end = high[interval] as number;
    const toHigh = this.graph.path(point, end);
    const fromLow = begin === BEGINNING ? [] : this.graph.path(begin, point);
    this.#spend();
    if (toHigh !== null && fromLow !== null) return { choice, toHigh, fromLow };
    if (fromLow !== null) this.#add({ ...choice, side: 'after' }, 'forced', fromLow);
    else if (toHigh !== null) this.#add({ ...choice, side: 'before' }, 'forced', toHigh);
    else if (!decide) this.#deferred.push(choice);
    else {
      const { place } = this.graph;
      const where = place[point] as number;
      const isNearEnd = (place[end] as number) - where <= where - (place[begin] as number);
      this.#levelStart.push(this.graph.edges);
      this.decisions++;
      this.#add({ ...choice, side: isNearEnd ? 'after' : 'before' }, 'decided', []);
    }
    return null;
  }

  #spend(): void {
    const visits = this.graph.visited - this.#spentVisits;
    this.#spentVisits = this.graph.visited;
    if (!this.#allowance.take(1 + Math.floor(visits / VISITS_PER_STEP))) this.#out = true;
  }

  #endsOf({ key, interval, point, side }: Choice): readonly [number, number] {
    const { low, high } = this.keys[key] as KeyIntervals;
    return side === 'after' ? [high[interval] as number, point] : [point, low[interval] as number];
  }

  #add(choice: Choice, kind: AddedEdge['kind'], because: AddedEdge['because']): void {
    const [from, to] = this.#endsOf(choice);
    this.graph.add(from, to, this.#moved);
    this.added.push({ choice, because, kind, level: this.#levelStart.length - 1 });
  }

  /** Decides one thing that nothing forces; what follows from it is looked at before the next one. */
  #decide(): Conflict | null {
    while (this.#nextDeferred < this.#deferred.length) {
      const choice = this.#deferred[this.#nextDeferred++] as Omit<Choice, 'side'>;
      const { low, high } = this.keys[choice.key] as KeyIntervals;
      const begin = low[choice.interval] as number;
      if (!this.#isInside(choice.point, begin, high[choice.interval] as number)) continue;
      return this.#separate(choice, true);
    }
    this.#deferred.length = 0;
    this.#nextDeferred = 0;
    return null;
  }

  /** What was put off is looked at again from the beginning. */
  #resumeDeferred(): void {
    for (const { key } of this.#deferred) this.#mark(key);
    this.#deferred.length = 0;
    this.#nextDeferred = 0;
  }

  /** Goes back to where the conflict can be avoided; the result when it never can. */
  #backjump(found: Conflict): SearchResult | null {
    this.#resumeDeferred();
    let conflict: Conflict | null = found;
    let reasons: readonly number[] = [...found.toHigh, ...found.fromLow];
    for (;;) {
      const decisions = this.#roots(reasons);
      const last = decisions.pop();
      if (last === undefined) return { outcome: 'impossible', conflict };
      const { choice } = this.added[last - this.firstAdded] as AddedEdge;
      const before = decisions.at(-1);
      this.#undoTo(before === undefined ? 0 : this.#levelOf(before));
      this.#mark(choice.key);
      const reverse: Choice = { ...choice, side: choice.side === 'after' ? 'before' : 'after' };
      const [from, to] = this.#endsOf(reverse);
      const closed = this.graph.path(to, from);
      this.#spend();
      if (closed === null) {
        this.#add(reverse, 'reversed', decisions);
        return null;
      }
      reasons = [...closed, ...decisions];
      conflict = null;
    }
  }

  /**
   * After some conflicts, without decisions: whatever paths force is made certain, also where the order kept is right by
   * accident.
   */
  #saturate(): Conflict | null {
    if (this.#levelStart.length > 1 || this.conflicts < this.#nextSaturation) return null;
    this.#nextSaturation = this.conflicts * GROWTH_BETWEEN_SATURATIONS;
    for (;;) {
      const found = forcedChoices(this.graph, this.keys);
      if (found === null) return null;
      this.#spentVisits = this.graph.visited;
      if (!this.#allowance.take(found.steps)) this.#out = true;
      let isNew = false;
      for (const choice of found.choices) {
        const [from, to] = this.#endsOf(choice);
        if (this.graph.path(to, from) !== null) {
          const conflict = this.#separate(choice, false);
          if (conflict !== null) return conflict;
        } else {
          isNew = true;
          this.#add(choice, 'forced', null);
        }
      }
      if (!isNew || this.#out) return this.#propagate();
    }
  }

  #levelOf(edge: number): number {
    return this.added[edge - this.firstAdded]?.level ?? 0;
  }

  #undoTo(level: number): void {
    const start = this.#levelStart[level + 1];
    if (start === undefined) return;
    this.graph.truncate(start);
    this.added.length = start - this.firstAdded;
    this.#levelStart.length = level + 1;
  }

  /** The decisions that these edges rest on, ascending. */
  #roots(edges: readonly number[]): number[] {
    const seen = new Set(edges);
    const decisions: number[] = [];
    for (const edge of seen) {
      const one = this.added[edge - this.firstAdded];
      if (one === undefined || one.level === 0) continue;
      if (one.kind === 'decided') decisions.push(edge);
      else for (const reason of one.because ?? []) seen.add(reason);
    }
    return decisions.sort((a, b) => a - b);
  }
}

function keysByVertex(vertices: number, keys: readonly KeyIntervals[]): number[][] {
  const keysOf = Array.from({ length: vertices }, (): number[] => []);
  keys.forEach(({ low, high, points }, key) => {
    for (const vertices of [low, high, points]) {
      for (const vertex of vertices) {
        const known = keysOf[vertex];
        if (known !== undefined && known.at(-1) !== key) known.push(key);
      }
    }
  });
  return keysOf;
}

/** The first place in an ascending list that holds more than `value`. */
function firstAbove(list: Int32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

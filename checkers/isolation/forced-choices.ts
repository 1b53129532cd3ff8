/**
 * What reachability alone forces, over all points and intervals at once. Source: the pruning of Cobra (Tan et al., 2020).
 * Rows of bits, one a vertex: quadratic in memory, so only for graphs of moderate size.
 */
import { BEGINNING } from './interval-search.ts';
import type { Choice, KeyIntervals } from './interval-search.ts';
import type { OrderedGraph } from './ordered-graph.ts';

/** 128 MB of bits. */
const MOST_VERTICES = 32_768;
/** So many pairs of a point and an interval are looked at. */
const MOST_PAIRS = 30_000_000;

export interface ForcedChoices {
  /** Sides that are forced and that no path shows yet. */
  readonly choices: readonly Choice[];
  /** What finding them cost. */
  readonly steps: number;
}

/** Null when the graph is too large to look at all pairs. */
export function forcedChoices(
  graph: OrderedGraph,
  keys: readonly KeyIntervals[],
): ForcedChoices | null {
  const pairs = keys.reduce((sum, { high, points }) => sum + high.length * points.length, 0);
  if (graph.vertices > MOST_VERTICES || pairs > MOST_PAIRS) return null;
  const reaches = new Reachability(graph);
  const choices: Choice[] = [];
  keys.forEach(({ low, high, points }, key) => {
    for (let interval = 0; interval < high.length; interval++) {
      const begin = low[interval] as number;
      const end = high[interval] as number;
      for (const point of points) {
        if (point === begin || point === end) continue;
        const side = forcedSide(reaches, begin, end, point);
        if (side !== null) choices.push({ key, interval, point, side });
      }
    }
  });
  return { choices, steps: Math.ceil((pairs + reaches.cost) / 64) };
}

function forcedSide(
  reaches: Reachability,
  begin: number,
  end: number,
  point: number,
): Choice['side'] | null {
  if (begin === BEGINNING || reaches.has(begin, point))
    return reaches.has(end, point) ? null : 'after';
  return reaches.has(point, end) && !reaches.has(point, begin) ? 'before' : null;
}

/** Which vertex leads to which. */
class Reachability {
  readonly cost: number;
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(graph: OrderedGraph) {
    const words = (graph.vertices + 31) >>> 5;
    const bits = new Uint32Array(words * graph.vertices);
    this.#words = words;
    this.#bits = bits;
    for (let place = graph.vertices - 1; place >= 0; place--) {
      const vertex = graph.order[place] as number;
      const row = vertex * words;
      graph.eachNext(vertex, (next) => {
        const word = row + (next >>> 5);
        const bit = 1 << (next & 31);
        if (((bits[word] as number) & bit) !== 0) return;
        for (let w = 0, from = next * words; w < words; w++, from++) {
          bits[row + w] = (bits[row + w] as number) | (bits[from] as number);
        }
        bits[word] = (bits[word] as number) | bit;
      });
    }
    this.cost = graph.edges * words;
  }

  has(from: number, to: number): boolean {
    return (((this.#bits[from * this.#words + (to >>> 5)] as number) >>> (to & 31)) & 1) === 1;
  }
}

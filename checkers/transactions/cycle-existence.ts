/**
 * Models that a cycle rules out although no cycle of a named kind does: where two transactions depend in several ways, a
 * named kind counts one of them only. Named `PL-2-cycle-exists` and the like.
 */
import { canonicalName, impossibleModels } from './consistency-models.ts';
import type { CycleGraph, Timing } from './cycle-graph.ts';
import { nonadjacentComponents, sourcesOf } from './cycle-search.ts';
import { PROCESS, REALTIME, RW, WR, WW, componentsOf, type Components } from './graph.ts';
import { PathSearch } from './path-search.ts';

/** A model and the dependencies that must not form a cycle where it holds. */
interface ModelCycle {
  readonly model: string;
  readonly mask: number;
  /** rw edges may be taken too, but no two in a row. */
  readonly extended: boolean;
}

const DATA = WW | WR;

function modelCycles(timing: Timing): readonly ModelCycle[] {
  const of = (names: readonly string[], order: number): ModelCycle[] => [
    { model: names[0] ?? '', mask: WW | order, extended: false },
    { model: names[1] ?? '', mask: DATA | order, extended: false },
    { model: names[2] ?? '', mask: DATA | order, extended: true },
    { model: names[3] ?? '', mask: DATA | RW | order, extended: false },
  ];
  const plain = of(['PL-1', 'PL-2', 'PL-SI', 'PL-3'], 0);
  if (timing === 'process') {
    const session = ['PL-1', 'PL-2', 'snapshot-isolation', 'serializable'];
    return [
      ...plain,
      ...of(
        session.map((name) => `strong-session-${name}`),
        PROCESS,
      ),
    ];
  }
  if (timing === 'realtime') {
    const strong = ['strong-PL-1', 'strong-PL-2', 'strong-snapshot-isolation', 'PL-SS'];
    return [...plain, ...of(strong, REALTIME)];
  }
  return plain;
}

export interface ExistingCycle {
  readonly anomaly: string;
  /** A cycle that shows it, and the label that each edge is taken for; null where none was found that is simple. */
  readonly edges: readonly number[] | null;
  readonly labels: readonly number[];
}

/**
 * @param known anomalies found so far: models that they rule out need no more. But where a pair of transactions depends
 * by time and otherwise too, it is a matter of which pair a search meets first whether it names a cycle of writes and
 * time G0-realtime or by the other dependency; then the model is named as well.
 */
export function existingCycles(
  graph: CycleGraph,
  timing: Timing,
  known: ReadonlySet<string>,
): ExistingCycle[] {
  const impossible = impossibleModels(known);
  const certain = impossibleModels([...known].filter((type) => !/^G(0|1c)-/.test(type)));
  const found: ExistingCycle[] = [];
  for (const cycle of modelCycles(timing)) {
    const model = canonicalName(cycle.model);
    if (certain.has(model)) continue;
    const components = componentsFor(graph, cycle);
    if (components.count === components.componentOf.length) continue;
    if (impossible.has(model) && !isAmbiguous(graph, cycle, components)) continue;
    const anomaly = `${cycle.model}-cycle-exists`;
    found.push({ anomaly, ...exampleOf(graph, cycle, components) });
    for (const other of impossibleModels([anomaly])) {
      impossible.add(other);
      certain.add(other);
    }
  }
  return found;
}

/** Whether a pair in a cycle may be named by another dependency than those of the model's cycles. */
function isAmbiguous(
  { first, to, label, bits, vertices }: CycleGraph,
  { mask, extended }: ModelCycle,
  { componentOf }: Components,
): boolean {
  if (extended || (mask & (PROCESS | REALTIME)) === 0) return false;
  for (let v = 0; v < vertices; v++) {
    for (let e = first[v] as number; e < (first[v + 1] as number); e++) {
      const isMember = componentOf[v] === componentOf[to[e] as number];
      if (isMember && ((bits[e] as number) & mask) !== 0 && ((label[e] as number) & mask) === 0) {
        return true;
      }
    }
  }
  return false;
}

function componentsFor(graph: CycleGraph, { mask, extended }: ModelCycle): Components {
  return extended
    ? nonadjacentComponents(graph, graph.bits, mask)
    : componentsOf({ ...graph, label: graph.bits }, mask);
}

const MOST_TRIED = 1_000;

function exampleOf(
  graph: CycleGraph,
  { mask, extended }: ModelCycle,
  { componentOf }: Components,
): Pick<ExistingCycle, 'edges' | 'labels'> {
  const allowed = extended ? mask | RW : mask;
  const labels = graph.bits.map((bits) => lowest(bits & allowed));
  const paths = new PathSearch(graph, labels);
  const from = sourcesOf(graph);
  let tried = 0;
  for (let edge = 0; edge < labels.length && tried < MOST_TRIED; edge++) {
    const [a, b] = [from[edge] as number, graph.to[edge] as number];
    if (labels[edge] === 0 || graph.isHub[a] === 1) continue;
    if (extended ? labels[edge] !== RW : componentOf[a] !== componentOf[b]) continue;
    if (extended && componentOf[2 * a] !== componentOf[2 * b + 1]) continue;
    tried++;
    const pattern = { mask: allowed, wanted: 0, wantsOverwrite: false, nonadjacent: extended };
    const way = paths.find(edge, a, pattern, -1);
    if (way === null) continue;
    const edges = [edge, ...way];
    if (new Set(edges.map((e) => from[e])).size < edges.length) continue;
    return { edges, labels: edges.map((e) => labels[e] as number) };
  }
  return { edges: null, labels: [] };
}

/** The lowest bit. */
function lowest(bits: number): number {
  return bits & -bits;
}

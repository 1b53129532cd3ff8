/**
 * Read committed, read atomic and causal consistency of registers whose values are written once.
 *
 * A level holds when sessions, reads and the edges that its axiom demands make no cycle (Biswas and Enea, 2019). All
 * three take the order of sessions for granted, as AWDIT and Plume do.
 */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import type { TransactionColumns } from '../transactions/columns.ts';
import { componentsOf, graphOf, WW } from '../transactions/graph.ts';
import type { LabelledGraph } from '../transactions/graph.ts';
import { causalEdges } from './causal-consistency.ts';
import { addSessionEdges, readEdges } from './known-order.ts';
import { cycleCertificate, initialReadCertificate } from './level-certificates.ts';
import { readAtomicEdges } from './read-atomic.ts';
import { readCommittedEdges } from './read-committed.ts';
import { readSources } from './read-sources.ts';
import type { ReadSources } from './read-sources.ts';
import { shortCycle } from './shortest-path.ts';
import type { VisibleWrites } from './visible-writes.ts';

export type IsolationLevel = 'read-committed' | 'read-atomic' | 'causal';

export const ISOLATION_LEVELS: readonly IsolationLevel[] = [
  'read-committed',
  'read-atomic',
  'causal',
];

export interface IsolationLevels {
  /** A level that could not be judged within the budget is missing; all are when `unjudgeable` says why. */
  readonly levels: Readonly<Partial<Record<IsolationLevel, boolean>>>;
  /** Of each level violated, why. */
  readonly violations: readonly { readonly level: IsolationLevel; readonly by: Certificate }[];
  /** In words, why nothing can be said; null when it can. */
  readonly unjudgeable: string | null;
  readonly transactions: number;
  readonly sessions: number;
}

/**
 * Which levels hold.
 * @param initial what a key may hold at the beginning. Default: null, absent.
 */
export function levelsOf(
  columns: TransactionColumns,
  initial: readonly Value[] = [null],
  budget: CheckBudget = { timeMs: 60_000 },
): IsolationLevels {
  return levelsOfSources(readSources(columns, initial), budget);
}

/** As levelsOf, when it is known already who read from whom. */
export function levelsOfSources(sources: ReadSources, budget: CheckBudget): IsolationLevels {
  const { sessions, ambiguous, faults } = sources;
  const transactions = sources.inSession.length;
  const figures = { transactions, sessions, unjudgeable: null };
  const fault = faults[0];
  if (fault !== undefined) return { ...all(fault), ...figures };
  if (ambiguous !== null) {
    const { key, value } = ambiguous;
    const unjudgeable =
      `several transactions wrote ${JSON.stringify(value)} to ${JSON.stringify(key)}: it is not ` +
      'known who was read; values must be written once';
    return { levels: {}, violations: [], ...figures, unjudgeable };
  }
  const known = withEdges(sources, null);
  const components = componentsOf(known);
  const cycle = shortCycle(known, components);
  if (cycle !== null) return { ...all(cycleCertificate(sources, known, null, cycle)), ...figures };
  const order = new Int32Array(sources.columns.count);
  components.componentOf.forEach((component, t) => {
    order[components.count - 1 - component] = t;
  });
  const demanded: Record<IsolationLevel, VisibleWrites | null> = {
    'read-committed': readCommittedEdges(sources),
    'read-atomic': readAtomicEdges(sources),
    causal: causalEdges(sources, order, new Allowance(budget)),
  };
  return { ...judge(sources, known, demanded), ...figures };
}

/** Every level is violated in the same way. */
function all(by: Certificate): Pick<IsolationLevels, 'levels' | 'violations'> {
  return {
    levels: Object.fromEntries(ISOLATION_LEVELS.map((level) => [level, false])),
    violations: ISOLATION_LEVELS.map((level) => ({ level, by })),
  };
}

function judge(
  sources: ReadSources,
  known: LabelledGraph,
  demanded: Readonly<Record<IsolationLevel, VisibleWrites | null>>,
): Pick<IsolationLevels, 'levels' | 'violations'> {
  const levels: Partial<Record<IsolationLevel, boolean>> = {};
  const violations: { level: IsolationLevel; by: Certificate }[] = [];
  for (const level of ISOLATION_LEVELS) {
    const edges = demanded[level];
    if (edges === null) continue;
    const by = violationBy(sources, known, edges);
    levels[level] = by === null;
    if (by !== null) violations.push({ level, by });
  }
  return { levels, violations };
}

function violationBy(
  sources: ReadSources,
  known: LabelledGraph,
  edges: VisibleWrites,
): Certificate | null {
  if (edges.initialRead !== null) return initialReadCertificate(sources, known, edges.initialRead);
  if (edges.count === 0) return null;
  const graph = withEdges(sources, edges);
  const cycle = shortCycle(graph, componentsOf(graph));
  return cycle === null ? null : cycleCertificate(sources, known, edges, cycle);
}

function withEdges(sources: ReadSources, demanded: VisibleWrites | null): LabelledGraph {
  const edges = readEdges(sources);
  addSessionEdges(sources, edges);
  for (let edge = 0; edge < (demanded?.count ?? 0); edge++) {
    edges.add(demanded?.from.at(edge) ?? 0, demanded?.to.at(edge) ?? 0, WW);
  }
  return graphOf(sources.columns.count, edges);
}

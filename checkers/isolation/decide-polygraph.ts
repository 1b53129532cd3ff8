/** Is there a serial order (or one of snapshots and commits) that explains what was read? */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { Certificate, SerialOrder, TransactionFault } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import { nameOf } from '../transactions/columns.ts';
import type { TransactionColumns } from '../transactions/columns.ts';
import { componentsOf } from '../transactions/graph.ts';
import type { LabelledGraph } from '../transactions/graph.ts';
import { cycleOf, readEdge, sessionEdge } from './dependency-edges.ts';
import { greedyOrder } from './greedy-order.ts';
import { IntervalSearch } from './interval-search.ts';
import type { SearchResult } from './interval-search.ts';
import { OrderedGraph } from './ordered-graph.ts';
import { conflictCycle } from './polygraph-certificates.ts';
import { polygraphOf, recordedGraph, splitOrder, transactionAt } from './polygraph.ts';
import type { Polygraph, PolygraphModel, RespectedOrder } from './polygraph.ts';
import { lastWriteOf, readSources } from './read-sources.ts';
import type { ReadSources } from './read-sources.ts';
import { shortCycle } from './shortest-path.ts';

export interface PolygraphOptions {
  readonly model: PolygraphModel;
  readonly respects: RespectedOrder;
  /** What a key may hold at the beginning. Default: null, absent. */
  readonly initial?: readonly Value[];
}

export interface PolygraphDecision {
  /** `unjudgeable`: a value was written twice, so that it is not known who was read. */
  readonly outcome: 'valid' | 'invalid' | 'exhausted' | 'unjudgeable';
  /** Null where there is no short proof. */
  readonly certificate: Certificate | null;
  readonly transactions: number;
  /** Choices that had to be tried, and how many of them failed. */
  readonly decisions: number;
  readonly conflicts: number;
}

/** Decides by search, within the budget. */
export function decideByPolygraph(
  columns: TransactionColumns,
  { model, respects, initial }: PolygraphOptions,
  budget: CheckBudget,
): PolygraphDecision {
  const sources = readSources(columns, initial);
  const transactions = sources.inSession.length;
  const figures = { transactions, decisions: 0, conflicts: 0 };
  const fault = sources.faults[0] ?? repeatedRead(sources) ?? lostUpdate(sources);
  if (fault !== undefined) return { outcome: 'invalid', certificate: fault, ...figures };
  if (sources.ambiguous !== null) return { outcome: 'unjudgeable', certificate: null, ...figures };
  const recorded = recordedGraph(sources, respects);
  const cycle = shortCycle(recorded, componentsOf(recorded));
  if (cycle !== null) {
    return { outcome: 'invalid', certificate: recordedCycle(sources, cycle), ...figures };
  }
  const polygraph = polygraphOf(sources, model, recorded);
  // Most systems keep the order of sessions, and with it there is little to try. It is no more than a guess.
  const guess = respects === 'nothing' ? guessBySessions(sources, model, budget) : null;
  const search = guess ?? searchOf(polygraph, recorded, new Allowance(budget));
  const result: SearchResult = guess === null ? search.run() : { outcome: 'ordered' };
  const { decisions, conflicts } = search;
  const certificate =
    result.outcome === 'ordered'
      ? serialOrder(polygraph, search, respects)
      : result.outcome === 'impossible' && result.conflict !== null
        ? conflictCycle(polygraph, search, result.conflict)
        : null;
  return { outcome: OUTCOMES[result.outcome], certificate, transactions, decisions, conflicts };
}

const OUTCOMES = {
  ordered: 'valid',
  impossible: 'invalid',
  exhausted: 'exhausted',
} as const;

/** Share of the budget that the guess may take. */
const GUESS_SHARE = 0.5;

/** An order that also respects sessions; null when none was found. */
function guessBySessions(
  sources: ReadSources,
  model: PolygraphModel,
  budget: CheckBudget,
): IntervalSearch | null {
  const recorded = recordedGraph(sources, 'process');
  if (componentsOf(recorded).count < recorded.vertices) return null;
  const polygraph = polygraphOf(sources, model, recorded);
  const search = searchOf(polygraph, recorded, new Allowance(budget, GUESS_SHARE));
  return search.run().outcome === 'ordered' ? search : null;
}

function searchOf(
  polygraph: Polygraph,
  recorded: LabelledGraph,
  allowance: Allowance,
): IntervalSearch {
  const order = greedyOrder(polygraph.sources, recorded);
  const graph = new OrderedGraph(splitOrder(polygraph, order));
  const { from, to, count } = polygraph.known;
  const stay = (): void => undefined;
  for (let edge = 0; edge < count; edge++) graph.add(from.at(edge), to.at(edge), stay);
  return new IntervalSearch(graph, polygraph.keys, allowance);
}

/** One transaction that reads two values of a key that it has not written in between. */
function repeatedRead({
  columns,
  firstRead,
  readKey,
  readVersion,
}: ReadSources): TransactionFault | undefined {
  const { versions } = columns;
  const seen = new Int32Array(versions.keys.size);
  const seenBy = new Int32Array(versions.keys.size).fill(-1);
  for (let t = 0; t < columns.count; t++) {
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const key = readKey[read] as number;
      const version = readVersion[read] as number;
      if (seenBy[key] === t && seen[key] !== version) {
        return {
          kind: 'transaction-fault',
          anomaly: 'internal',
          key: versions.keyOf(key),
          value: versions.valueOf(version),
          transactions: [nameOf(columns, t)],
        };
      }
      seenBy[key] = t;
      seen[key] = version;
    }
  }
  return undefined;
}

/** Two transactions that read one version of a key and both replaced it. */
function lostUpdate(sources: ReadSources): TransactionFault | undefined {
  const { columns, firstRead, readKey, readVersion } = sources;
  const { versions } = columns;
  const replacedBy = new Int32Array(versions.size).fill(-1);
  for (let t = 0; t < columns.count; t++) {
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const key = readKey[read] as number;
      const version = readVersion[read] as number;
      if (lastWriteOf(sources, t, key) < 0) continue;
      const other = replacedBy[version] as number;
      if (other >= 0 && other !== t) {
        return {
          kind: 'transaction-fault',
          anomaly: 'lost-update',
          key: versions.keyOf(key),
          value: versions.valueOf(version),
          transactions: [nameOf(columns, other), nameOf(columns, t)],
        };
      }
      replacedBy[version] = t;
    }
  }
  return undefined;
}

/** A cycle of what is recorded: sessions, real time and reads. */
function recordedCycle(sources: ReadSources, cycle: readonly number[]): Certificate {
  const { columns } = sources;
  const { count } = columns;
  // Begins with a transaction: moments are passed on the way to the next one.
  const start = cycle.findIndex((vertex) => vertex < count);
  const round = [...cycle.slice(start, -1), ...cycle.slice(0, start), cycle[start] as number];
  const edges = [];
  let before = round[0] as number;
  let passed = false;
  for (const vertex of round.slice(1)) {
    if (vertex >= count) {
      passed = true;
      continue;
    }
    const recorded = passed
      ? null
      : (readEdge(sources, before, vertex) ?? sessionEdge(sources, before, vertex));
    const [from, to] = [nameOf(columns, before), nameOf(columns, vertex)];
    edges.push(recorded ?? ({ from, to, type: 'realtime' } as const));
    before = vertex;
    passed = false;
  }
  return cycleOf(edges);
}

/** Snapshots and commits apart are no serial order: then there is no certificate. */
function serialOrder(
  polygraph: Polygraph,
  search: IntervalSearch,
  respects: RespectedOrder,
): SerialOrder | null {
  if (polygraph.model !== 'serializable') return null;
  const { columns, counts } = polygraph.sources;
  const order: number[] = [];
  for (const vertex of search.graph.order) {
    const t = transactionAt(polygraph, vertex);
    if (t >= 0 && counts[t] === 1) order.push(nameOf(columns, t));
  }
  return { kind: 'serial-order', order, respects };
}

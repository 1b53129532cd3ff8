/** From dependencies and faults to a verdict: cycles are searched, types named, models ruled out, evidence written. */
import type { Anomaly, CheckBudget, Validity, Verdict } from '../../harness/checker.ts';
import type { Certificate, DependencyEdge, DependencyType } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import type { HistoryVerdict } from '../judging/history-judge.ts';
import { listOf, textOf } from '../value-text.ts';
import { nameOf, type TransactionColumns } from './columns.ts';
import {
  boundaryOf,
  isInconclusive,
  strongestAllowed,
  type Expectation,
} from './consistency-models.ts';
import { existingCycles } from './cycle-existence.ts';
import { orderingOf, type CycleGraph, type Timing } from './cycle-graph.ts';
import { searchCycles, sourcesOf } from './cycle-search.ts';
import { shortened } from './cycle-shortcuts.ts';
import type { Dependencies } from './dependencies.ts';
import { PROCESS, REALTIME, RW, WR, WW } from './graph.ts';
import { hasRealtimeOrder } from './order-edges.ts';
import { serialOrder } from './serial-replay.ts';
import type { FaultList } from './transaction-faults.ts';
import { faultText, guaranteeOf, linesOf, transactionText } from './transaction-text.ts';

/** What one kind of transactions found out before the search for cycles. */
export interface Analysis {
  readonly columns: TransactionColumns;
  readonly dependencies: Dependencies;
  readonly faults: FaultList;
}

/** A cycle as dependencies between transactions. */
interface Cycle {
  readonly anomaly: string;
  /** Empty where it is known to exist, and no example is. */
  readonly transactions: readonly number[];
  readonly edges: readonly DependencyEdge[];
}

/** Least and most steps of the search for one kind of cycle, and steps for each edge of the graph. */
const LEAST_STEPS = 3_000_000;
const STEPS_PER_EDGE = 10;

/** So many transactions of a cycle are told of in words. */
const MOST_TOLD = 12;

export function transactionVerdict(
  { columns, dependencies, faults }: Analysis,
  expectation: Expectation,
  budget: CheckBudget,
): HistoryVerdict {
  const timing = timingOf(expectation);
  const dataEdges = dependencies.edges.count;
  const { cycles: graph, order } = orderingOf(columns, dependencies, timing);
  const types = new Set(faults.counts.keys());
  let cycles: Cycle[] = [];
  if (graph !== null) {
    const found = findCycles(graph, columns, dependencies, { timing, budget, types });
    cycles = found.cycles;
    if (found.isUndecided) types.add('cycle-search-timeout');
  }
  const isOrdered =
    timing === 'realtime' ? hasRealtimeOrder(columns) : dependencies.edges.count > 0;
  if (dataEdges === 0 && !isOrdered) types.add('empty-transaction-graph');
  const certificates: Certificate[] = [
    ...faults.kept.map((fault): Certificate => ({
      kind: 'transaction-fault',
      anomaly: fault.anomaly,
      key: columns.versions.keyOf(fault.key),
      ...(fault.version < 0 ? {} : { value: columns.versions.valueOf(fault.version) }),
      transactions: fault.transactions.map((t) => nameOf(columns, t)),
    })),
    ...cycles.flatMap(({ anomaly, edges }): Certificate[] =>
      edges.length === 0 ? [] : [{ kind: 'transaction-cycle', anomaly, edges }],
    ),
  ];
  const reportable = reportableTypes(types, expectation);
  const bad = reportable.filter((type) => expectation.prohibited.has(type));
  const valid: Validity = bad.length > 0 ? 'invalid' : reportable.length > 0 ? 'unknown' : 'valid';
  const proof = order === null || types.size > 0 ? null : serialOrder(columns, order, timing);
  const anomalies = [
    ...faultAnomalies(columns, faults),
    ...cycles.map((cycle) => cycleAnomaly(columns, dependencies, cycle)),
  ].filter(({ name }) => bad.includes(name));
  return {
    verdict: {
      ...verdictOf(valid, reportable, columns.count),
      ...(valid === 'invalid' ? { anomalies } : {}),
      figures: {
        transactions: columns.count,
        dependencies: dataEdges,
        anomalies: [...types].sort(),
        allows: strongestAllowed(types),
      },
    },
    anomalyTypes: reportable,
    ...(reportable.length > 0 ? boundaryOf(types) : { not: [], alsoNot: [] }),
    certificates: proof === null ? certificates : [...certificates, proof],
  };
}

function timingOf({ realtime, process }: Expectation): Timing {
  if (realtime) return 'realtime';
  return process ? 'process' : 'none';
}

interface CycleQuest {
  readonly timing: Timing;
  readonly budget: CheckBudget;
  /** Anomalies so far; those of the cycles are added. */
  readonly types: Set<string>;
}

function findCycles(
  graph: CycleGraph,
  columns: TransactionColumns,
  dependencies: Dependencies,
  { timing, budget, types }: CycleQuest,
): { cycles: Cycle[]; isUndecided: boolean } {
  const steps = LEAST_STEPS + STEPS_PER_EDGE * graph.to.length;
  const { cycles: found, undecided } = searchCycles(
    graph,
    timing,
    () => new Allowance(budget, 1, steps),
  );
  const from = sourcesOf(graph);
  const describe = (edges: readonly number[], labels: readonly number[], anomaly: string): Cycle =>
    describeCycle({ graph, columns, dependencies, from }, edges, labels, anomaly);
  const cycles = found.map(({ anomaly, edges }) =>
    describe(
      edges,
      edges.map((edge) => graph.label[edge] as number),
      anomaly,
    ),
  );
  for (const { anomaly } of cycles) types.add(anomaly);
  for (const { anomaly, edges, labels } of existingCycles(graph, timing, types)) {
    types.add(anomaly);
    cycles.push(describe(edges ?? [], labels, anomaly));
  }
  return { cycles, isUndecided: undecided.length > 0 };
}

interface Setting {
  readonly graph: CycleGraph;
  readonly columns: TransactionColumns;
  readonly dependencies: Dependencies;
  readonly from: Int32Array;
}

const TYPES: Readonly<Record<number, DependencyType>> = {
  [WW]: 'ww',
  [WR]: 'wr',
  [RW]: 'rw',
  [PROCESS]: 'process',
  [REALTIME]: 'realtime',
};

/** Edges through a hub become one, and ways that time tells at once are shortened. */
function describeCycle(
  { graph, columns, dependencies, from }: Setting,
  edges: readonly number[],
  labels: readonly number[],
  anomaly: string,
): Cycle {
  const steps = edges
    .map((edge, i) => ({ vertex: from[edge] as number, label: labels[i] as number }))
    .filter(({ vertex }) => graph.isHub[vertex] !== 1)
    .map(({ vertex, label }) => ({ transaction: graph.member[vertex] as number, label }));
  const kept = shortened(columns, steps);
  const transactions = kept.map(({ transaction }) => transaction);
  const described = kept.map(({ label }, i): DependencyEdge => {
    const t = transactions[i] as number;
    const to = transactions[(i + 1) % transactions.length] as number;
    const type = TYPES[label] ?? 'ww';
    if (label === PROCESS || label === REALTIME) {
      return { from: nameOf(columns, t), to: nameOf(columns, to), type };
    }
    const reason = dependencies.reasonOf(t, to, label);
    if (reason === null) {
      throw new Error(`no reason for the ${type} edge ${String(t)} → ${String(to)}`);
    }
    return reason;
  });
  return { anomaly, transactions, edges: described };
}

/** Elle's name for a cycle of these edges. */
function kindOf(edges: readonly DependencyEdge[]): string {
  const count = (type: DependencyType): number => edges.filter((edge) => edge.type === type).length;
  const adjacent = edges.some(({ type }, i) => type === 'rw' && edges.at(i - 1)?.type === 'rw');
  const rw = count('rw');
  const suffix = count('realtime') > 0 ? '-realtime' : count('process') > 0 ? '-process' : '';
  if (rw === 1) return `G-single-item${suffix}`;
  if (rw > 1) return (adjacent ? 'G2-item' : 'G-nonadjacent-item') + suffix;
  return (count('wr') > 0 ? 'G1c' : 'G0') + suffix;
}

/** What the expectation forbids, and what leaves it open. */
function reportableTypes(types: ReadonlySet<string>, { prohibited }: Expectation): string[] {
  return [...types].filter((type) => prohibited.has(type) || isInconclusive(type)).sort();
}

function verdictOf(
  valid: Validity,
  types: readonly string[],
  transactions: number,
): Pick<Verdict, 'valid' | 'summary' | 'reason'> {
  if (valid === 'valid') {
    return { valid, summary: `${String(transactions)} transactions, no anomaly` };
  }
  if (valid === 'invalid') return { valid, summary: `anomalies: ${listOf(types, 12)}` };
  if (types.includes('cycle-search-timeout')) {
    const summary = 'the search for some kinds of cycles was given up';
    return { valid, reason: 'budget', summary };
  }
  const summary = 'no transaction depends on another: nothing was learned';
  return { valid, reason: 'vacuous', summary };
}

function faultAnomalies(columns: TransactionColumns, faults: FaultList): Anomaly[] {
  return [...faults.counts].map(([name, count]) => {
    const kept = faults.kept.filter(({ anomaly }) => anomaly === name);
    const more = count > kept.length ? ` And ${String(count - kept.length)} more.` : '';
    return {
      name,
      guarantee: guaranteeOf(name),
      explanation: kept.map((fault) => faultText(columns, fault)).join(' ') + more,
      operations: linesOfAll(
        columns,
        kept.flatMap(({ transactions }) => transactions),
      ),
      faults: [],
    };
  });
}

function cycleAnomaly(
  columns: TransactionColumns,
  dependencies: Dependencies,
  { anomaly, transactions, edges }: Cycle,
): Anomaly {
  const names = transactions.map((_, i) => `T${String(i + 1)}`);
  const bindings = transactions
    .slice(0, MOST_TOLD)
    .map((t, i) => `${names[i] ?? ''} = ${transactionText(columns, t)}`);
  const reasons = edges.map((edge, i) => {
    const [one, other] = [names[i] ?? '', names[(i + 1) % names.length] ?? ''];
    return `${one} < ${other}, because ${reasonText(dependencies, edge, one, other)}`;
  });
  const last = reasons.at(-1) ?? '';
  const between = reasons.slice(0, -1).slice(0, MOST_TOLD);
  const left = reasons.length - 1 - between.length;
  if (left > 0) between.push(`and so on for ${String(left)} more`);
  return {
    name: anomaly,
    guarantee: guaranteeOf(edges.length === 0 ? anomaly : kindOf(edges)),
    explanation:
      edges.length === 0
        ? 'Transactions depend on one another all around; no short cycle was found.'
        : `Let ${bindings.join('; ')}. Then ${between.join('; ')}. However, ${last}: a contradiction!`,
    operations: linesOfAll(columns, transactions),
    faults: [],
    ...(edges.length === 0 ? {} : { edges: edges.map(drawnEdge) }),
  };
}

/** For the picture: `rw "x"`. */
function drawnEdge({ from, to, type, key }: DependencyEdge): {
  from: number;
  to: number;
  because: string;
} {
  return { from, to, because: key === undefined ? type : `${type} ${textOf(key)}` };
}

function reasonText(
  dependencies: Dependencies,
  edge: DependencyEdge,
  from: string,
  to: string,
): string {
  if (edge.type === 'realtime') return `${from} had completed before ${to} was invoked`;
  if (edge.type === 'process') return `one process executed ${from} before ${to}`;
  return dependencies.wordsOf(edge, from, to);
}

function linesOfAll(columns: TransactionColumns, transactions: readonly number[]): number[] {
  return [...new Set(transactions.flatMap((t) => linesOf(columns, t)))].sort((a, b) => a - b);
}

/** Are these edges real, do they close, and do they make the anomaly named? */
import type { Operation } from '../../harness/operation.ts';
import type { DependencyEdge, DependencyType, TransactionCycle } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { validateEdge } from './dependency-edge.ts';
import { validateForced } from './forced-edge.ts';
import { transactionsOf } from './transactions.ts';
import { edgeName } from './version-order.ts';

/** Null, or the first thing wrong. */
export function validateCycle(
  history: readonly Operation[],
  lists: boolean,
  options: JudgingOptions,
  { anomaly, edges, forced = [] }: TransactionCycle,
): string | null {
  if (edges.length < 2) return 'a cycle has two edges at least';
  const transactions = transactionsOf(history, lists);
  const proven = new Set<string>();
  for (const one of forced) {
    const wrong = validateForced(transactions, options, one, proven);
    if (wrong !== null) return wrong;
    proven.add(edgeName(one.edge));
  }
  const seen = new Set<number>();
  for (const [place, edge] of edges.entries()) {
    const following = edges[(place + 1) % edges.length] as DependencyEdge;
    if (edge.to !== following.from) {
      return `edge to ${String(edge.to)} is followed by one from ${String(following.from)}`;
    }
    if (seen.has(edge.from)) return `transaction ${String(edge.from)} is in the cycle twice`;
    seen.add(edge.from);
    const wrong = validateEdge(transactions, options, edge, proven);
    if (wrong !== null) return wrong;
    // One that is not known to have ended happened if others saw it: what leads on from it must be what they saw.
    const { committed } = transactions.all.get(edge.from) ?? { committed: true };
    if (!committed && edge.type !== 'wr' && edge.type !== 'ww') {
      return `transaction ${String(edge.from)} need not have happened`;
    }
  }
  return wrongName(
    anomaly,
    edges.map(({ type }) => type),
  );
}

/**
 * The names are Elle's. By the data dependencies: only ww, G0; also wr, G1c; one rw, G-single; several rw, no two in a
 * row, G-nonadjacent; else G2. `-item` where no predicate is involved, which is always so here. With an edge of real
 * time `-realtime`, else with one of a process `-process`.
 */
function wrongName(anomaly: string, types: readonly DependencyType[]): string | null {
  const count = (type: DependencyType): number => types.filter((one) => one === type).length;
  const adjacent = types.some((type, at) => type === 'rw' && types.at(at - 1) === 'rw');
  const rw = count('rw');
  let name = 'G0';
  if (rw === 1) name = 'G-single-item';
  else if (rw > 1) name = adjacent ? 'G2-item' : 'G-nonadjacent-item';
  else if (count('wr') > 0) name = 'G1c';
  else if (count('ww') === 0) return 'a cycle of time alone';
  if (count('realtime') > 0) name += '-realtime';
  else if (count('process') > 0) name += '-process';
  if (anomaly === name || EXISTENCES[anomaly]?.test(name) === true) return null;
  return `these edges make ${name}, not ${anomaly}`;
}

const WRITES = 'G0';
const COMMITTED = 'G(0|1c)';
const SNAPSHOTS = 'G(0|1c|-single-item|-nonadjacent-item)';
const ANY_CYCLE = 'G(0|1c|-single-item|-nonadjacent-item|2-item)';

/** Cycles that rule a model out, by the name that only says that one exists. */
const EXISTENCES: Readonly<Record<string, RegExp>> = Object.fromEntries([
  ...existences(['PL-1', 'PL-2', 'PL-SI', 'PL-3'], ''),
  ...existences(
    [
      'strong-session-PL-1',
      'strong-session-PL-2',
      'strong-session-snapshot-isolation',
      'strong-session-serializable',
    ],
    '(-process)?',
  ),
  ...existences(
    ['strong-PL-1', 'strong-PL-2', 'strong-snapshot-isolation', 'PL-SS'],
    '(-process|-realtime)?',
  ),
]);

function existences(models: readonly string[], suffix: string): [string, RegExp][] {
  const kinds = [WRITES, COMMITTED, SNAPSHOTS, ANY_CYCLE];
  return models.map((model, i) => [
    `${model}-cycle-exists`,
    new RegExp(`^${kinds[i] ?? WRITES}${suffix}$`),
  ]);
}

/** Edges that the only possible order of a reader and two writers makes. */
import type { Value } from '../../harness/operation.ts';
import type { DependencyEdge, ForcedEdge } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, textOf } from '../value-text.ts';
import { validateEdge } from './dependency-edge.ts';
import { writtenName, type Transactions } from './transactions.ts';

/** Null when one order is impossible, so that the other one holds. @param proven edges forced earlier. */
export function validateForced(
  transactions: Transactions,
  options: JudgingOptions,
  { edge, path }: ForcedEdge,
  proven: ReadonlySet<string>,
): string | null {
  const { from, to, type, key = null, value = null, next = null } = edge;
  const name = `forced ${type} edge ${String(from)} → ${String(to)}`;
  const keyName = identityOf(key);
  if (type === 'ww') {
    const reader = edge.witness ?? -1;
    if (!writes(transactions, from, keyName, value) || !writes(transactions, to, keyName, next)) {
      return `${name}: they did not write ${textOf(value)} and ${textOf(next)}`;
    }
    if (reader === from || !reads(transactions, reader, keyName, next)) {
      return `${name}: its witness did not read ${textOf(next)}`;
    }
    return wrongPath(transactions, options, path, from, reader, proven, name);
  }
  if (type !== 'rw') return `${name}: only ww and rw are forced`;
  if (from === to || !writes(transactions, to, keyName, next)) {
    return `${name}: the second did not write ${textOf(next)}`;
  }
  if (!reads(transactions, from, keyName, value))
    return `${name}: the first did not read ${textOf(value)}`;
  const writer = transactions.writers
    .get(writtenName(keyName, value))
    ?.find(({ failed }) => !failed);
  if (writer !== undefined) {
    return wrongPath(transactions, options, path, writer.index, to, proven, name);
  }
  const initial = identityOf(value) === identityOf(options.initial ?? null);
  return initial && path.length === 0 ? null : `${name}: nobody wrote ${textOf(value)}`;
}

/** It alone, of those that may have happened, wrote this value. */
function writes({ writers }: Transactions, index: number, key: string, value: Value): boolean {
  const candidates = (writers.get(writtenName(key, value)) ?? []).filter(({ failed }) => !failed);
  return candidates.length === 1 && candidates[0]?.index === index;
}

function reads({ all }: Transactions, index: number, key: string, value: Value): boolean {
  const wanted = identityOf(value);
  const micro = all.get(index)?.micro ?? [];
  return micro.some(
    (one) => one.kind === 'read' && one.key === key && identityOf(one.value) === wanted,
  );
}

function wrongPath(
  transactions: Transactions,
  options: JudgingOptions,
  path: readonly DependencyEdge[],
  from: number,
  to: number,
  proven: ReadonlySet<string>,
  name: string,
): string | null {
  let at = from;
  for (const edge of path) {
    if (edge.from !== at) return `${name}: its path breaks at ${String(at)}`;
    const wrong = validateEdge(transactions, options, edge, proven);
    if (wrong !== null) return `${name}: ${wrong}`;
    at = edge.to;
  }
  return at === to ? null : `${name}: its path ends at ${String(at)}, not at ${String(to)}`;
}

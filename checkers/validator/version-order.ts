/** Why one version of a register comes after another. */
import type { Value } from '../../harness/operation.ts';
import type { DependencyEdge } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, textOf } from '../value-text.ts';
import { externalReads, finalWrites } from './transactions.ts';
import type { Transaction, Transactions } from './transactions.ts';

/** Names an edge of a cycle and the versions it is about. */
export function edgeName({ from, to, type, key, value, next }: DependencyEdge): string {
  return identityOf([from, to, type, key ?? null, value ?? null, next ?? null]);
}

/** Null when `edge.next` comes after `edge.value` for the reason given; else what is wrong. */
export function followsInVersionOrder(
  transactions: Transactions,
  options: JudgingOptions,
  edge: DependencyEdge,
  key: string,
  forced: ReadonlySet<string>,
): string | null {
  const { value = null, next = null, because } = edge;
  const pair = `${textOf(value)} before ${textOf(next)} of ${key}`;
  if (identityOf(value) === identityOf(next)) return `${pair}: it is one value`;
  switch (because) {
    case 'initial':
      return identityOf(value) === identityOf(options.initial ?? null)
        ? null
        : `${textOf(value)} is not the value at the beginning`;
    case 'writes-follow-reads': {
      const witness = edge.witness === undefined ? undefined : transactions.all.get(edge.witness);
      if (witness?.committed !== true) return `${pair}: its witness is no completed transaction`;
      const follows =
        isValue(externalReads(witness).get(key), value) &&
        isValue(finalWrites(witness).get(key), next);
      return follows ? null : `${pair}: its witness did not read the one and write the other`;
    }
    case 'process':
    case 'realtime': {
      const process = because === 'process';
      if (!process && !options.realtime) return `${pair}: the history tells no real time`;
      return ordered(transactions, key, value, next, process)
        ? null
        : `${pair}: no transaction on the one ended before one on the other began`;
    }
    case 'only-order':
      return forced.has(edgeName(edge)) ? null : `${pair}: nothing shows that it is the only order`;
    default:
      return `${pair}: ${because ?? 'no reason'} does not show it`;
  }
}

function isValue(found: Value | undefined, wanted: Value): boolean {
  return found !== undefined && identityOf(found) === identityOf(wanted);
}

/** A transaction that read or left `value` ended before one that read or left `next` began. */
function ordered(
  { all }: Transactions,
  key: string,
  value: Value,
  next: Value,
  process: boolean,
): boolean {
  const firsts: Transaction[] = [];
  const lasts: Transaction[] = [];
  for (const transaction of all.values()) {
    if (transaction.failed) continue;
    const versions = [externalReads(transaction).get(key), finalWrites(transaction).get(key)];
    if (transaction.committed && versions.some((one) => isValue(one, value)))
      lasts.push(transaction);
    if (versions.some((one) => isValue(one, next))) firsts.push(transaction);
  }
  return lasts.some((last) =>
    firsts.some((first) => last.end < first.call && (!process || last.process === first.process)),
  );
}

/** Does one transaction have to come before another for the reason that an edge gives? Judged from the raw history. */
import type { Value } from '../../harness/operation.ts';
import type { DependencyEdge } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, textOf } from '../value-text.ts';
import { elementsOf, readsOfOthers, finalWrites, writtenName } from './transactions.ts';
import type { Transaction, Transactions } from './transactions.ts';
import { followsInVersionOrder } from './version-order.ts';

/** Null, or what is wrong. @param forced the names of edges already proven to be the only order. */
export function validateEdge(
  transactions: Transactions,
  options: JudgingOptions,
  edge: DependencyEdge,
  forced: ReadonlySet<string>,
): string | null {
  const from = transactions.all.get(edge.from);
  const to = transactions.all.get(edge.to);
  const name = `${edge.type} edge ${String(edge.from)} → ${String(edge.to)}`;
  if (from === undefined || to === undefined) return `${name}: no such transaction`;
  if (from === to) return `${name}: it is one transaction`;
  if (from.failed || to.failed) return `${name}: a failed transaction precedes nothing`;
  const wrong = reasonless(transactions, options, edge, from, to, forced);
  return wrong === null ? null : `${name}: ${wrong}`;
}

function reasonless(
  transactions: Transactions,
  options: JudgingOptions,
  edge: DependencyEdge,
  from: Transaction,
  to: Transaction,
  forced: ReadonlySet<string>,
): string | null {
  switch (edge.type) {
    case 'process':
      if (from.process !== to.process) return 'the two are of two processes';
      return from.committed && from.end < to.call ? null : 'the first had not ended';
    case 'realtime':
      if (!options.realtime) return 'the history tells no real time';
      return from.committed && from.end < to.call ? null : 'the first had not ended';
    case 'wr':
      return wrongRead(transactions, edge, from, to);
    case 'ww':
    case 'rw':
      return transactions.lists
        ? wrongListEdge(transactions, edge, from, to)
        : wrongRegisterEdge(transactions, options, edge, from, to, forced);
  }
}

function wrongRead(
  transactions: Transactions,
  edge: DependencyEdge,
  from: Transaction,
  to: Transaction,
): string | null {
  const { key = null, value = null } = edge;
  const name = identityOf(key);
  const unique = onlyWriter(transactions, name, value, from);
  if (unique !== null) return unique;
  const wanted = identityOf(value);
  const seen = to.micro.some((micro) => {
    if (micro.kind !== 'read' || micro.key !== name) return false;
    if (!transactions.lists) return identityOf(micro.value) === wanted;
    return elementsOf(micro.value).some((element) => identityOf(element) === wanted);
  });
  return seen ? null : `the second did not read ${textOf(value)} of ${name}`;
}

/** Null when `writer` alone can have written this version. */
function onlyWriter(
  { writers }: Transactions,
  key: string,
  value: Value,
  writer: Transaction,
): string | null {
  const candidates = (writers.get(writtenName(key, value)) ?? []).filter(({ failed }) => !failed);
  if (!candidates.includes(writer))
    return `${String(writer.index)} did not write ${textOf(value)} to ${key}`;
  return candidates.length === 1 ? null : `several wrote ${textOf(value)} to ${key}`;
}

function wrongListEdge(
  transactions: Transactions,
  edge: DependencyEdge,
  from: Transaction,
  to: Transaction,
): string | null {
  const { key = null, value = null, next = null } = edge;
  const name = identityOf(key);
  const unique = onlyWriter(transactions, name, next, to);
  if (unique !== null) return unique;
  if (edge.type === 'rw') {
    const reads = from.micro.some(
      (micro) =>
        micro.kind === 'read' &&
        micro.key === name &&
        (elementsOf(micro.value).length === 0
          ? value === null
          : identityOf(elementsOf(micro.value).at(-1) ?? null) === identityOf(value)) &&
        !holds(micro.value, next),
    );
    return reads
      ? null
      : `no read of the first ended with ${textOf(value)} and lacked ${textOf(next)}`;
  }
  const writer = onlyWriter(transactions, name, value, from);
  if (writer !== null) return writer;
  const witness = edge.witness === undefined ? undefined : transactions.all.get(edge.witness);
  if (witness?.committed !== true) return 'its witness is no completed transaction';
  const shown = witness.micro.some((micro) => {
    if (micro.kind !== 'read' || micro.key !== name) return false;
    const places = elementsOf(micro.value).map(identityOf);
    const before = places.indexOf(identityOf(value));
    const after = places.indexOf(identityOf(next));
    return before >= 0 && (after < 0 || before < after);
  });
  return shown ? null : `its witness read no list of ${name} that shows the order`;
}

function holds(list: Value, element: Value): boolean {
  const wanted = identityOf(element);
  return elementsOf(list).some((one) => identityOf(one) === wanted);
}

function wrongRegisterEdge(
  transactions: Transactions,
  options: JudgingOptions,
  edge: DependencyEdge,
  from: Transaction,
  to: Transaction,
  forced: ReadonlySet<string>,
): string | null {
  const { key = null, value = null, next = null } = edge;
  const name = identityOf(key);
  const unique = onlyWriter(transactions, name, next, to);
  if (unique !== null) return unique;
  const last = finalWrites(to).get(name);
  if (last === undefined || identityOf(last) !== identityOf(next)) {
    return `${textOf(next)} is not what the second left in ${name}`;
  }
  if (edge.type === 'rw') {
    const wanted = identityOf(value);
    if (!readsOfOthers(from, name).some((read) => identityOf(read) === wanted)) {
      return `the first did not read ${textOf(value)} of ${name}`;
    }
  } else {
    const written = finalWrites(from).get(name);
    if (written === undefined || identityOf(written) !== identityOf(value)) {
      return `the first did not leave ${textOf(value)} in ${name}`;
    }
    const writer = onlyWriter(transactions, name, value, from);
    if (writer !== null) return writer;
  }
  return followsInVersionOrder(transactions, options, edge, name, forced);
}

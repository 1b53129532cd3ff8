/** Anomalies that are no cycles, each by its definition (Adya 1999; Elle's names). */
import type { Operation, Value } from '../../harness/operation.ts';
import type { TransactionFault } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, textOf } from '../value-text.ts';
import {
  elementsOf,
  externalReads,
  finalWrites,
  transactionsOf,
  writtenName,
} from './transactions.ts';
import type { MicroOperation, Transaction, Transactions } from './transactions.ts';
import { hasCyclicVersions } from './cyclic-versions.ts';

interface Fault {
  readonly transactions: Transactions;
  readonly options: JudgingOptions;
  readonly named: readonly Transaction[];
  /** Undefined where the certificate names none. */
  readonly key: string | undefined;
  readonly value: Value | undefined;
}

type Definition = (fault: Fault) => string | null;

/** Null, or the first thing wrong. */
export function validateFault(
  history: readonly Operation[],
  lists: boolean,
  options: JudgingOptions,
  { anomaly, key, value, transactions: indexes }: TransactionFault,
): string | null {
  const definition = DEFINITIONS[anomaly];
  if (definition === undefined) return `no definition of ${anomaly} is known here`;
  const transactions = transactionsOf(history, lists);
  const named: Transaction[] = [];
  for (const index of indexes) {
    const transaction = transactions.all.get(index);
    if (transaction === undefined) return `there is no transaction ${String(index)}`;
    named.push(transaction);
  }
  const name = key === undefined ? undefined : identityOf(key);
  const wrong = definition({ transactions, options, named, key: name, value });
  return wrong === null ? null : `${anomaly}: ${wrong}`;
}

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  G1a: abortedRead,
  G1b: intermediateRead,
  internal: internalRead,
  'future-read': futureRead,
  'dirty-update': dirtyUpdate,
  'lost-update': lostUpdate,
  'duplicate-elements': duplicateElements,
  'incompatible-order': incompatibleOrder,
  'reordered-appends': reorderedAppends,
  'cyclic-versions': ({ transactions, options, key }) =>
    hasCyclicVersions(transactions, options, key)
      ? null
      : 'no versions follow one another in a circle',
  'unproduced-read': unproducedRead,
  'garbage-read': unproducedRead,
};

/** Reads of this key by a completed transaction, in its order. */
function readsOf(reader: Transaction | undefined, key: string | undefined): MicroOperation[] {
  if (reader?.committed !== true) return [];
  return reader.micro.filter(
    (micro) => micro.kind === 'read' && (key === undefined || micro.key === key),
  );
}

function shows(lists: boolean, read: Value, value: Value): boolean {
  const wanted = identityOf(value);
  if (!lists) return identityOf(read) === wanted;
  return elementsOf(read).some((element) => identityOf(element) === wanted);
}

/** [writer that failed, reader]: it read what the other wrote, and nobody else can have written that. */
function abortedRead({ transactions, named, key, value }: Fault): string | null {
  const [writer, reader] = named;
  if (key === undefined || value === undefined) return 'key and value are not named';
  if (writer?.failed !== true) return 'the writer did not fail';
  const writers = transactions.writers.get(writtenName(key, value)) ?? [];
  if (!writers.includes(writer)) return `the first did not write ${textOf(value)} to ${key}`;
  if (writers.some(({ failed }) => !failed)) return `another wrote ${textOf(value)} to ${key}`;
  const read = readsOf(reader, key).some((micro) => shows(transactions.lists, micro.value, value));
  return read ? null : `the second did not read ${textOf(value)} of ${key}`;
}

/** [writer, reader]: it read a state that the other had not finished with. */
function intermediateRead({ transactions, named, key, value }: Fault): string | null {
  const [writer, reader] = named;
  if (key === undefined || value === undefined) return 'key and value are not named';
  if (writer === undefined || writer === reader) return 'writer and reader are two';
  const wanted = identityOf(value);
  const writes = writer.micro.filter((micro) => micro.kind === 'write' && micro.key === key);
  const place = writes.findIndex((micro) => identityOf(micro.value) === wanted);
  if (place < 0) return `the first did not write ${textOf(value)} to ${key}`;
  if (place === writes.length - 1)
    return `the first wrote nothing to ${key} after ${textOf(value)}`;
  if ((transactions.writers.get(writtenName(key, value)) ?? []).length !== 1) {
    return `another wrote ${textOf(value)} to ${key}`;
  }
  const read = readsOf(reader, key).some((micro) => {
    const seen = transactions.lists ? (elementsOf(micro.value).at(-1) ?? null) : micro.value;
    return identityOf(seen) === wanted;
  });
  return read ? null : `no read of the second ended with ${textOf(value)} of ${key}`;
}

/** [transaction]: a read that does not fit its own reads and writes before. */
function internalRead({ transactions, named: [one] }: Fault): string | null {
  if (one?.committed !== true) return 'it did not complete';
  const whole = new Map<string, Value>();
  const tail = new Map<string, Value[]>();
  for (const { kind, key, value } of one.micro) {
    const before = whole.get(key);
    const suffix = tail.get(key) ?? [];
    if (kind === 'write') {
      if (transactions.lists && before === undefined) tail.set(key, [...suffix, value]);
      else whole.set(key, transactions.lists ? [...elementsOf(before ?? null), value] : value);
      continue;
    }
    if (before !== undefined && identityOf(before) !== identityOf(value)) return null;
    if (before === undefined && !endsWith(value, suffix)) return null;
    whole.set(key, value);
  }
  return 'its reads agree with what it read and wrote before';
}

function endsWith(list: Value, suffix: readonly Value[]): boolean {
  if (suffix.length === 0) return true;
  const elements = elementsOf(list);
  return (
    elements.length >= suffix.length &&
    identityOf(elements.slice(elements.length - suffix.length)) === identityOf(suffix)
  );
}

/** [transaction]: it read what it wrote only afterwards, and nobody else did. */
function futureRead({ transactions, named: [one], key }: Fault): string | null {
  if (one?.committed !== true) return 'it did not complete';
  const { micro } = one;
  const found = micro.some(
    (read, at) =>
      read.kind === 'read' &&
      (key === undefined || read.key === key) &&
      micro.some(
        (write, later) =>
          later > at &&
          write.kind === 'write' &&
          write.key === read.key &&
          shows(transactions.lists, read.value, write.value) &&
          (transactions.writers.get(writtenName(write.key, write.value)) ?? []).length === 1,
      ),
  );
  return found ? null : 'it read nothing that it wrote afterwards';
}

/** [failed writer, later writer]: a version of the first is below one of the second, as some read shows. */
function dirtyUpdate({ transactions, named, key }: Fault): string | null {
  const [aborted, writer] = named;
  if (key === undefined) return 'the key is not named';
  if (aborted?.failed !== true || writer?.committed !== true) {
    return 'the first failed and the second completed';
  }
  const by = (one: Transaction, element: Value): boolean =>
    (transactions.writers.get(writtenName(key, element)) ?? []).every((other) => other === one) &&
    transactions.writers.has(writtenName(key, element));
  for (const transaction of transactions.all.values()) {
    for (const { value } of readsOf(transaction, key)) {
      const elements = elementsOf(value);
      const place = elements.findIndex((element) => by(aborted, element));
      if (place >= 0 && elements.slice(place).some((element) => by(writer, element))) return null;
    }
  }
  return 'no read shows the second on top of the first';
}

/** Several that all read one version of a key before they wrote it. */
function lostUpdate({ transactions, named, key }: Fault): string | null {
  if (key === undefined) return 'the key is not named';
  if (named.length < 2 || new Set(named).size < named.length) return 'it takes two transactions';
  const versions = new Set<string>();
  for (const one of named) {
    const read = one.committed ? externalReads(one).get(key) : undefined;
    if (read === undefined) return `${String(one.index)} did not read ${key} before it wrote it`;
    if (!finalWrites(one).has(key)) return `${String(one.index)} did not write ${key}`;
    versions.add(identityOf(transactions.lists && read === null ? [] : read));
  }
  return versions.size === 1 ? null : 'they read several versions';
}

/** [reader]: one element twice in a list. */
function duplicateElements({ named: [reader], key, value }: Fault): string | null {
  const found = readsOf(reader, key).some((micro) => {
    const names = elementsOf(micro.value).map(identityOf);
    if (value === undefined) return new Set(names).size < names.length;
    return names.filter((name) => name === identityOf(value)).length > 1;
  });
  return found ? null : 'it read no element twice';
}

/** [reader, reader]: two lists of one key, neither of them a prefix of the other. */
function incompatibleOrder({ named, key }: Fault): string | null {
  if (key === undefined) return 'the key is not named';
  const [one, two = one] = named;
  for (const a of readsOf(one, key)) {
    for (const b of readsOf(two, key)) {
      const [first, second] = [
        elementsOf(a.value).map(identityOf),
        elementsOf(b.value).map(identityOf),
      ];
      const shorter = Math.min(first.length, second.length);
      if (first.slice(0, shorter).some((element, at) => element !== second[at])) return null;
    }
  }
  return `one of their lists of ${key} is a prefix of the other`;
}

/** [writer, reader]: a list shows two elements of the writer in the order it did not append them in. */
function reorderedAppends({ transactions, named, key }: Fault): string | null {
  const [writer, reader] = named;
  if (key === undefined) return 'the key is not named';
  if (writer === undefined || writer.failed) return 'the writer failed';
  const own = writer.micro
    .filter(({ kind, key: of }) => kind === 'write' && of === key)
    .map(({ value }) => value)
    .filter((value) => transactions.writers.get(writtenName(key, value))?.length === 1)
    .map(identityOf);
  const found = readsOf(reader, key).some(({ value }) => {
    const places = elementsOf(value).map(identityOf);
    const shown = own.map((element) => places.indexOf(element)).filter((place) => place >= 0);
    return shown.some((place, at) => at > 0 && place < (shown[at - 1] ?? 0));
  });
  return found ? null : 'the list has them in their order';
}

/** [reader]: a value that nobody wrote. */
function unproducedRead({
  transactions,
  options,
  named: [reader],
  key,
  value,
}: Fault): string | null {
  if (key === undefined || value === undefined) return 'key and value are not named';
  if (transactions.writers.has(writtenName(key, value)))
    return `${textOf(value)} was written to ${key}`;
  if (!transactions.lists && identityOf(value) === identityOf(options.initial ?? null)) {
    return `${textOf(value)} is the value at the beginning`;
  }
  const read = readsOf(reader, key).some((micro) => shows(transactions.lists, micro.value, value));
  return read ? null : `it did not read ${textOf(value)} of ${key}`;
}

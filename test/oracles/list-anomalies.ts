/** Anomalies of list-append that are no cycles, each by its definition, every pair of reads and writes looked at. */
import { sameValue, type Micro, type Txn } from './transaction-history.ts';

/** Names of those that a history has. Elements are appended once each. */
export function listAnomalies(transactions: readonly Txn[]): Set<string> {
  const found = new Set<string>();
  const ok = transactions.filter(({ type }) => type === 'ok');
  const appenders = (key: number, element: number): Txn[] =>
    transactions.filter(({ micro }) =>
      micro.some((one) => !one.read && one.key === key && one.value === element),
    );
  for (const reader of ok) {
    reader.micro.forEach((read, place) => {
      if (!read.read) return;
      const list = read.value as readonly number[];
      if (new Set(list).size < list.length) found.add('duplicate-elements');
      for (const element of list) {
        if (appenders(read.key, element).some(({ type }) => type === 'fail')) found.add('G1a');
      }
      const later = reader.micro.slice(place).filter((one) => !one.read && one.key === read.key);
      if (later.some(({ value }) => list.includes(value as number))) found.add('future-read');
      if (isIntermediate(reader, read, transactions)) found.add('G1b');
      for (const other of ok) {
        for (const against of other.micro) {
          if (against.read && against.key === read.key && !isPrefix(read, against)) {
            found.add('incompatible-order');
          }
        }
      }
      if (showsDirtyUpdate(read, appenders)) found.add('dirty-update');
    });
    if (!agreesWithItself(reader)) found.add('internal');
    for (const other of ok) if (losesUpdate(reader, other)) found.add('lost-update');
  }
  return found;
}

/** The last element is of another transaction, which appended more to that key afterwards. */
function isIntermediate(reader: Txn, read: Micro, transactions: readonly Txn[]): boolean {
  const last = (read.value as readonly number[]).at(-1);
  return transactions.some((writer) => {
    if (writer === reader) return false;
    const appended = writer.micro.filter((one) => !one.read && one.key === read.key);
    return appended.slice(0, -1).some(({ value }) => value === last);
  });
}

/** One of two lists is a beginning of the other. */
function isPrefix(one: Micro, other: Micro): boolean {
  const [first, second] = [one.value as readonly number[], other.value as readonly number[]];
  const shorter = Math.min(first.length, second.length);
  return sameValue(first.slice(0, shorter), second.slice(0, shorter));
}

/** An element of one that failed, and after it one of another that completed. */
function showsDirtyUpdate(
  read: Micro,
  appenders: (key: number, element: number) => Txn[],
): boolean {
  // Where an element is there twice, the first place counts.
  const types = [...new Set(read.value as readonly number[])].map(
    (element) => appenders(read.key, element)[0]?.type,
  );
  return types.some((type, at) => type === 'fail' && types.slice(at).includes('ok'));
}

/** Each read fits what the transaction read and appended before. */
function agreesWithItself({ micro }: Txn): boolean {
  return micro.every((read, place) => {
    if (!read.read) return true;
    const before = micro.slice(0, place).filter(({ key }) => key === read.key);
    const from = before.findLastIndex((one) => one.read);
    const since = before.slice(from + 1).map(({ value }) => value as number);
    const list = read.value as readonly number[];
    if (from < 0) return sameValue(list.slice(Math.max(0, list.length - since.length)), since);
    return sameValue(list, [...(before[from]?.value as readonly number[]), ...since]);
  });
}

/** Both read one version of a key before they wrote it, and wrote it. */
function losesUpdate(one: Txn, other: Txn): boolean {
  if (one === other) return false;
  return one.micro.some(({ key }) => {
    const [first, second] = [readThenWritten(one, key), readThenWritten(other, key)];
    return first !== null && second !== null && sameValue(first, second);
  });
}

/** What it read first of the key, when it wrote it afterwards. */
function readThenWritten({ micro }: Txn, key: number): Micro['value'] | null {
  const touching = micro.filter((one) => one.key === key);
  if (touching[0]?.read !== true || touching.every(({ read }) => read)) return null;
  return touching[0].value;
}

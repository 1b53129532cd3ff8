/** Transactions as definitions see them. */
import type { Operation, OperationType, Value } from '../../harness/operation.ts';

export interface Micro {
  readonly read: boolean;
  readonly key: number;
  /** Written: a number, once for each key. Read: what was there: of lists the numbers in order, of registers one or null. */
  value: number | null | readonly number[];
}

export interface Txn {
  process: number;
  /** Places in the history. */
  call: number;
  /** Infinity when it never completed. */
  end: number;
  /** `open`: no completion is recorded. Reads of what did not end `ok` are not known. */
  type: 'ok' | 'fail' | 'info' | 'open';
  micro: Micro[];
}

/** Which kind of objects keys are. */
export type Objects = 'lists' | 'registers';

/** The history as it is written down. */
export function transactionLines(transactions: readonly Txn[], objects: Objects): Operation[] {
  const lines: Operation[] = [];
  for (const { process, call, end, type, micro } of transactions) {
    lines[call] = line(call, process, 'invoke', microValues(micro, objects, false));
    if (type === 'open') continue;
    lines[end] = line(end, process, type, microValues(micro, objects, type === 'ok'));
  }
  return lines;
}

function line(index: number, process: number, type: OperationType, value: Value): Operation {
  return { index, time: index * 1_000_000, process, type, f: 'txn', value, node: 'n1' };
}

function microValues(micro: readonly Micro[], objects: Objects, answered: boolean): Value {
  return micro.map(({ read, key, value }): Value => {
    if (read) return ['r', key, answered ? value : null];
    return [objects === 'lists' ? 'append' : 'w', key, value];
  });
}

/** Those that happened, and those that may have; what failed is left out. */
export function possible(transactions: readonly Txn[]): Txn[] {
  return transactions.filter(({ type }) => type !== 'fail');
}

/** Its end is known to be before the other's call. */
export function endsBefore(one: Txn, other: Txn): boolean {
  return one.type === 'ok' && one.end < other.call;
}

/** Both of one process, in this order. */
export function inSession(one: Txn, other: Txn): boolean {
  return one.process === other.process && one.call < other.call;
}

export function sameValue(one: Micro['value'], other: Micro['value']): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one === 'number' || typeof other === 'number') {
    return false;
  }
  return one.length === other.length && one.every((element, at) => element === other[at]);
}

/** Transactions and their anomalies in words. */
import { listOf, textOf } from '../value-text.ts';
import {
  APPEND,
  NEVER,
  READ,
  UNKNOWN,
  UNRECORDED,
  WRITE,
  type TransactionColumns,
} from './columns.ts';
import type { Fault } from './transaction-faults.ts';

const MOST_MICRO_OPERATIONS = 12;
const VERBS: Readonly<Record<number, string>> = { [APPEND]: 'append', [READ]: 'r', [WRITE]: 'w' };

/** `#3–#7 [append x 1, r y [1, 2]]`. */
export function transactionText(columns: TransactionColumns, t: number): string {
  const { firstOp, endOp } = columns;
  const micro: string[] = [];
  for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
    micro.push(microText(columns, op));
  }
  return `${placeText(columns, t)} [${listOf(micro, MOST_MICRO_OPERATIONS)}]`;
}

/** `#3–#7`: where the transaction stands in the history. */
export function placeText({ invoke, completion }: TransactionColumns, t: number): string {
  const end = completion[t] === NEVER ? '' : `#${String(completion[t])}`;
  return invoke[t] === UNRECORDED ? end : `#${String(invoke[t])}–${end}`;
}

/** The indexes of its lines in the history. */
export function linesOf({ invoke, completion }: TransactionColumns, t: number): number[] {
  return [invoke[t] as number, completion[t] as number].filter(
    (index) => index !== UNRECORDED && index !== NEVER,
  );
}

function microText(columns: TransactionColumns, op: number): string {
  const { kind, key, value, length, elements, versions, reads } = columns;
  const name = `${VERBS[kind[op] as number] ?? ''} ${textOf(versions.keyOf(key[op] as number))}`;
  const start = value[op] as number;
  if (start === UNKNOWN) return `${name} ?`;
  if (kind[op] !== READ || reads === 'registers') {
    return `${name} ${textOf(versions.valueOf(start))}`;
  }
  const list = elements.subarray(start, start + (length[op] as number));
  return `${name} ${textOf(Array.from(list, (version) => versions.valueOf(version)))}`;
}

/** What went wrong, by the names T1, T2 … of the fault's transactions. */
export function faultText(columns: TransactionColumns, fault: Fault): string {
  const { versions } = columns;
  const names = fault.transactions.map(
    (t, i) => `T${String(i + 1)} = ${transactionText(columns, t)}`,
  );
  const key = textOf(versions.keyOf(fault.key));
  const value = fault.version < 0 ? 'the initial state' : textOf(versions.valueOf(fault.version));
  const what = FAULT_TEXTS[fault.anomaly]?.(key, value) ?? `about ${value} of key ${key}`;
  return `Let ${names.join('; ')}. Then ${what}.`;
}

const FAULT_TEXTS: Readonly<Record<string, (key: string, value: string) => string>> = {
  G1a: (key, value) => `T1 failed, and T2 read its ${value} of key ${key}`,
  G1b: (key, value) => `T2 read ${value} of key ${key}, which T1 itself wrote over`,
  internal: (key) => `T1 read of key ${key} what contradicts its own reads and writes before`,
  'future-read': (key, value) => `T1 read ${value} of key ${key} before it wrote that itself`,
  'dirty-update': (key, value) =>
    `T1 failed, and ${value} of T2 comes on top of what T1 wrote to key ${key}`,
  'duplicate-elements': (key, value) => `T1 read ${value} twice in the list of key ${key}`,
  'incompatible-order': (key, value) =>
    `T1 and T2 read lists of key ${key} of which neither is a prefix of the other: ` +
    `T2's has ${value} where T1's has another element`,
  'lost-update': (key, value) =>
    `all of them read ${value} of key ${key} and then wrote the key, none seeing another's write`,
  'cyclic-versions': (key) => `versions of key ${key} would each have to follow the next`,
  'reordered-appends': (key, value) =>
    `T2 read a list of key ${key} in which ${value} comes before what T1 appended earlier`,
  'unproduced-read': (key, value) => `T1 read ${value} of key ${key}, which nobody wrote`,
};

/** The guarantee that an anomaly breaks, as a sentence. */
export function guaranteeOf(anomaly: string): string {
  const base = anomaly.replace(/-(process|realtime)$/, '');
  const order = anomaly.endsWith('-realtime')
    ? ' and with the order of real time'
    : anomaly.endsWith('-process')
      ? ' and with the order of each process'
      : '';
  const cycle = CYCLE_GUARANTEES[base];
  if (cycle !== undefined) return `${cycle}${order}.`;
  return `${FAULT_GUARANTEES[anomaly] ?? 'The transactions can be ordered without a contradiction'}.`;
}

const CYCLE_GUARANTEES: Readonly<Record<string, string>> = {
  G0: 'Writes of transactions are ordered alike on all keys',
  G1c: 'Information flows one way between transactions: writes and what is read of them agree',
  'G-single-item': 'A transaction that read before another wrote does not depend on that write',
  'G-nonadjacent-item': 'Transactions read from a snapshot that agrees with the order of writes',
  'G2-item': 'Transactions appear to be executed one after the other',
};

const FAULT_GUARANTEES: Readonly<Record<string, string>> = {
  G1a: 'What a failed transaction wrote is never read',
  G1b: 'What a transaction itself wrote over is never read by others',
  internal: 'A transaction reads what it read and wrote before',
  'future-read': 'A transaction does not read what it has yet to write',
  'dirty-update': 'Nothing is written on top of what a failed transaction wrote',
  'duplicate-elements': 'An element that was appended once is in its list once',
  'incompatible-order': 'The lists read of one key are states of one list that only grows',
  'lost-update': 'Of two transactions that read a version and write its key one sees the other',
  'cyclic-versions': 'The versions of a key follow one another in one order',
  'reordered-appends': 'What one transaction appends is in the list in the order it appended it in',
  'unproduced-read': 'Only what was written is read',
};

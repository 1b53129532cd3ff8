/** An order of the transactions, replayed before it is given as evidence. */
import type { SerialOrder } from '../certificate.ts';
import { APPEND, FAIL, OK, READ, nameOf, type TransactionColumns } from './columns.ts';
import type { Timing } from './cycle-graph.ts';

const RESPECTS: Readonly<Record<Timing, SerialOrder['respects']>> = {
  realtime: 'realtime',
  process: 'process',
  none: 'nothing',
};

/**
 * The certificate, or null where executing the transactions in this order does not give every answer.
 * @param order all transactions; those that failed are left out, and those that need not have happened and were not seen.
 */
export function serialOrder(
  columns: TransactionColumns,
  order: Int32Array,
  timing: Timing,
): SerialOrder | null {
  const { type } = columns;
  const seen = seenTransactions(columns);
  const happened = order.filter((t) => type[t] === OK || (type[t] !== FAIL && seen[t] === 1));
  const replays = columns.reads === 'lists' ? replaysLists : replaysRegisters;
  if (!replays(columns, happened)) return null;
  return {
    kind: 'serial-order',
    order: Array.from(happened, (t) => nameOf(columns, t)),
    respects: RESPECTS[timing],
  };
}

/** Of each transaction: 1 where a committed one read what it wrote. */
function seenTransactions(columns: TransactionColumns): Uint8Array {
  const { count, type, firstOp, endOp, kind, value, length, elements, versions } = columns;
  const wasRead = new Uint8Array(versions.size);
  const seen = new Uint8Array(count);
  let isNeeded = false;
  for (let t = 0; t < count; t++) isNeeded ||= type[t] !== OK && type[t] !== FAIL;
  if (!isNeeded) return seen;
  for (let t = 0; t < count; t++) {
    if (type[t] !== OK) continue;
    for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
      if (kind[op] !== READ) continue;
      const start = value[op] as number;
      if (columns.reads === 'registers') wasRead[start] = 1;
      else
        for (let i = 0; i < (length[op] as number); i++) wasRead[elements[start + i] as number] = 1;
    }
  }
  for (let t = 0; t < count; t++) {
    for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
      if (kind[op] !== READ && wasRead[value[op] as number] === 1) seen[t] = 1;
    }
  }
  return seen;
}

/**
 * Lists only grow, so it is enough that each read shows as many elements as were appended, and that the element at each
 * place is the one that was appended there.
 */
function replaysLists(columns: TransactionColumns, order: Int32Array): boolean {
  const { firstOp, endOp, kind, key, value, length, elements, versions } = columns;
  const size = new Int32Array(versions.keys.size);
  // Of each version: its place in its list, from 1.
  const place = new Int32Array(versions.size);
  for (const t of order) {
    for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
      const k = key[op] as number;
      if (kind[op] === APPEND) {
        size[k] = (size[k] as number) + 1;
        place[value[op] as number] = size[k];
        continue;
      }
      if (length[op] !== size[k]) return false;
      const start = value[op] as number;
      for (let i = 0; i < (length[op] as number); i++) {
        if (place[elements[start + i] as number] !== i + 1) return false;
      }
    }
  }
  return true;
}

function replaysRegisters(columns: TransactionColumns, order: Int32Array): boolean {
  const { firstOp, endOp, kind, key, value, versions } = columns;
  const held = new Int32Array(versions.keys.size).fill(-1);
  for (const t of order) {
    for (let op = firstOp[t] as number; op < (endOp[t] as number); op++) {
      const k = key[op] as number;
      const version = value[op] as number;
      if (kind[op] === READ) {
        const isHeld = held[k] === -1 ? versions.valueOf(version) === null : held[k] === version;
        if (!isHeld) return false;
      } else held[k] = version;
    }
  }
  return true;
}

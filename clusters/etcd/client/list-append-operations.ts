/**
 * Lists under transactions: `txn [["append", key, element], ["r", key, null], …]`, answered with the same
 * micro-operations, reads filled in. One key of etcd a list, its value the JSON of the elements.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { Value } from '../../../harness/operation.ts';
import type { Gateway } from './gateway.ts';
import {
  type Entry,
  LINEARIZABLE,
  readKeys,
  SERIALIZABLE,
  unchanged,
  writeIf,
} from './key-value.ts';
import type { OperationHandlers } from './workload-client.ts';

/** `["append", key, element]` or `["r", key, null]`, a read answered with the list, or null when there is none. */
type MicroOperation = readonly ['append' | 'r', Value, Value];

/**
 * - `linearizable`: the lists are read as the cluster has them, and the transaction's compare guards all of them.
 * - `serializable`: they are read as the member has them, stale perhaps, and only what is appended to is guarded.
 *   Deliberately weak.
 */
export type ListReads = 'linearizable' | 'serializable';

/** The operations of a list-append workload. */
export function listAppendOperations(reads: ListReads): OperationHandlers {
  return { txn: (gateway, value) => transact(gateway, microOperations(value), reads) };
}

/**
 * Optimistic: reads every key of the transaction in one request, which is one snapshot, and then writes if none of
 * them has changed since. A transaction that only reads is that one request.
 * @throws DefiniteError `rejected` when a key has changed: nothing was written.
 */
async function transact(
  gateway: Gateway,
  transaction: readonly MicroOperation[],
  reads: ListReads,
): Promise<Value> {
  const keys = [...new Set(transaction.map(([, key]) => pathOf(key)))];
  const consistency = reads === 'linearizable' ? LINEARIZABLE : SERIALIZABLE;
  const writes = transaction.some(([f]) => f === 'append');
  const reading = readKeys(gateway, keys, consistency);
  const entries = await (writes ? reading.catch(nothingWritten) : reading);
  const { answer, lists } = execute(transaction, entries);
  if (lists.size === 0) return answer;
  const guarded = reads === 'linearizable' ? keys : [...lists.keys()];
  const { succeeded } = await writeIf(
    gateway,
    guarded.map((key) => unchanged(key, entries.get(key)?.modRevision ?? 0)),
    new Map([...lists].map(([key, list]) => [key, JSON.stringify(list)])),
  );
  if (succeeded) return answer;
  throw new DefiniteError('rejected', 'a list changed after it was read', { code: 'COMPARE' });
}

/** A transaction that failed while it read has written nothing, whatever became of the read. */
function nothingWritten(error: unknown): never {
  if (!(error instanceof IndefiniteError)) throw error;
  const code = error.code === undefined ? {} : { code: error.code };
  throw new DefiniteError('refused', `not read: ${error.message}`, { ...code, cause: error });
}

/** What the transaction answers on these lists, and the lists that it changes. */
function execute(
  transaction: readonly MicroOperation[],
  entries: ReadonlyMap<string, Entry | null>,
): { readonly answer: Value; readonly lists: ReadonlyMap<string, readonly Value[]> } {
  const lists = new Map<string, readonly Value[]>();
  const answer = transaction.map(([f, key, element]): Value => {
    const path = pathOf(key);
    const list = lists.get(path) ?? stored(entries.get(path));
    if (f === 'r') return [f, key, list];
    lists.set(path, [...(list ?? []), element]);
    return [f, key, element];
  });
  return { answer, lists };
}

function stored(entry: Entry | null | undefined): readonly Value[] | null {
  if (entry === null || entry === undefined) return null;
  return JSON.parse(entry.value) as readonly Value[];
}

function microOperations(value: Value): readonly MicroOperation[] {
  const transaction = value as readonly Value[];
  if (Array.isArray(value) && transaction.every(isMicroOperation)) return transaction;
  throw new TypeError(
    `txn: expected [["append", key, element], ["r", key, null], …], got ${JSON.stringify(value)}`,
  );
}

function isMicroOperation(value: Value): value is MicroOperation {
  if (!Array.isArray(value) || value.length !== 3) return false;
  return value[0] === 'append' || value[0] === 'r';
}

function pathOf(key: Value): string {
  return `l/${JSON.stringify(key)}`;
}

/**
 * Elements that are added by a transaction which also reads a revision that is not there yet: etcd refuses it, and either
 * all members have the element or none has (https://github.com/etcd-io/etcd/issues/18667).
 */
import type { Value } from '../../../harness/operation.ts';
import { encodeBytes } from './encoding.ts';
import type { Gateway } from './gateway.ts';
import { readKey } from './key-value.ts';
import { setOperations } from './set-operations.ts';
import type { OperationHandler, OperationHandlers } from './workload-client.ts';

/** Further ahead than any run gets. */
const AHEAD = 1_000_000_000;
const PREFIX = 's/';

/** One element in so many is added so; the others plainly. */
const SHARE = 5;

/** The operations of a set of numbers. */
export function lookingAheadOperations(): OperationHandlers {
  const plain = setOperations([]);
  const add: OperationHandler = (gateway, element) =>
    Number(element) % SHARE === 0
      ? addLookingAhead(gateway, element)
      : (plain['add'] ?? addLookingAhead)(gateway, element);
  return { ...plain, add };
}

async function addLookingAhead(gateway: Gateway, element: Value): Promise<Value> {
  const text = JSON.stringify(element);
  const key = encodeBytes(`${PREFIX}${text}`);
  const { revision } = await readKey(gateway, 'ready');
  const success = [
    { request_put: { key, value: encodeBytes(text) } },
    { request_range: { key, revision: String(revision + AHEAD) } },
  ];
  await gateway.post('/v3/kv/txn', { success });
  return element;
}

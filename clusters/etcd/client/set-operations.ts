/**
 * An append-only set: `add element` puts a key of its own, `read` lists all elements, linearizably.
 */
import type { Value } from '../../../harness/operation.ts';
import type { Gateway } from './gateway.ts';
import { putIf, putKey, readPrefix } from './key-value.ts';
import { guardsMissing } from './register-operations.ts';
import type { Guards, OperationHandlers } from './workload-client.ts';

const PREFIX = 's/';

/** The operations of a set workload whose adds compare `guards` first. */
export function setOperations(guards: Guards): OperationHandlers {
  return { add: (gateway, value) => add(gateway, value, guards), read };
}

async function add(gateway: Gateway, element: Value, guards: Guards): Promise<Value> {
  const text = JSON.stringify(element);
  if (guards.length === 0) {
    await putKey(gateway, `${PREFIX}${text}`, text);
    return element;
  }
  const { succeeded } = await putIf(gateway, guards, `${PREFIX}${text}`, text);
  if (!succeeded) throw guardsMissing();
  return element;
}

async function read(gateway: Gateway): Promise<Value> {
  const { entries } = await readPrefix(gateway, PREFIX);
  return entries.map((entry) => JSON.parse(entry.value) as Value);
}

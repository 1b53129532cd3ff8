/**
 * Registers: `read [key, null]`, `write [key, value]`, `cas [key, [old, new]]`. Completions carry the revision of the
 * key's last change as `version`, where the answer tells it.
 */
import { DefiniteError } from '../../../harness/client.ts';
import type { Value } from '../../../harness/operation.ts';
import type { Gateway } from './gateway.ts';
import { type Consistency, hasValue, LINEARIZABLE, putIf, putKey, readKey } from './key-value.ts';
import { keyedPair } from './operation-values.ts';
import type { Guards, OperationHandlers } from './workload-client.ts';

/** The operations of a register workload whose writes compare `guards` first. */
export function registerOperations(guards: Guards): OperationHandlers {
  return {
    read: (gateway, value) => readRegister(gateway, value),
    write: (gateway, value) => write(gateway, value, guards),
    cas: (gateway, value) => compareAndSet(gateway, value, guards),
  };
}

/** `read [key, null]`, answered with value and version. */
export async function readRegister(
  gateway: Gateway,
  value: Value,
  consistency: Consistency = LINEARIZABLE,
): Promise<Value> {
  const [key] = keyedPair(value);
  const { entry } = await readKey(gateway, pathOf(key), consistency);
  const found = entry === null ? null : (JSON.parse(entry.value) as Value);
  return [key, { value: found, version: entry?.modRevision ?? 0 }];
}

async function write(gateway: Gateway, value: Value, guards: Guards): Promise<Value> {
  const [key, written] = keyedPair(value);
  const path = pathOf(key);
  const text = JSON.stringify(written);
  if (guards.length === 0) {
    return [key, { value: written, version: await putKey(gateway, path, text) }];
  }
  const { succeeded, revision } = await putIf(gateway, guards, path, text);
  if (!succeeded) throw guardsMissing();
  return [key, { value: written, version: revision }];
}

/** A compare that etcd refused is an answer, not a failure: `{swapped: false}`. */
async function compareAndSet(gateway: Gateway, value: Value, guards: Guards): Promise<Value> {
  const [key, change] = keyedPair(value);
  const [before, after] = keyedPair(change);
  const path = pathOf(key);
  const compare = [...guards, hasValue(path, JSON.stringify(before))];
  const { succeeded, revision } = await putIf(gateway, compare, path, JSON.stringify(after));
  if (!succeeded) return [key, { swapped: false }];
  return [key, { swapped: true, version: revision }];
}

/** A guarded write that etcd refused: the guard keys were not put in set-up. It changed nothing. */
export function guardsMissing(): DefiniteError {
  return new DefiniteError('rejected', 'the guard keys do not exist');
}

function pathOf(key: Value): string {
  return `r/${JSON.stringify(key)}`;
}

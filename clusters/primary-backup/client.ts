/** Clients of the primary-backup store. */
import { unknownName } from '../../harness/nearest.ts';
import type { Client } from '../../harness/client.ts';
import type { Invocation, Value } from '../../harness/operation.ts';
import type { Cluster } from '../../harness/testbed.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import { type Perform, modelClient } from '../models/model-client.ts';
import { ask } from './requests.ts';

const WORKLOADS: Readonly<Record<string, Perform>> = { register: performRegister, set: performSet };

/** @throws RangeError for a workload that there is not */
export function primaryBackupClient(cluster: Cluster, workload: string): Client {
  return modelClient(WORKLOADS, cluster, workload);
}

/** Values are pairs: a key, and what is read, written, or compared and set. */
async function performRegister(connection: Connection, { f, value }: Invocation): Promise<Value> {
  const [number, argument] = value as readonly [number, Value];
  const key = String(number);
  if (f === 'read') return [number, await ask(connection, { kind: 'read', key })];
  if (f === 'write') {
    await ask(connection, { kind: 'write', key, value: argument });
    return value;
  }
  if (f !== 'cas')
    throw new TypeError(unknownName('register operation', f, ['read', 'write', 'cas']));
  const [from, to] = argument as readonly [Value, Value];
  return [number, await ask(connection, { kind: 'cas', key, from, to })];
}

async function performSet(connection: Connection, { f, value }: Invocation): Promise<Value> {
  if (f === 'read') return ask(connection, { kind: 'elements' });
  if (f !== 'add') throw new TypeError(unknownName('set operation', f, ['add', 'read']));
  await ask(connection, { kind: 'add', element: value });
  return value;
}

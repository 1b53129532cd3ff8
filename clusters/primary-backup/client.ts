/** Clients of the primary-backup store: one connection to one replica, each operation sent once. */
import type { Client } from '../../harness/client.ts';
import { unknownName } from '../../harness/nearest.ts';
import type { Invocation, NodeName, Value } from '../../harness/operation.ts';
import type { Cluster } from '../../harness/testbed.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import { asSimulated } from '../../harness/testbeds/simulated/node.ts';
import { ask } from './requests.ts';

/** Carries out one workload's operations. */
type Perform = (connection: Connection, operation: Invocation) => Promise<Value>;

const WORKLOADS: Readonly<Record<string, Perform>> = { register: performRegister, set: performSet };

/** @throws RangeError for a workload that there is not */
export function primaryBackupClient(cluster: Cluster, workload: string): Client {
  const perform = WORKLOADS[workload];
  if (perform === undefined) {
    throw new RangeError(unknownName('workload', workload, Object.keys(WORKLOADS)));
  }
  return new PrimaryBackupClient(cluster, perform);
}

class PrimaryBackupClient implements Client {
  private readonly cluster: Cluster;
  private readonly perform: Perform;
  private connection: Connection | null = null;

  constructor(cluster: Cluster, perform: Perform) {
    this.cluster = cluster;
    this.perform = perform;
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    this.connection = await asSimulated(this.cluster.node(node)).connect(signal);
  }

  async invoke(operation: Invocation): Promise<Value> {
    if (this.connection === null) throw new TypeError('client used before it was opened');
    return this.perform(this.connection, operation);
  }

  async close(): Promise<void> {
    this.connection?.close();
  }

  session(): string {
    return this.connection?.session ?? 'none';
  }
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

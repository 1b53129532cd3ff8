/** Clients of models: one connection to one server, each operation sent once. */
import type { Client } from '../../harness/client.ts';
import { unknownName } from '../../harness/nearest.ts';
import type { Invocation, NodeName, Value } from '../../harness/operation.ts';
import type { Cluster } from '../../harness/testbed.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import { asSimulated } from '../../harness/testbeds/simulated/node.ts';

/** Carries out one workload's operations. */
export type Perform = (connection: Connection, operation: Invocation) => Promise<Value>;

/** @param performs by workload @throws RangeError for a workload that there is not */
export function modelClient(
  performs: Readonly<Record<string, Perform>>,
  cluster: Cluster,
  workload: string,
): Client {
  const perform = performs[workload];
  if (perform === undefined) {
    throw new RangeError(unknownName('workload', workload, Object.keys(performs)));
  }
  return new ModelClient(cluster, perform);
}

class ModelClient implements Client {
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

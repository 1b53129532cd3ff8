/** How one worker talks to one node: `read [key, null]` and `write [key, value]`. */
import type { Client } from '../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../harness/operation.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { type Connection, connectTo } from './connection.ts';

/** A client for each worker; a workload may have one of its own. */
export function storeClient(cluster: Cluster): Client {
  return new StoreClient(cluster);
}

class StoreClient implements Client {
  readonly #cluster: Cluster;
  #connection: Connection | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    this.#connection = await connectTo(this.#cluster.node(node).address, signal);
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    const connection = this.#connection;
    if (connection === null) throw new TypeError('the client is not open');
    const [key, written] = value as readonly [string, number | null];
    if (f === 'read') {
      const found = await connection.ask('GET', key);
      return [key, found === null ? null : Number(found)];
    }
    if (f !== 'write') throw new TypeError(`no operation ${f}`);
    await connection.ask('SET', key, String(written));
    return [key, written];
  }

  async close(): Promise<void> {
    this.#connection?.close();
  }
}

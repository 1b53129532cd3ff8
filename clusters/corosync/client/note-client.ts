/** The client of every workload: it has a node multicast notes, which come back in their place among the changes. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { type Connection, connect } from './connection.ts';
import { errorOf } from './errors.ts';

export class NoteClient implements Client {
  readonly #cluster: Cluster;
  #connection: Connection | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    this.#connection = await connect(this.#cluster.node(node), signal);
  }

  /** `note`: acknowledged when the node has it back from the group, behind all changes that came before it. */
  async invoke({ f, value }: Invocation): Promise<Value> {
    if (this.#connection === null) throw new TypeError('client used before it was opened');
    if (f !== 'note') throw new TypeError(`note client: unknown f ${f}; expected note`);
    const answer = await this.#connection.ask({ ask: 'note' });
    if ('noted' in answer) return value;
    if ('refused' in answer) throw errorOf('NOT_IN', answer.refused);
    throw new TypeError(`note client: got ${JSON.stringify(answer)}`);
  }

  async close(): Promise<void> {
    this.#connection?.close();
  }

  session(): string {
    return this.#connection?.session ?? 'none';
  }
}

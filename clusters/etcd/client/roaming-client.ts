/**
 * A register client that reads from one member after another, from what that member has, and calls all of it one
 * session. Deliberately weak: etcd promises no order between serializable reads of different members.
 */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { Gateway } from './gateway.ts';
import { SERIALIZABLE } from './key-value.ts';
import { readRegister } from './register-operations.ts';

/** Everything but reads is done by `home`, whose session it all is said to be. */
export class RoamingClient implements Client {
  readonly #cluster: Cluster;
  readonly #home: Client;
  readonly #name: string;
  #members: readonly Gateway[] = [];
  #turn = 0;

  constructor(cluster: Cluster, home: Client) {
    this.#cluster = cluster;
    this.#home = home;
    this.#name = `roaming ${home.session?.() ?? ''}`;
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    await this.#home.open(node, signal);
    this.#members = this.#cluster.nodes.map(({ address }) => new Gateway(address, signal));
  }

  invoke(operation: Invocation): Promise<Value> {
    const member = this.#members[this.#turn++ % this.#members.length];
    if (operation.f !== 'read' || member === undefined) return this.#home.invoke(operation);
    return readRegister(member, operation.value, SERIALIZABLE);
  }

  async close(): Promise<void> {
    for (const member of this.#members) member.close();
    await this.#home.close();
  }

  session(): string {
    return this.#name;
  }
}

/** Changes of members that are tried, by one node after another, until they are seen done. */
import { within } from '../harness/clock.ts';
import type { Member, Membership } from '../harness/membership.ts';
import type { FaultContext } from '../harness/nemesis.ts';
import { MILLISECOND, type NodeName, SECOND } from '../harness/operation.ts';
import { isMachine, type Machine } from '../harness/testbed.ts';

/** A node that is paused or cut off is given up after this. */
const ASK_LIMIT = 2 * SECOND;
const RETRY_PERIOD = 100 * MILLISECOND;
/** etcd refuses to add a member until the others have been connected for 5 s. */
const CHANGE_LIMIT = 20 * SECOND;
/** A server that is taken out may end by itself; then it is ended. */
const ENDING_LIMIT = 1 * SECOND;

export class MembershipChange {
  readonly #context: FaultContext;
  readonly #membership: Membership;
  readonly #node: NodeName;

  /** @param node the member that is changed */
  constructor(context: FaultContext, membership: Membership, node: NodeName) {
    this.#context = context;
    this.#membership = membership;
    this.#node = node;
  }

  /** The members as this node tells them, or null when it does not tell. */
  async told(by: NodeName): Promise<readonly Member[] | null> {
    const { cluster } = this.#context;
    return this.#ask((signal) => this.#membership.members(cluster, by, signal)).catch(() => null);
  }

  /** The members as the first other node tells them that does. @throws when none does in time */
  async members(): Promise<readonly Member[]> {
    return this.#until('the members are told', async (by) => this.told(by));
  }

  /** Takes the node out of the members, wherever it stands itself. */
  async remove(): Promise<void> {
    const { cluster } = this.#context;
    await this.#until(`${this.#node} is taken out`, async (by) => {
      const members = await this.told(by);
      if (members === null) return null;
      const member = members.find(({ node }) => node === this.#node);
      if (member === undefined) return members;
      await this.#ask((signal) => this.#membership.remove(cluster, member, by, signal));
      return null; // Looked at again: what was answered may not be what holds.
    });
  }

  /** Ends the server. */
  async end(): Promise<void> {
    await this.#machine().kill();
  }

  /** Ends the server, unless it ends by itself, and throws its data away. */
  async clear(): Promise<void> {
    const { clock } = this.#context;
    const machine = this.#machine();
    const limit = clock.now() + ENDING_LIMIT;
    while (machine.incarnation() !== null && clock.now() < limit) await clock.sleep(RETRY_PERIOD);
    await machine.kill();
    await this.#membership.clear(machine);
  }

  /** Lets the node in again and starts it, without data. */
  async join(): Promise<void> {
    const { cluster } = this.#context;
    const members = await this.#until(`${this.#node} is let in`, async (by) => {
      const before = await this.told(by);
      if (before === null) return null;
      if (before.some(({ node }) => node === this.#node)) return before;
      await this.#ask((signal) => this.#membership.add(cluster, this.#node, by, signal));
      return null; // Looked at again: what was answered may not be what holds.
    });
    await this.#machine().start(this.#membership.joining(cluster, this.#node, members));
  }

  #machine(): Machine {
    const node = this.#context.cluster.node(this.#node);
    if (!isMachine(node)) throw new Error(`${this.#node} has no files to be thrown away`);
    return node;
  }

  /** Tries by one other node after another, until one has an answer. @throws with the last failure */
  async #until<T>(what: string, act: (by: NodeName) => Promise<T | null>): Promise<T> {
    const { clock, cluster } = this.#context;
    const limit = clock.now() + CHANGE_LIMIT;
    const others = cluster.nodes.map(({ name }) => name).filter((name) => name !== this.#node);
    let failure = 'no other node answers';
    for (;;) {
      for (const by of others) {
        try {
          const answer = await act(by);
          if (answer !== null) return answer;
        } catch (error) {
          failure = `${by}: ${error instanceof Error ? error.message : String(error)}`;
        }
      }
      if (clock.now() >= limit) throw new Error(`not done in time: ${what}; ${failure}`);
      await clock.sleep(RETRY_PERIOD);
    }
  }

  async #ask<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const asking = new AbortController();
    try {
      return await within(this.#context.clock, ASK_LIMIT, 'an answer', ask(asking.signal));
    } finally {
      asking.abort(new Error('answered, or given up'));
    }
  }
}

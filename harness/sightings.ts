/** What was last seen of the cluster's nodes: the leader, and each node's process. Kept from the run's events. */
import type { LeaderSeen, NodeDown, NodePaused, NodeUp, RunEvent } from './event.ts';
import { Listeners } from './feed.ts';
import type { RunFeed } from './nemesis.ts';
import type { NodeName } from './operation.ts';

/** An event about one node's process. */
export type NodeEvent = NodeDown | NodeUp | NodePaused;

/** Follows the feed until disposed. */
export class Sightings implements Disposable {
  /** The leader last seen, or null before the first. */
  leader: NodeName | null = null;
  readonly #changes = new Listeners<NodeName>();
  readonly #epochs = new Listeners<number>();
  readonly #nodes = new Map<NodeName, NodeEvent>();
  readonly #subscription: Disposable;
  #term = -Infinity;
  /** The highest term or epoch that any node has told. */
  #epoch = -Infinity;

  constructor(feed: RunFeed) {
    this.#subscription = feed.onEvent((event) => this.#see(event));
  }

  /** The last thing told of this node's process. */
  node(node: NodeName): NodeEvent | null {
    return this.#nodes.get(node) ?? null;
  }

  /** Calls back when another leader than the last one is seen; the very first sighting is no change. */
  onLeaderChange(listener: (leader: NodeName) => void): Disposable {
    return this.#changes.add(listener);
  }

  /** Calls back when a term or epoch is told that is higher than any before; the very first is no rise. */
  onEpochRise(listener: (epoch: number) => void): Disposable {
    return this.#epochs.add(listener);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #see(event: RunEvent): void {
    switch (event.type) {
      case 'leader-seen':
        this.#seeLeader(event);
        return this.#seeEpoch(event.term);
      case 'role-seen':
        return this.#seeEpoch(event.term);
      case 'node-down':
      case 'node-up':
      case 'node-paused':
      case 'node-resumed':
        this.#nodes.set(event.node, event);
    }
  }

  #seeEpoch(epoch: number | undefined): void {
    if (epoch === undefined || epoch <= this.#epoch) return;
    const first = this.#epoch === -Infinity;
    this.#epoch = epoch;
    if (!first) this.#epochs.call(epoch);
  }

  /** A deposed leader may go on answering that it leads: where terms are told, an older one is no news. */
  #seeLeader({ node, term }: LeaderSeen): void {
    if (term !== undefined && term < this.#term) return;
    this.#term = term ?? this.#term;
    const before = this.leader;
    this.leader = node;
    if (before !== null && before !== node) this.#changes.call(node);
  }
}

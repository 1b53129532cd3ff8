/** How a system's members are changed while it runs (etcd's member API, ZooKeeper's dynamic configuration). */
import type { NodeName } from './operation.ts';
import type { Cluster, CommandChange, Machine } from './testbed.ts';

/** A member as the system tells it. */
export interface Member {
  readonly node: NodeName;
  /** Another one when the node was taken out and let in again. */
  readonly id: string;
}

export interface Membership {
  /** The members as this node tells them, agreed on by a quorum. Rejects when it does not serve. */
  members(cluster: Cluster, by: NodeName, signal: AbortSignal): Promise<readonly Member[]>;
  /**
   * Asks this node once to take a member out; the member itself goes on until it is stopped, or stops by itself.
   * Rejects when that is refused, or not known to be done.
   */
  remove(cluster: Cluster, member: Member, by: NodeName, signal: AbortSignal): Promise<void>;
  /** Asks this node once to let a node in, as a member without data. Rejects as `remove` does. */
  add(cluster: Cluster, node: NodeName, by: NodeName, signal: AbortSignal): Promise<void>;
  /** Throws away the data of a node whose server is dead. */
  clear(machine: Machine): Promise<void>;
  /** How the server of a node that was let in is started. */
  joining(cluster: Cluster, node: NodeName, members: readonly Member[]): CommandChange;
  /** The command by which a person lets the node in. */
  byHand(cluster: Cluster, node: NodeName): string;
  /** The command by which a person takes the node out. */
  byHandOut(cluster: Cluster, node: NodeName): string;
}

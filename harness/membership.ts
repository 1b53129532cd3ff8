/** How a system's members are changed while it runs (etcd's member API, ZooKeeper's dynamic configuration). */
import type { NodeName } from './operation.ts';
import type { Cluster } from './testbed.ts';

export interface Membership {
  /** The members as a node that serves tells them now. */
  members(cluster: Cluster, signal: AbortSignal): Promise<readonly NodeName[]>;
  /** Takes a member out; the node itself goes on until it is stopped. */
  remove(cluster: Cluster, node: NodeName, signal: AbortSignal): Promise<void>;
  /**
   * Lets a node in, as a member without data.
   * @returns the command its server must be started with, or null for the one it has
   */
  add(cluster: Cluster, node: NodeName, signal: AbortSignal): Promise<readonly string[] | null>;
}

/** What differs between Alluxio 1.x and 2.x, and which of them a cluster is. */
import type { Client } from '../../harness/client.ts';
import type { NodeName } from '../../harness/operation.ts';
import type { Role } from '../../harness/roles.ts';
import type { RoleOptions, SystemOptions } from '../../harness/system.ts';
import { type Cluster, everyNode, type Node, type NodePlan } from '../../harness/testbed.ts';

export interface Generation {
  roles(options: RoleOptions): readonly Role[];
  memoryMb(options: SystemOptions): number;
  node(options: SystemOptions, node: NodeName, addresses: ReadonlyMap<NodeName, string>): NodePlan;
  /** After all nodes are ready: waits for a leader and its workers. */
  setup(cluster: Cluster, options: SystemOptions, signal: AbortSignal): Promise<void>;
  client(cluster: Cluster, workload: string): Client;
}

/** By cluster and by node: what it was set up as. */
const SET_UP = new WeakMap<Cluster | Node, SystemOptions>();

/** Remembers what a cluster is: its servers do not tell their clients. */
export function remember(cluster: Cluster, options: SystemOptions): void {
  SET_UP.set(cluster, options);
  for (const node of everyNode(cluster)) SET_UP.set(node, options);
}

/** @throws TypeError when it was not set up */
export function setUpAs(what: Cluster | Node): SystemOptions {
  const options = SET_UP.get(what);
  if (options === undefined) throw new TypeError('an Alluxio cluster is used before its set-up');
  return options;
}

/** What the nodes of an Alluxio cluster are for, of either generation, and telling them apart by their names. */
import type { NodeName } from '../../harness/operation.ts';
import { nodesOfRole, type Role } from '../../harness/roles.ts';

/** ZooKeeper, which elects masters. */
export const ENSEMBLE = {
  name: 'ensemble',
  prefix: 'zk',
  count: 1,
  clients: false,
  needed: 'majority',
} as const satisfies Role;

/** How many of them service needs depends on where they keep their journal. */
export const MASTER = {
  name: 'master',
  prefix: 'm',
  count: 3,
  scales: true,
  clients: true,
} as const satisfies Omit<Role, 'needed'>;

/** How many there are is an option. */
export const WORKER = {
  name: 'worker',
  prefix: 'w',
  clients: false,
  needed: 'none',
} as const satisfies Omit<Role, 'count'>;

/** Whether a node is a ZooKeeper server. */
export function isZooKeeper(node: { readonly name: NodeName }): boolean {
  return has(ENSEMBLE, node);
}

/** Whether a node is a master. */
export function isMaster(node: { readonly name: NodeName }): boolean {
  return has(MASTER, node);
}

/** Whether a node is a worker. */
export function isWorker(node: { readonly name: NodeName }): boolean {
  return has(WORKER, node);
}

function has(role: Pick<Role, 'prefix'>, { name }: { readonly name: NodeName }): boolean {
  return nodesOfRole(role, [name]).length === 1;
}

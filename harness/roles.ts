/**
 * Roles: what the nodes of a system are for, where they are not all alike (masters and workers, an ensemble beside
 * them). A node's name is its role's prefix and a number from 1: `m1`, `m2`, `t1`.
 */
import type { NodeName } from './operation.ts';

export interface Role {
  /** `master`, `tablet server`. */
  readonly name: string;
  /** Letters only, and no other role's. */
  readonly prefix: string;
  /** How many there are. Of the role that scales, how many unless told otherwise. */
  readonly count: number;
  /** Whether `--nodes` counts nodes of this role; at most one does. Default: false. */
  readonly scales?: boolean;
  /** Whether clients connect to them. */
  readonly clients: boolean;
  /** How many of them must be alive and linked for service. */
  readonly needed: 'majority' | 'one' | 'all' | 'none';
}

/** Nodes of one role, and how many of them service needs. */
export interface QuorumGroup {
  readonly nodes: readonly NodeName[];
  readonly needed: number;
}

/** The names of all nodes, role by role. @param count of the role that scales. Default: its own */
export function nodesOfRoles(roles: readonly Role[], count?: number): readonly NodeName[] {
  return roles.flatMap(({ prefix, scales = false, ...role }) => {
    const many = scales ? (count ?? role.count) : role.count;
    return Array.from({ length: many }, (_, index) => `${prefix}${index + 1}`);
  });
}

/** Those of `nodes` that have a role, by the role's prefix. */
export function nodesOfRole(role: Pick<Role, 'prefix'>, nodes: readonly NodeName[]): NodeName[] {
  return nodes.filter((node) => node.replace(/\d+$/, '') === role.prefix);
}

/** The nodes that clients connect to. @param roles null: the nodes are all alike */
export function clientNodes(
  roles: readonly Role[] | null,
  nodes: readonly NodeName[],
): readonly NodeName[] {
  if (roles === null) return nodes;
  const named = roles.filter(({ clients }) => clients).flatMap((role) => nodesOfRole(role, nodes));
  return nodes.filter((node) => named.includes(node));
}

/** What service needs. Nodes that are all alike: a majority of them. */
export function quorumGroups(
  roles: readonly Role[] | null,
  nodes: readonly NodeName[],
): readonly QuorumGroup[] {
  if (roles === null) return [{ nodes, needed: majorityOf(nodes.length) }];
  return roles
    .map((role) => {
      const members = nodesOfRole(role, nodes);
      return { nodes: members, needed: neededOf(role, members.length) };
    })
    .filter(({ needed }) => needed > 0);
}

function neededOf({ needed }: Role, count: number): number {
  switch (needed) {
    case 'majority':
      return majorityOf(count);
    case 'one':
      return Math.min(1, count);
    case 'all':
      return count;
    case 'none':
      return 0;
  }
}

function majorityOf(count: number): number {
  return count === 0 ? 0 : Math.floor(count / 2) + 1;
}

import { expect, test } from 'vitest';
import { clientNodes, nodesOfRoles, quorumGroups, type Role } from './roles.ts';

const MASTERS: Role = {
  ...{ name: 'master', prefix: 'm', count: 3, scales: true },
  ...{ clients: true, needed: 'majority' },
};
const ROLES: readonly Role[] = [
  { name: 'ensemble', prefix: 'zk', count: 1, clients: false, needed: 'one' },
  MASTERS,
  { name: 'worker', prefix: 'w', count: 2, clients: false, needed: 'none' },
];

test('nodes are named by role, and only the role that scales is counted', () => {
  expect(nodesOfRoles(ROLES)).toEqual(['zk1', 'm1', 'm2', 'm3', 'w1', 'w2']);
  expect(nodesOfRoles(ROLES, 1)).toEqual(['zk1', 'm1', 'w1', 'w2']);
});

test('clients connect to the nodes of the roles that say so, or to all that are alike', () => {
  expect(clientNodes(ROLES, nodesOfRoles(ROLES))).toEqual(['m1', 'm2', 'm3']);
  expect(clientNodes(null, ['n1', 'n2'])).toEqual(['n1', 'n2']);
});

test('service needs enough of each role that it needs, or a majority of those that are alike', () => {
  expect(quorumGroups(ROLES, nodesOfRoles(ROLES))).toEqual([
    { nodes: ['zk1'], needed: 1 },
    { nodes: ['m1', 'm2', 'm3'], needed: 2 },
  ]);
  expect(quorumGroups(null, ['n1', 'n2', 'n3'])).toEqual([
    { nodes: ['n1', 'n2', 'n3'], needed: 2 },
  ]);
});

import { expect, it } from 'vitest';
import { nodePlan } from './node-plan.ts';
import { programFiles } from './ship.ts';

const addresses = new Map([
  ['n1', '10.0.0.11'],
  ['n2', '10.0.0.12'],
]);

it('a node is told of all nodes, and has corosync of the same ids', () => {
  const options = { version: 'with-quorum', nodes: ['n1', 'n2'], extra: { token: '700' } };
  const plan = nodePlan(options, 'n2', addresses);
  expect(JSON.parse(plan.command.at(-1)!)).toMatchObject({ version: 'with-quorum', node: 'n2' });
  const configuration = plan.files?.['/etc/corosync/corosync.conf'];
  expect(configuration).toContain('ring0_addr: 10.0.0.12\n    name: n2\n    nodeid: 2');
  expect(configuration).toContain('token: 700');
  expect(plan.sharedMemoryMb).toBe(256);
});

it('the program is shipped with all that it imports, as JavaScript', () => {
  const files = programFiles('clusters/corosync/join/main');
  expect(Object.keys(files)).toContain('harness/clock.js');
  expect(Object.keys(files)).toContain('clusters/corosync/join/join-node.js');
  for (const text of Object.values(files)) expect(text).not.toMatch(/from ['"]\.[^'"]*\.ts['"]/u);
});

import { expect, test } from 'vitest';
import type { UndoHands } from './hands.ts';
import { restoreDescriptors } from './restore-descriptors.ts';
import { thawThreads } from './thaw-threads.ts';

const hands = { runId: 'r' } as UndoHands;
const act = { act: 'thaw-threads', node: 'n1', cgroup: '/nowhere/fl-r-n1', home: '/nowhere/home' };

test('a group that is gone is thawed', async () => {
  await expect(thawThreads.perform(act, hands)).resolves.toBeUndefined();
});

test('the command by hand names the group and where its threads belong', () => {
  expect(thawThreads.command(act, hands)).toContain('echo THAWED > /nowhere/fl-r-n1/freezer.state');
  expect(thawThreads.command(act, hands)).toContain('/nowhere/home/tasks');
});

test('the limit of a process that is another one now is left alone', async () => {
  const other = { act: 'restore-descriptors', pid: process.pid, started: 'long ago', limit: '1:1' };
  await expect(restoreDescriptors.perform(other, hands)).resolves.toBeUndefined();
});

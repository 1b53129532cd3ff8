/** The schedule of ZOOKEEPER-4643, written as a user would, against a fake ensemble that behaves as ZooKeeper does. */
import { expect, it } from 'vitest';
import type { Probe } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { FakeRun } from '../test/fakes/fake-run.ts';
import { FAULTS } from './registry.ts';
import { parseSchedule } from './schedule-file.ts';

const DATA = '/data/version-2';

const SCHEDULE = `{
  "steps": [
    { "id": "kill-1", "kind": "kill", "selector": ["n1"], "trigger": "1s",
      "heal": { "then": [
        { "fault": { "id": "kill-2", "state": "verified" } },
        { "probe": { "name": "serving", "node": "n3", "is": false } } ] } },
    { "id": "kill-2", "kind": "kill", "selector": ["n2"],
      "trigger": { "then": [
        { "fault": { "id": "kill-1", "state": "verified" } },
        { "operation": { "f": "write", "type": "ok" } } ] },
      "heal": { "fault": { "id": "kill-3", "state": "verified" } } },
    { "id": "kill-1-again", "kind": "kill", "selector": ["n1"],
      "trigger": { "then": [
        { "fault": { "id": "kill-1", "state": "healed" } },
        { "file": { "node": "n1", "directory": "${DATA}", "name": "currentEpoch" } } ] },
      "heal": { "fault": { "id": "kill-2", "state": "healed" } } },
    { "id": "kill-3", "kind": "kill", "selector": ["n3"],
      "trigger": { "fault": { "id": "kill-1-again", "state": "verified" } } }
  ]
}`;

/** Serves while a majority runs, noticed late; a server that starts raises its epoch half a second later. */
function ensemble(): FakeRun {
  let lost = 0;
  const serving: Probe = async (cluster) => {
    const states = await Promise.all(cluster.nodes.map((node) => node.alive()));
    if (states.filter((state) => state === 'running').length >= 2) lost = 0;
    else lost ||= run.clock.now();
    return lost === 0 || run.clock.now() - lost < 700 * MILLISECOND;
  };
  const run = new FakeRun({ faults: FAULTS, probes: { serving } });
  for (const node of run.cluster.nodes) {
    node.started = () => {
      run.clock.at(run.clock.now() + 500 * MILLISECOND, () => {
        if (node.state === 'running') node.write(DATA, 'currentEpoch');
      });
    };
  }
  return run;
}

it('kills and starts the three servers in the order that loses the write', async () => {
  const run = ensemble();
  const steps = parseSchedule(SCHEDULE, '4643.json', {
    nodes: ['n1', 'n2', 'n3'],
    probes: ['serving'],
  });
  const order: string[] = [];
  run.feed.onEvent((event) => {
    if (event.type === 'node-down' || event.type === 'node-up')
      order.push(`${event.node} ${event.type}`);
  });
  run.enqueue(...steps);
  let idle = false;
  void run.lanes.idle().then(() => (idle = true));
  await run.clock.sleep(50 * MILLISECOND);
  for (let write = 0; write < 50; write++) {
    await run.clock.sleep(100 * MILLISECOND);
    if (run.cluster.nodes.filter((node) => node.state === 'running').length >= 2) run.operation({});
  }
  await run.clock.sleep(SECOND);
  expect(order).toEqual([
    ...['n1 node-down', 'n2 node-down', 'n1 node-up', 'n1 node-down'],
    ...['n3 node-down', 'n2 node-up', 'n1 node-up'],
  ]);
  expect(idle).toBe(true);
  const at = (id: string, state: string): number => run.record(id, state)?.notBefore ?? NaN;
  // The next acknowledged write, to the nanosecond; the file event, 500 ms after the start, too.
  expect(at('kill-2', 'fired')).toBe(1_050 * MILLISECOND);
  expect(at('kill-1', 'healing') - at('kill-2', 'fired')).toBeGreaterThanOrEqual(700 * MILLISECOND);
  expect(at('kill-1-again', 'fired') - at('kill-1', 'healed')).toBe(500 * MILLISECOND);
  const outcome = await run.lanes.end();
  expect(outcome).toMatchObject({ notHealed: [], skipped: [], failed: [], failure: null });
  expect(order.at(-1)).toBe('n3 node-up');
});

it('ends in good order when the write never comes', async () => {
  const run = ensemble();
  run.enqueue(...parseSchedule(SCHEDULE, '4643.json'));
  await run.clock.sleep(10 * SECOND);
  const outcome = await run.lanes.end();
  expect(outcome.verified).toEqual(['kill-1']);
  expect(outcome.skipped.map(({ id }) => id).sort()).toEqual(['kill-1-again', 'kill-2', 'kill-3']);
  expect(run.cluster.nodes.map((node) => node.state)).toEqual(['running', 'running', 'running']);
});

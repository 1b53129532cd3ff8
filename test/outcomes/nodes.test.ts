/** Nodes that die in set-up, and a cluster that never recovers. */
import { expect, test } from 'vitest';
import { primaryBackup } from '../../clusters/primary-backup/system.ts';
import { DefiniteError } from '../../harness/client.ts';
import { SECOND } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { System } from '../../harness/system.ts';
import { kindOf, killStep, modelSpec, outcomeOf } from './outcome-run.ts';

test('a node that dies in set-up: harness-failure that names it', async () => {
  const clock = new SimulatedClock();
  const system: System = {
    ...primaryBackup,
    ready: async (node) => {
      if (node.name === 'n2') await node.kill();
      return node.name !== 'n2';
    },
  };
  const outcome = await outcomeOf(modelSpec({ system, clock }));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: harness-failure', 2]);
  expect(outcome.summary).toMatch(/node n2 died during set-up/);
  expect(outcome.verdicts['node-failures']?.valid).toBe('valid');
  expect(clock.now()).toBeLessThan(5 * SECOND);
});

test('nodes that never serve: harness-failure that names them, within the bound of set-up', async () => {
  const clock = new SimulatedClock();
  const system: System = {
    ...primaryBackup,
    ready: (node) => Promise.resolve(node.name === 'n1'),
  };
  const outcome = await outcomeOf(modelSpec({ system, clock }));
  expect(kindOf(outcome)).toBe('unknown: harness-failure');
  expect(outcome.summary).toMatch(/not serving within 100 s of set-up: n2, n3/);
  expect(clock.now()).toBeLessThan(130 * SECOND);
});

test('set-up of the system that throws: harness-failure', async () => {
  const setup = (): Promise<void> => Promise.reject(new Error('no quorum for the guard keys'));
  const outcome = await outcomeOf(modelSpec({ system: { ...primaryBackup, setup } }));
  expect(kindOf(outcome)).toBe('unknown: harness-failure');
  expect(outcome.summary).toMatch(/no quorum for the guard keys/);
});

test('a cluster that never recovers after a verified heal is invalid: liveness', async () => {
  const clock = new SimulatedClock();
  const refusing = (): boolean => clock.now() > 3 * SECOND;
  const system: System = {
    ...primaryBackup,
    // From its first fault on it refuses everything, though all its processes run and all links carry.
    ready: (node, signal) =>
      refusing() ? Promise.resolve(false) : primaryBackup.ready(node, signal),
    client: (cluster, workload) => {
      const usual = primaryBackup.client(cluster, workload);
      return {
        open: (node, signal) => usual.open(node, signal),
        close: () => usual.close(),
        invoke: (operation) => {
          if (refusing()) throw new DefiniteError('refused', 'no leader');
          return usual.invoke(operation);
        },
      };
    },
  };
  const outcome = await outcomeOf(modelSpec({ system, clock, schedule: [killStep()] }));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['invalid', 1]);
  const [anomaly] = outcome.verdicts['liveness']?.anomalies ?? [];
  expect(anomaly).toMatchObject({ name: 'no-service-after-heal' });
  expect(anomaly?.operations.length).toBeGreaterThan(0);
  // The fault itself was healed, and seen healed: what does not serve is the system.
  expect(outcome.stored.faults.map(({ state }) => state)).toContain('healed');
  expect(outcome.verdicts['healing']).toBeUndefined();
});

test('a server that dies again and again after the heal is invalid, not not-healed', async () => {
  const clock = new SimulatedClock();
  const spec = modelSpec({ clock, schedule: [killStep()] });
  const up = spec.testbed.up.bind(spec.testbed);
  spec.testbed.up = async (plan, context) => {
    const cluster = await up(plan, context);
    for (const node of cluster.nodes) {
      const start = node.start.bind(node);
      node.start = async () => {
        await start();
        const at = { notBefore: clock.now(), notAfter: clock.now() };
        await node.kill();
        context.events({
          type: 'node-down',
          node: node.name,
          cause: 'exited',
          exitCode: 139,
          expected: false,
          ...at,
        });
      };
    }
    return cluster;
  };
  const outcome = await outcomeOf(spec);
  expect(kindOf(outcome)).toBe('invalid');
  expect(outcome.verdicts['node-failures']?.anomalies?.[0]?.name).toBe('unexplained-death');
});

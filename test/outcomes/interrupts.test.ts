/** Ctrl-C of a simulated run, in each phase: healed, saved, torn down, `unknown: interrupted`. */
import { expect, test } from 'vitest';
import { primaryBackupModel } from '../../clusters/primary-backup/model.ts';
import { bug } from '../../harness/connection.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { PHASES } from '../../harness/test.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { kindOf, killStep, modelSpec, outcomeOf } from './outcome-run.ts';

test('in the main phase, with a fault in effect', async () => {
  const clock = new SimulatedClock();
  const interrupt = new AbortController();
  let downs = 0;
  const testbed = simulatedTestbed({ model: primaryBackupModel });
  const down = testbed.down.bind(testbed);
  testbed.down = () => {
    downs++;
    return down();
  };
  clock.at(4 * SECOND, () => interrupt.abort(new Error('interrupted by SIGINT')));
  const spec = modelSpec({ clock, testbed, schedule: [killStep()] });
  const outcome = await outcomeOf(spec, interrupt.signal);
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: interrupted', 2]);
  expect(outcome.summary).toMatch(/^unknown: interrupted/);
  expect(outcome.stored.faults.at(-1)).toMatchObject({ state: 'healed', id: 'kill-1' });
  expect(outcome.stored.history.length).toBeGreaterThan(500);
  expect(downs).toBe(1);
  expect(clock.now()).toBeLessThan(8 * SECOND);
});

test.each(PHASES.map(({ name }) => name))('as phase "%s" begins', async (phase) => {
  const interrupt = new AbortController();
  const progress = {
    ...SILENT,
    phaseBegan: (began: string) => {
      if (began === phase) interrupt.abort(new Error('interrupted by SIGINT'));
    },
  };
  const outcome = await outcomeOf(modelSpec({ progress, timeLimit: 3 * SECOND }), interrupt.signal);
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: interrupted', 2]);
  expect(outcome.state.failure).toBeNull();
});

test('an exception that nobody caught: the same, as harness-failure', async () => {
  const clock = new SimulatedClock();
  const interrupt = new AbortController();
  const failure = bug('a callback', 'uncaught', new TypeError('x is undefined'));
  clock.at(4 * SECOND, () => interrupt.abort(failure));
  const outcome = await outcomeOf(modelSpec({ clock }), interrupt.signal);
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: harness-failure', 2]);
  expect(outcome.summary).toMatch(/x is undefined/);
  expect(outcome.verdicts['interruption']).toBeUndefined();
});

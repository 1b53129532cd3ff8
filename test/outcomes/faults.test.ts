/** Faults that cannot be had, do nothing, have a bug, or stay: told by name, never green. */
import { expect, test } from 'vitest';
import type { Armed, Fault } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { FAULTS } from '../../nemesis/registry.ts';
import { kindOf, killStep, modelSpec, type Outcome, outcomeOf } from './outcome-run.ts';

const schedule = [killStep()];

/** The kill with something about it changed. */
function brokenKill(changes: Partial<Fault>, armed: (usual: Armed) => Partial<Armed> = () => ({})) {
  const usual = FAULTS.get('kill');
  if (usual === undefined) throw new Error('there is no kill');
  const fault: Fault = {
    ...usual,
    prepare: async (context, targets) => {
      const prepared = await usual.prepare(context, targets);
      return {
        undo: prepared.undo,
        fire: () => prepared.fire(),
        verify: () => prepared.verify(),
        heal: () => prepared.heal(),
        verifyHealed: () => prepared.verifyHealed(),
        ...armed(prepared),
      };
    },
    ...changes,
  };
  return { faults: new Map([...FAULTS, ['kill', fault]]) };
}

function states({ stored }: Outcome): readonly string[] {
  return stored.faults.map(({ state }) => state);
}

test('control: a kill that works is valid', async () => {
  const outcome = await outcomeOf(modelSpec({ schedule }));
  expect([outcome.summary, outcome.exitCode]).toEqual(['valid', 0]);
  expect(states(outcome)).toEqual(['intended', 'armed', 'fired', 'verified', 'healing', 'healed']);
});

test('a fault that this cluster cannot have is skipped by name: vacuous', async () => {
  const unavailable = (): string => 'needs root on the host';
  const outcome = await outcomeOf(modelSpec({ schedule }, brokenKill({ unavailable })));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: vacuous', 2]);
  expect(outcome.summary).toMatch(/all faults were skipped: needs root on the host/);
  expect(states(outcome)).toEqual(['intended', 'skipped']);
});

test('a fault of no known kind is skipped, with the nearest name: vacuous', async () => {
  const outcome = await outcomeOf(modelSpec({ schedule: [killStep({ kind: 'kil' })] }));
  expect(kindOf(outcome)).toBe('unknown: vacuous');
  expect(outcome.summary).toMatch(/unknown fault "kil".*did you mean "kill"/);
});

test('a fault that cannot be prepared is told by name: vacuous', async () => {
  const prepare = (): Promise<never> => Promise.reject(new Error('iptables: permission denied'));
  const outcome = await outcomeOf(modelSpec({ schedule }, brokenKill({ prepare })));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: vacuous', 2]);
  expect(outcome.summary).toMatch(/kill-1 did not take effect.*iptables: permission denied/);
});

test('a fault that fires and does nothing is no fault: vacuous', async () => {
  const broken = brokenKill({}, () => ({ fire: () => undefined }));
  const outcome = await outcomeOf(modelSpec({ schedule }, broken));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: vacuous', 2]);
  expect(outcome.summary).toMatch(/kill-1 did not take effect/);
  expect(states(outcome)).toEqual(['intended', 'armed', 'fired', 'failed', 'healing', 'healed']);
});

const BUGS: readonly (readonly [string, Partial<Fault>, (usual: Armed) => Partial<Armed>])[] = [
  ['prepare', { prepare: () => Promise.reject(new TypeError('oops')) }, () => ({})],
  ['fire', {}, () => ({ fire: () => thrown() })],
  ['verify', {}, () => ({ verify: () => thrown() })],
  [
    'heal',
    {},
    (usual) => ({
      heal: async () => {
        await usual.heal();
        thrown();
      },
    }),
  ],
];

function thrown(): never {
  throw new TypeError('oops');
}

test.each(BUGS)(
  'a fault with a bug in %s ends the run: harness-failure',
  async (_, fault, armed) => {
    const clock = new SimulatedClock();
    const outcome = await outcomeOf(
      modelSpec({ schedule, clock, timeLimit: 60 * SECOND }, brokenKill(fault, armed)),
    );
    expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: harness-failure', 2]);
    expect(outcome.summary).toMatch(/kill-1 \(kill\) has a bug: oops/);
    expect(clock.now()).toBeLessThan(30 * SECOND);
  },
);

test('a fault of ours that stays in effect: not-healed, not the system’s fault', async () => {
  const stays = brokenKill({}, () => ({ heal: () => Promise.resolve() }));
  const outcome = await outcomeOf(modelSpec({ schedule }, stays));
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: not-healed', 2]);
  expect(outcome.summary).toMatch(/kill-1/);
});

/** Generators and observers that throw: our own bugs, whose run stops in good order. */
import { expect, test } from 'vitest';
import { primaryBackup } from '../../clusters/primary-backup/system.ts';
import { SECOND } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { GeneratorLike } from '../../harness/generator.ts';
import { kindOf, killStep, modelSpec, outcomeOf } from './outcome-run.ts';

const THROWING: readonly (readonly [string, (usual: GeneratorLike) => GeneratorLike, RegExp])[] = [
  [
    'in a function, after 50 operations',
    (usual) => [{ f: 'read', value: [0, null] }, limited(usual, 50)],
    /bug in the generator.*RangeError: out of ideas/,
  ],
  [
    'in next',
    () => ({
      listens: false,
      next: () => {
        throw 'just a text' as unknown as Error;
      },
      update: () => {
        throw new Error('not asked');
      },
    }),
    /bug in the generator \(next\): threw a non-Error: 'just a text'/,
  ],
];

function limited(usual: GeneratorLike, count: number): GeneratorLike {
  let left = count;
  return (context) => {
    if (left-- <= 0) throw new RangeError('out of ideas');
    return typeof usual === 'function' ? usual(context) : { f: 'read', value: [0, null] };
  };
}

test.each(THROWING)('a generator that throws %s: harness-failure', async (_, wrap, told) => {
  const clock = new SimulatedClock();
  const { workload, ...spec } = modelSpec({ clock, schedule: [killStep({ trigger: { at: 0 } })] });
  const generator = wrap(workload.generator);
  const outcome = await outcomeOf({ ...spec, workload: { ...workload, generator } });
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: harness-failure', 2]);
  expect(outcome.summary).toMatch(told);
  // It did not go on until its time was up.
  expect(clock.now()).toBeLessThan(3 * SECOND);
});

test('a final generator that throws: harness-failure, with the main history kept', async () => {
  const { workload, ...spec } = modelSpec();
  const finalGenerator = (): never => {
    throw new TypeError('no keys');
  };
  const outcome = await outcomeOf({ ...spec, workload: { ...workload, finalGenerator } });
  expect(kindOf(outcome)).toBe('unknown: harness-failure');
  expect(outcome.summary).toMatch(/bug in the generator.*no keys/);
  expect(outcome.stored.history.length).toBeGreaterThan(1000);
});

test('an observer that throws a TypeError ends the run: harness-failure', async () => {
  const clock = new SimulatedClock();
  const poll = (): Promise<void> =>
    clock.now() < SECOND ? Promise.resolve() : Promise.reject(new TypeError('no such field'));
  const system = { ...primaryBackup, observers: [{ name: 'broken', periodMs: 100, poll }] };
  const outcome = await outcomeOf(modelSpec({ system, clock }));
  expect(kindOf(outcome)).toBe('unknown: harness-failure');
  expect(outcome.summary).toMatch(/observer broken has a bug: no such field/);
  expect(clock.now()).toBeLessThan(4 * SECOND);
});

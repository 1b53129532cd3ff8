import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MILLISECOND, SECOND } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** Settles when nothing that was scheduled so far, or follows from it, is left. */
async function drained(clock: SimulatedClock): Promise<void> {
  const events = clock.events;
  await new Promise((resolve) => setImmediate(resolve));
  if (clock.events !== events) await drained(clock);
}

it('runs events in the order of (time, sequence), each at its time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ time: fc.integer({ min: 0, max: 20 }), quiet: fc.boolean() })),
      async (plan) => {
        const clock = new SimulatedClock();
        const ran: { time: number; index: number }[] = [];
        plan.forEach(({ time, quiet }, index) => {
          const callback = (): void => void ran.push({ time: clock.now(), index });
          if (quiet) clock.atQuietly(time, callback);
          else clock.at(time, callback);
        });
        await drained(clock);
        const expected = plan.map(({ time }, index) => ({ time, index }));
        expected.sort((a, b) => a.time - b.time || a.index - b.index);
        expect(ran).toEqual(expected);
      },
    ),
  );
});

it('does not run what was cancelled, and does not go to its time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ time: fc.integer({ min: 0, max: 50 }), cancel: fc.boolean() })),
      async (plan) => {
        const clock = new SimulatedClock();
        const ran: number[] = [];
        const timers = plan.map(({ time }, index) => clock.at(time, () => void ran.push(index)));
        plan.forEach(({ cancel }, index) => {
          if (cancel) timers[index]?.cancel();
        });
        await drained(clock);
        const kept = plan.flatMap(({ cancel }, index) => (cancel ? [] : [index]));
        expect([...ran].sort((a, b) => a - b)).toEqual(kept);
        const times = kept.map((index) => plan[index]?.time ?? 0);
        expect(clock.now()).toBe(Math.max(0, ...times));
      },
    ),
  );
});

it('advances only after the microtask queue has drained, however long the chain', async () => {
  const clock = new SimulatedClock();
  const ran: string[] = [];
  clock.at(1, () => {
    let chain = Promise.resolve();
    for (let step = 0; step < 1000; step++) chain = chain.then(() => undefined);
    void chain.then(() => process.nextTick(() => ran.push(`chain at ${clock.now()}`)));
  });
  clock.at(2, () => ran.push(`next at ${clock.now()}`));
  await drained(clock);
  expect(ran).toEqual(['chain at 1', 'next at 2']);
});

it('calls back soon at the same time, behind what is scheduled for it already', async () => {
  const clock = new SimulatedClock();
  const ran: string[] = [];
  clock.at(5, () => clock.soon(() => ran.push(`soon at ${clock.now()}`)));
  clock.at(5, () => ran.push('other'));
  await drained(clock);
  expect(ran).toEqual(['other', 'soon at 5']);
});

it('an event for the past runs now: time never decreases', async () => {
  const clock = new SimulatedClock();
  const times: number[] = [];
  clock.at(10, () => clock.at(3, () => times.push(clock.now())));
  await drained(clock);
  expect(times).toEqual([10]);
});

it('sleeps in virtual time, and is woken by its signal', async () => {
  const clock = new SimulatedClock();
  await clock.sleep(3600 * SECOND);
  expect(clock.now()).toBe(3600 * SECOND);
  const stopping = new AbortController();
  clock.at(clock.now() + 1, () => stopping.abort(new Error('enough')));
  await expect(clock.sleep(SECOND, stopping.signal)).rejects.toThrow('enough');
  expect(clock.now()).toBe(3600 * SECOND + 1);
});

it('stops when nothing is scheduled and starts again when something is', async () => {
  const clock = new SimulatedClock();
  await clock.sleep(SECOND);
  await drained(clock);
  const { events } = clock;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(clock.events).toBe(events);
  await clock.sleep(SECOND);
  expect(clock.now()).toBe(2 * SECOND);
});

it('stands still while something of the real world is held', async () => {
  const clock = new SimulatedClock();
  const ran: number[] = [];
  clock.at(1, () => void ran.push(clock.now()));
  const real = new Promise<string>((resolve) => setTimeout(() => resolve('done'), 5));
  const held = clock.hold(real.then((what) => `${what} after ${ran.length} events`));
  expect(await held).toBe('done after 0 events');
  await drained(clock);
  expect(ran).toEqual([1]);
});

it('goes on after an event that throws', async () => {
  const clock = new SimulatedClock();
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => thrown.push(error));
  clock.at(1, () => {
    throw new Error('boom');
  });
  await clock.sleep(2);
  for (const listener of listeners) process.on('uncaughtException', listener);
  expect(thrown).toEqual([new Error('boom')]);
  expect(clock.now()).toBe(2);
});

it('forgets everything when disposed', async () => {
  const clock = new SimulatedClock();
  const ran: string[] = [];
  const beat = (): void => {
    ran.push('beat');
    clock.at(clock.now() + 1, beat);
  };
  clock.at(1, beat);
  clock.at(3, () => clock.dispose());
  await drained(clock);
  expect(ran.length).toBe(2);
  clock.soon(() => ran.push('late'));
  await drained(clock);
  expect(ran.length).toBe(2);
});

it('refuses a time that is no number', () => {
  expect(() => new SimulatedClock().at(NaN, () => undefined)).toThrow('time of an event');
});

it('tells the same wall time in every run', async () => {
  const clock = new SimulatedClock();
  await clock.sleep(1500 * MILLISECOND);
  expect(new Date(clock.wallMillis()).toISOString()).toBe('2020-01-01T00:00:01.500Z');
});

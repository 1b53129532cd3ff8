import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deadlined, DeadlineQueue } from './deadline-queue.ts';
import { SimulatedClock } from './simulated-clock.ts';

interface Item extends Deadlined {
  readonly name: number;
}
const item = (name: number): Item => ({ name, dueAt: 0, earlier: null, later: null });

test('property: what is not removed in time expires at its deadline, in order', async () => {
  const plan = fc.array(fc.tuple(fc.nat(50), fc.nat(200)), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(plan, async (steps) => {
      const clock = new SimulatedClock();
      const expired: [name: number, at: number][] = [];
      const queue = new DeadlineQueue<Item>(clock, 100, ({ name }) =>
        expired.push([name, clock.now()]),
      );
      const expected: [number, number][] = [];
      let time = 0;
      steps.forEach(([gap, removedAfter], name) => {
        time += gap;
        const own = item(name);
        clock.at(time, () => queue.add(own, clock.now()));
        clock.at(time + removedAfter, () => queue.remove(own));
        // At equal times the removal was scheduled first.
        if (removedAfter > 100) expected.push([name, time + 100]);
      });
      await clock.sleep(time + 500);
      expect(expired).toEqual(expected);
      expect(queue.items()).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('one timer serves all, and none is left behind', async () => {
  const clock = new SimulatedClock();
  const queue = new DeadlineQueue<Item>(clock, 1000, () => undefined);
  for (let name = 0; name < 10_000; name++) {
    const own = item(name);
    queue.add(own, clock.now());
    queue.remove(own);
  }
  const before = clock.events;
  await clock.sleep(5000);
  expect(clock.events - before).toBe(2);
  queue.add(item(1), clock.now());
  queue.dispose();
  const disposed = clock.events;
  await clock.sleep(5000);
  expect(clock.events - disposed).toBe(1);
});

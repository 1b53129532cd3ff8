import { expect, test } from 'vitest';
import { bounded } from './bounded.ts';
import { MILLISECOND } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';

const LIMIT = 100 * MILLISECOND;

/** Work that ends by its signal alone. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

test('work that is done in time gives its result, and its signal is not aborted', async () => {
  const clock = new SimulatedClock();
  const signal = await bounded(clock, LIMIT, 'too late', (given) => Promise.resolve(given));
  await clock.sleep(2 * LIMIT);
  expect(signal.aborted).toBe(false);
});

test('work that takes longer is told why', async () => {
  const clock = new SimulatedClock();
  await expect(bounded(clock, LIMIT, 'too late', untilAborted)).rejects.toThrow('too late');
  expect(clock.now()).toBe(LIMIT);
});

test('an aborted signal is given to nobody else', async () => {
  const clock = new SimulatedClock();
  await expect(bounded(clock, LIMIT, 'too late', untilAborted)).rejects.toThrow();
  await bounded(clock, LIMIT, 'too late', (signal) => {
    expect(signal.aborted).toBe(false);
    return Promise.resolve();
  });
});

test('whoever began it may end it early, and nothing else once it is over', async () => {
  const clock = new SimulatedClock();
  const ends: ((reason: unknown) => void)[] = [];
  const begun = (end: (reason: unknown) => void): void => void ends.push(end);
  const early = bounded(clock, LIMIT, 'too late', untilAborted, begun);
  ends[0]?.(new Error('not wanted any more'));
  await expect(early).rejects.toThrow('not wanted any more');

  await bounded(clock, LIMIT, 'too late', () => Promise.resolve(), begun);
  ends[1]?.(new Error('after the end'));
  await bounded(clock, LIMIT, 'too late', (signal) => {
    expect(signal.aborted).toBe(false);
    return Promise.resolve();
  });
});

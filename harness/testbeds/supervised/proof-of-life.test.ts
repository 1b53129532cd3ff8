import { expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { ProofOfLife } from './proof-of-life.ts';
import type { Clock, Timer } from '../../clock.ts';

/** A clock whose one timer is struck by hand. */
function handClock(): Clock & { advance(to: number): Promise<void> } {
  let now = 0;
  let waiting: { time: number; callback: () => void } | null = null;
  return {
    ...realClock(),
    now: () => now,
    at: (time: number, callback: () => void): Timer => {
      const own = { time, callback };
      waiting = own;
      return { cancel: () => void (waiting === own && (waiting = null)) };
    },
    advance: async (to) => {
      now = to;
      const due = waiting;
      if (due !== null && due.time <= to) {
        waiting = null;
        due.callback();
      }
      await new Promise(setImmediate);
    },
  };
}

test('only an answer moves it, and to the time of the question', async () => {
  const clock = handClock();
  let answer: (lives: boolean) => void = () => undefined;
  const proof = new ProofOfLife(clock, () => new Promise((resolve) => (answer = resolve)));
  proof.begin(0);
  await clock.advance(1e9);
  expect(proof.at).toBe(0);
  await clock.advance(3e9);
  answer(true);
  await clock.advance(3e9);
  expect(proof.at).toBe(1e9);
  await clock.advance(4e9);
  answer(false);
  await clock.advance(4e9);
  expect(proof.at).toBe(1e9);
});

test('an answer that comes after the end proves nothing', async () => {
  const clock = handClock();
  let answer: (lives: boolean) => void = () => undefined;
  const proof = new ProofOfLife(clock, () => new Promise((resolve) => (answer = resolve)));
  proof.begin(5);
  await clock.advance(1e9);
  proof.end();
  answer(true);
  await clock.advance(2e9);
  expect(proof.at).toBe(5);
});

test('a question that fails is no proof, and the next is asked', async () => {
  const clock = handClock();
  let asked = 0;
  const proof = new ProofOfLife(clock, () => {
    asked++;
    return asked === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(true);
  });
  proof.begin(0);
  await clock.advance(1e9);
  expect(proof.at).toBe(0);
  await clock.advance(2e9);
  expect(proof.at).toBe(2e9);
});

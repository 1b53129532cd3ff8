import { expect, it } from 'vitest';

import { perThread } from '../../../harness/generators/each-thread.ts';
import type { Invocation, Operation } from '../../../harness/operation.ts';
import { MILLISECOND, SECOND } from '../../../harness/operation.ts';
import { type SimulatedEnd, simulate } from '../../../harness/simulate.ts';
import { lives, type LifeStep } from './lives.ts';

const make: Invocation = { f: 'make', value: 1 };
const look: Invocation = { f: 'look', value: 1 };
const end: Invocation = { f: 'end', value: 1 };
const LIFE: readonly LifeStep[] = [
  { once: make },
  { until: look },
  { wait: SECOND },
  { once: end },
];

/** Invocations as `f@milliseconds`, each answered after 10 ms. */
function told(count: number, answer: (operation: Operation) => Partial<SimulatedEnd>): string[] {
  const { history, ended } = simulate({
    generator: perThread((thread) =>
      thread === 0 ? lives((life) => (life < count ? LIFE : null)) : [],
    ),
    concurrency: 2,
    seed: 1n,
    latency: (operation) => ({ nanos: 10 * MILLISECOND, type: 'ok', ...answer(operation) }),
  });
  expect(ended).toBe('done');
  return history
    .filter(({ type }) => type === 'invoke')
    .map(({ f, time }) => `${f}@${time / MILLISECOND}`);
}

it('does one step after another, and asks until it is done', () => {
  const done = ({ f, time }: Operation): Partial<SimulatedEnd> =>
    f === 'look' ? { value: { done: time > 100 * MILLISECOND } } : {};
  expect(told(1, done)).toEqual(['make@0', 'look@10', 'look@70', 'look@130', 'end@1140']);
});

it('asks again after an error, also when its process has ended', () => {
  const looks = ({ f, time }: Operation): Partial<SimulatedEnd> =>
    f === 'look' ? (time < 60 * MILLISECOND ? { type: 'info' } : { value: { done: true } }) : {};
  expect(told(1, looks)).toEqual(['make@0', 'look@10', 'look@70', 'end@1080']);
});

it('ends a life with what is not acknowledged, and begins the next', () => {
  expect(told(2, ({ f }) => (f === 'make' ? { type: 'fail' } : {}))).toEqual(['make@0', 'make@10']);
});

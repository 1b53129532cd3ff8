/** The harness itself held up: a blocked event loop is an event, and liveness is not judged. */
import { expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { kindOf, modelSpec, outcomeOf } from './outcome-run.ts';

test('an event loop blocked for a second', async () => {
  const clock = realClock();
  const spec = modelSpec({ clock, timeLimit: 2500 * MILLISECOND });
  let blockedAt = 0;
  const block = (): void => {
    blockedAt = clock.now();
    while (clock.now() < blockedAt + SECOND);
  };
  clock.at(clock.now() + SECOND, block);
  const outcome = await outcomeOf(spec);
  expect([kindOf(outcome), outcome.exitCode]).toEqual(['unknown: starved', 2]);
  expect(outcome.verdicts['liveness']?.reason).toBe('starved');
  const stalls = outcome.stored.events.filter((event) => event.type === 'stall');
  const blocked = stalls.find(({ cause }) => cause === 'event-loop');
  expect(blocked?.durationNanos).toBeGreaterThan(0.9 * SECOND);
  expect(blocked?.notBefore).toBeLessThan(blockedAt + SECOND);
  expect(blocked?.notAfter).toBeGreaterThan(blockedAt);
  // Times never decrease, every invocation completed, and safety was judged all the same.
  const times = outcome.stored.history.map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const invocations = outcome.stored.history.filter(({ type }) => type === 'invoke');
  expect(outcome.stored.history.length).toBe(2 * invocations.length);
  expect(outcome.verdicts['linearizable-register']?.valid).toBe('valid');
}, 20_000);

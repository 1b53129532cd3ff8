import { expect, it } from 'vitest';

import { simulate, type SimulatedEnd } from '../../../harness/simulate.ts';
import { MILLISECOND, SECOND, type Operation } from '../../../harness/operation.ts';
import { type BackupPlan, backups, POLLER, STARTER } from './backup-generator.ts';

const PLAN: BackupPlan = {
  kind: (ordinal) => (['delegated', 'local'] as const)[ordinal] ?? null,
  gap: 200 * MILLISECOND,
  pollEvery: 20 * MILLISECOND,
  polled: 1,
};

/** The first request is refused; each backup is told to have ended by the fifth poll of it. */
function system(): (operation: Operation) => SimulatedEnd {
  let asked = 0;
  const polls = new Map<string, number>();
  return ({ f, value }) => {
    const nanos = MILLISECOND;
    if (f === 'backup') {
      asked += 1;
      if (asked === 1) return { nanos, type: 'fail' };
      return { nanos, type: 'ok', value: { id: `x${asked}`, state: 'Initiating' } };
    }
    const id = typeof value === 'string' ? value : '';
    const count = (polls.get(id) ?? 0) + 1;
    polls.set(id, count);
    return { nanos, type: 'ok', value: { id, state: count < 5 ? 'Running' : 'Completed' } };
  };
}

it('asks for one backup after another, and polls the newest, also when it has ended', () => {
  const { history } = simulate({
    ...{ generator: backups(PLAN), concurrency: 3, seed: 1n, latency: system() },
    limitNanos: 2 * SECOND,
  });
  const invoked = history.filter(({ type }) => type === 'invoke');
  const starts = invoked.filter(({ f }) => f === 'backup');
  expect(starts.map(({ value }) => value)).toEqual(['delegated', 'delegated', 'local']);
  expect(starts.every(({ process }) => process === STARTER)).toBe(true);
  const polls = invoked.filter(({ f }) => f === 'backup-status');
  expect(polls.every(({ process }) => process === POLLER)).toBe(true);
  expect(new Set(polls.map(({ value }) => value))).toEqual(new Set(['x2', 'x3']));
  expect(polls.filter(({ value }) => value === 'x3').length).toBeGreaterThan(20);
  const [, second, third] = starts;
  const ended = history.find(
    ({ type, value }) =>
      type === 'ok' && JSON.stringify(value).includes('"x2","state":"Completed"'),
  );
  expect(third!.time - ended!.time).toBe(PLAN.gap);
  expect(second!.time).toBe(PLAN.gap + MILLISECOND);
});

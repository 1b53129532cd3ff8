import { expect, test } from 'vitest';
import { type Clock, realClock } from './clock.ts';
import type { RunEvent, Stall } from './event.ts';
import { MILLISECOND, SECOND } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { watchHarness } from './watch.ts';

/** Simulated time that says it is real, so that it is watched. */
function watchedClock(): SimulatedClock {
  return Object.assign(new SimulatedClock(), { simulated: false as never });
}

async function watched(
  clock: Clock,
  files: (path: string) => string | null,
  seconds: number,
): Promise<Stall[]> {
  const stalls: RunEvent[] = [];
  const watching = watchHarness({
    clock,
    events: (event) => void stalls.push(event),
    read: files,
  });
  await clock.sleep(seconds * SECOND);
  watching[Symbol.dispose]();
  return stalls as Stall[];
}

test('the event loop blocked for a second is a stall', async () => {
  const clock = realClock();
  const stalls: RunEvent[] = [];
  const watching = watchHarness({
    clock,
    events: (event) => void stalls.push(event),
    read: () => null,
  });
  await clock.sleep(50 * MILLISECOND);
  const from = clock.now();
  while (clock.now() < from + SECOND);
  const to = clock.now();
  await clock.sleep(50 * MILLISECOND);
  watching[Symbol.dispose]();
  const found = stalls.filter(
    (event): event is Stall => event.type === 'stall' && event.cause === 'event-loop',
  );
  const longest = found.sort((a, b) => b.durationNanos - a.durationNanos)[0];
  expect(longest?.durationNanos).toBeGreaterThan(900 * MILLISECOND);
  expect(longest?.notBefore).toBeLessThan(from + 100 * MILLISECOND);
  expect(longest?.notAfter).toBeGreaterThanOrEqual(to);
});

test('a quiet machine has none', async () => {
  const clock = watchedClock();
  const read = (path: string): string | null => {
    if (path === '/proc/thread-self/schedstat') return `1 ${Math.round(clock.now() * 0.1)} 1`;
    if (path === '/proc/uptime') return `${(clock.now() / SECOND).toFixed(2)} 1`;
    return null;
  };
  expect(await watched(clock, read, 5)).toEqual([]);
});

test('a thread that is not run, and a control group that is throttled', async () => {
  for (const [path, line] of [
    ['/proc/thread-self/schedstat', (at: number): string => `1 ${Math.round(at * 0.5)} 1`],
    ['/sys/fs/cgroup/cpu.stat', (at: number): string => `x 1\nthrottled_usec ${at * 0.0005}`],
    ['/sys/fs/cgroup/cpu/cpu.stat', (at: number): string => `x 1\nthrottled_time ${at * 0.5}`],
  ] as const) {
    const clock = watchedClock();
    const stalls = await watched(
      clock,
      (asked) => (asked === path ? line(clock.now()) : null),
      3.5,
    );
    expect(stalls.map(({ cause }) => cause)).toEqual(['cpu', 'cpu', 'cpu']);
    expect(stalls[0]?.durationNanos).toBeGreaterThan(480 * MILLISECOND);
  }
});

test('time that the monotonic clock did not count', async () => {
  const clock = watchedClock();
  const slept = (): number => (clock.now() > 2.5 * SECOND ? 30 : 0);
  const uptime = (path: string): string | null =>
    path === '/proc/uptime' ? `${(clock.now() / SECOND + slept()).toFixed(2)} 1` : null;
  const stalls = await watched(clock, uptime, 5);
  expect(stalls.map(({ cause }) => cause)).toEqual(['suspended']);
  expect(Math.round((stalls[0]?.durationNanos ?? 0) / SECOND)).toBe(30);
});

test('simulated time is not watched', () => {
  const clock = new SimulatedClock();
  const watching = watchHarness({ clock, events: () => undefined });
  watching[Symbol.dispose]();
  expect(clock.events).toBe(0);
});

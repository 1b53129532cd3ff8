/**
 * How long the harness waited for a processor. An election or a lost session takes its timeouts, however busy the machine; to
 * start a process is work, and on a machine of which it gets a third takes three times as long. What the harness itself
 * waited, which sleeps most of the time and is therefore served first, is the least that the nodes beside it did.
 */
import type { RunEvent } from '../../harness/event.ts';
import type { Nanoseconds } from '../../harness/operation.ts';
import type { Interval } from '../quorum-windows.ts';

/** The most that it waited within the interval: of a window in which it waited, the wait may be in any part. */
export function starvation(events: readonly RunEvent[]): (interval: Interval) => Nanoseconds {
  const stalls = events.filter((event) => event.type === 'stall');
  const waits = stalls.filter(({ cause }) => cause === 'cpu');
  return ({ from, to }) =>
    waits
      .map(({ notBefore, notAfter, durationNanos }) =>
        Math.min(durationNanos, Math.min(notAfter, to) - Math.max(notBefore, from)),
      )
      .reduce((sum, waited) => sum + Math.max(0, waited), 0);
}

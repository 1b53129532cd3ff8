/** Work with a bound, which it is told of through its signal. */
import type { Clock } from './clock.ts';
import type { Nanoseconds } from './operation.ts';

/**
 * Signals that were not aborted. A simulated run bounds hundreds of questions in a few milliseconds, and a signal is
 * among the dearest objects there are; models hold on to none. Real clients may, and get one of their own each time.
 */
const unused: AbortController[] = [];

/**
 * Does work whose signal is aborted when it takes longer than `limit`; the work has to heed it.
 * @param begun is given what ends the work early
 */
export async function bounded<T>(
  clock: Clock,
  limit: Nanoseconds,
  why: string,
  work: (signal: AbortSignal) => Promise<T>,
  begun?: (end: (reason: unknown) => void) => void,
): Promise<T> {
  const bound = (clock.simulated ? unused.pop() : undefined) ?? new AbortController();
  const timer = clock.at(clock.now() + limit, () => bound.abort(new Error(why)));
  let over = false;
  begun?.((reason) => {
    if (!over) bound.abort(reason);
  });
  try {
    return await work(bound.signal);
  } finally {
    over = true;
    timer.cancel();
    if (clock.simulated && !bound.signal.aborted) unused.push(bound);
  }
}

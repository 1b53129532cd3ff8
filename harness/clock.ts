/**
 * Time. With random.ts the only file that may touch the machine's clock or timers; everything else takes a Clock.
 */
import type { Nanoseconds } from './operation.ts';
import { MILLISECOND } from './operation.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  readonly simulated: boolean;
  /** Nanoseconds since the clock's origin (the beginning of the run). Never decreases. */
  now(): Nanoseconds;
  /** Calls back once at or after `time`. */
  at(time: Nanoseconds, callback: () => void): Timer;
  /** Calls back after the microtask queue has drained and I/O was polled once. */
  soon(callback: () => void): void;
  sleep(duration: Nanoseconds, signal?: AbortSignal): Promise<void>;
  /** Wall-clock milliseconds since 1970, recorded once a run beside the monotonic time. */
  wallMillis(): number;
}

/** Milliseconds on the machine's monotonic clock (CLOCK_MONOTONIC): the same for all its processes. */
export function machineMillis(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/**
 * The machine's monotonic clock (CLOCK_MONOTONIC through `performance.now`).
 * @param originMillis its origin by `machineMillis`, for a clock that agrees with another process's. Default: the call
 */
export function realClock(originMillis = machineMillis()): Clock {
  const origin = performance.now() - (machineMillis() - originMillis);
  const now = (): Nanoseconds => Math.round((performance.now() - origin) * 1e6);
  const at = (time: Nanoseconds, callback: () => void): Timer => {
    // Node's timers have millisecond resolution; rounding up keeps "at or after".
    const handle = setTimeout(callback, Math.max(0, Math.ceil((time - now()) / MILLISECOND)));
    return { cancel: () => clearTimeout(handle) };
  };
  return {
    simulated: false,
    now,
    at,
    soon: (callback) => void setImmediate(callback),
    sleep: (duration, signal) => sleepOn(now, at, duration, signal),
    wallMillis: () => Date.now(),
  };
}

/** `sleep` for any clock: rejects with the signal's reason when aborted. */
export function sleepOn(
  now: () => Nanoseconds,
  at: (time: Nanoseconds, callback: () => void) => Timer,
  duration: Nanoseconds,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return void reject(signal.reason as Error);
    const timer = at(now() + duration, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    const abort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A bound was exceeded: something that must end by itself did not. */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
}

/**
 * Waits for `work`, on this clock, at most `limit`.
 * @throws LimitExceededError naming `what` when it takes longer; the work itself goes on unobserved.
 */
export async function within<T>(
  clock: Clock,
  limit: Nanoseconds,
  what: string,
  work: Promise<T>,
): Promise<T> {
  let timer: Timer | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = clock.at(clock.now() + limit, () => {
      reject(new LimitExceededError(`${what} took longer than ${limit / 1e9} s`));
    });
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    timer?.cancel();
  }
}

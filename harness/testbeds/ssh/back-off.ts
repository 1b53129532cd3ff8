/** Attempts that are repeated, each after a longer wait, up to a bound. */
import type { Clock } from '../../clock.ts';
import { MILLISECOND, type Nanoseconds } from '../../operation.ts';
import type { Draws } from '../../random.ts';

export interface BackOff {
  /** How often in all. */
  readonly attempts: number;
  /** Before the second attempt; doubles with each. */
  readonly first: Nanoseconds;
  readonly most: Nanoseconds;
}

/**
 * For connecting: 12 s of waits at most. sshd drops some of many that connect at once (`MaxStartups` 10:30:100), which
 * says nothing about the next attempt.
 */
export const CONNECT_BACK_OFF: BackOff = {
  attempts: 8,
  first: 100 * MILLISECOND,
  most: 3_000 * MILLISECOND,
};

/** The wait after the given number of failed attempts: between half of it and all of it, so that many do not meet again. */
export function waitAfter(failed: number, { first, most }: BackOff, draws: Draws): Nanoseconds {
  const whole = Math.min(most, first * 2 ** (failed - 1));
  return Math.round(draws.between(whole / 2, whole));
}

/**
 * Attempts until one succeeds, one fails in a way that another attempt does not change, or all are used up.
 * @throws the last attempt's error; the signal's reason
 */
export async function withBackOff<T>(
  attempt: () => Promise<T>,
  retry: (error: unknown) => boolean,
  backOff: BackOff,
  { clock, draws, signal }: { clock: Clock; draws: Draws; signal: AbortSignal },
): Promise<T> {
  for (let failed = 1; ; failed++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (failed >= backOff.attempts || !retry(error)) throw error;
    }
    await clock.sleep(waitAfter(failed, backOff, draws), signal);
  }
}

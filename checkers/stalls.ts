/**
 * Times in which the harness itself was held up. What it saw late then says nothing of the system: bounds are prolonged
 * by short stalls, and nothing that has to do with time is judged around long ones.
 */
import type { RunEvent, Stall } from '../harness/event.ts';
import type { Nanoseconds } from '../harness/operation.ts';
import type { Interval } from './quorum-windows.ts';

/** Default of the option `stallBoundMs` of every checker that has it. */
export const STALL_BOUND_MS = 750;

/** The stalls of one run. */
export class Stalls {
  private readonly stalls: readonly Stall[];
  private readonly bound: Nanoseconds;

  /** @param bound a stall so long excuses the time around it; a suspension of the machine always does. */
  constructor(events: readonly RunEvent[], bound: Nanoseconds) {
    this.stalls = events.filter((event) => event.type === 'stall');
    this.bound = bound;
  }

  /** How much later than in fact something in this time may have been seen. Pressure on the CPU is not counted. */
  delayIn(interval: Interval): Nanoseconds {
    return this.stalls
      .filter((stall) => stall.cause !== 'cpu' && overlaps(stall, interval))
      .reduce((sum, { durationNanos }) => sum + durationNanos, 0);
  }

  /** The stalls that are long enough for this time not to be judged. */
  excessiveIn(interval: Interval): Stall[] {
    return this.excessive().filter((stall) => overlaps(stall, interval));
  }

  /** All that are long enough. */
  excessive(): Stall[] {
    return this.stalls.filter(
      ({ cause, durationNanos }) => cause === 'suspended' || durationNanos >= this.bound,
    );
  }

  /** Whether the machine was suspended: no time of such a run is judged. */
  get suspended(): boolean {
    return this.stalls.some(({ cause }) => cause === 'suspended');
  }
}

function overlaps({ notBefore, notAfter, durationNanos }: Stall, { from, to }: Interval): boolean {
  return notAfter >= from && Math.min(notBefore, notAfter - durationNanos) <= to;
}

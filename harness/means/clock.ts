/** A node's clock: the wall clock that its server's processes read, never the host's. */
import type { Armed } from '../nemesis.ts';
import type { Nanoseconds } from '../operation.ts';

/** How a clock is to be wrong. Monotonic clocks are never touched. */
export type ClockSkew =
  /** Ahead (or, negative, behind) by this much from now on. */
  | { readonly kind: 'jump'; readonly by: Nanoseconds }
  /** Alternates between right and wrong by this much, each period. */
  | { readonly kind: 'strobe'; readonly by: Nanoseconds; readonly period: Nanoseconds }
  /** Runs at this rate: 2 is twice as fast, 0.5 half as fast. */
  | { readonly kind: 'drift'; readonly rate: number };

export interface NodeClock {
  /** Makes a skew of the server's wall clock ready. A server that is started again meanwhile gets it too. */
  skew(skew: ClockSkew): Promise<Armed>;
}

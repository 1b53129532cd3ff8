/** Until when a fault must be healed by the harness; later, if that does not answer, the guardian does it. */
import type { Trigger } from './nemesis.ts';
import { SECOND, type Nanoseconds } from './operation.ts';

/** How long after its time to be healed a fault may still be there. */
export const HEAL_GRACE = 5 * SECOND;

export interface HealTimes {
  /** When the main phase began. */
  readonly origin: Nanoseconds;
  /** When it ends at the latest: everything is healed then. Undefined: not known. */
  readonly mainEnd: Nanoseconds | undefined;
  /** When the fault fired. Null: not yet. */
  readonly fired: Nanoseconds | null;
}

/** In run time. Undefined when nothing is known of when it will be healed. */
export function healDeadline(heal: Trigger, times: HealTimes): Nanoseconds | undefined {
  const known = [times.mainEnd, latestTime(heal, times)].filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known) + HEAL_GRACE;
}

/** By when a trigger is seen whatever else happens, in run time; undefined where that depends on what happens. */
export function latestTime(
  trigger: Trigger,
  times: Pick<HealTimes, 'origin' | 'fired'>,
): Nanoseconds | undefined {
  if ('at' in trigger) return times.origin + trigger.at;
  if ('after' in trigger && times.fired !== null) return times.fired + trigger.after;
  if (!('or' in trigger)) return undefined;
  const parts = trigger.or.map((part) => latestTime(part, times));
  const known = parts.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

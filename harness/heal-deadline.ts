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
export function healDeadline(
  heal: Trigger,
  { origin, mainEnd, fired }: HealTimes,
): Nanoseconds | undefined {
  const known: Nanoseconds[] = mainEnd === undefined ? [] : [mainEnd];
  if ('at' in heal) known.push(origin + heal.at);
  if ('after' in heal && fired !== null) known.push(fired + heal.after);
  if ('within' in heal && fired !== null) known.push(fired + heal.within.limit);
  return known.length === 0 ? undefined : Math.min(...known) + HEAL_GRACE;
}

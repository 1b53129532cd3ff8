/**
 * A step's trigger in two parts: the approach, waited for with nothing claimed, and the moment, for which everything
 * is claimed and ready so that the fault fires synchronously.
 *
 * Without the approach a step that is due in a minute would hold its claims for that minute, choose a leader that is
 * long deposed by then, and a step that follows another's healing would keep what the other must have first.
 */
import type { Trigger } from './nemesis.ts';
import { MILLISECOND } from './operation.ts';

/** How long before a time trigger targets are chosen, claimed and prepared. */
const AHEAD = 200 * MILLISECOND;

export interface SplitTrigger {
  /** Null: nothing to wait for before. */
  readonly approach: Trigger | null;
  /** Null: as soon as it is ready. */
  readonly moment: Trigger | null;
  /** What `after` in the moment counts from is the end of the approach. Default: as in the whole. */
  readonly rebased?: true;
}

/**
 * Times are approached; other faults' states are waited for; what the system does is the moment itself, and so is any
 * combination of triggers that is no sequence.
 */
export function splitTrigger(trigger: Trigger): SplitTrigger {
  if ('at' in trigger)
    return { approach: { at: Math.max(0, trigger.at - AHEAD) }, moment: trigger };
  if ('after' in trigger) {
    return { approach: { after: Math.max(0, trigger.after - AHEAD) }, moment: trigger };
  }
  if ('fault' in trigger) return { approach: trigger, moment: null };
  if ('then' in trigger) return splitSequence(flatten(trigger.then));
  return { approach: null, moment: trigger };
}

function splitSequence(triggers: readonly Trigger[]): SplitTrigger {
  const last = triggers.at(-1);
  if (last === undefined) return { approach: null, moment: null };
  // `after` counts from what comes before it, so it cannot be moved into a sequence of its own.
  if ('after' in last || 'fault' in last) return { approach: { then: triggers }, moment: null };
  const before = triggers.slice(0, -1);
  const { approach, moment } = splitTrigger(last);
  const parts = approach === null ? before : [...before, approach];
  if (parts.length === 0) return { approach: null, moment };
  const combined = 'and' in last || 'or' in last || 'within' in last;
  return { approach: { then: parts }, moment, ...(combined ? { rebased: true } : {}) };
}

function flatten(triggers: readonly Trigger[]): readonly Trigger[] {
  return triggers.flatMap((trigger) => ('then' in trigger ? flatten(trigger.then) : [trigger]));
}

/** Triggers made of others: one after another, all, the first of several, within a time. */
import type { Trigger } from './nemesis.ts';
import type { Nanoseconds } from './operation.ts';
import type { ArmedTrigger, arm, TriggerContext, Watching } from './trigger.ts';
import { secondsInWords } from './trigger-words.ts';

/** How parts are armed (trigger.ts), and what is told of the whole. */
export interface Combining {
  readonly arm: typeof arm;
  readonly context: TriggerContext;
  readonly seen: () => void;
  /** It will never be seen, and why. */
  readonly missed: (why: string) => void;
}

/** One after another: each is armed, synchronously, when the one before is seen. */
export function watchInOrder(triggers: readonly Trigger[], whole: Combining): Watching {
  const { arm, context, seen, missed } = whole;
  const armed: ArmedTrigger[] = [];
  const next = (index: number): void => {
    const trigger = triggers[index];
    if (trigger === undefined) return seen();
    // `after` in second place counts from the moment the first was seen.
    const here = index === 0 ? context : { ...context, base: context.clock.now() };
    const before = armed.length;
    const one = arm(trigger, here, () => advance(index + 1), missed);
    // What was seen at once has armed those behind it already.
    armed.splice(before, 0, one);
  };
  const advance = (index: number): void => {
    try {
      next(index);
    } catch (error) {
      context.failed(error instanceof Error ? error : new Error(String(error)));
    }
  };
  next(0);
  return {
    waitingFor: () => armed.at(-1)?.waitingFor() ?? '',
    [Symbol.dispose]: () => armed.forEach((trigger) => trigger.cancel()),
  };
}

/** All, in any order: each is armed at once. */
export function watchAll(triggers: readonly Trigger[], whole: Combining): Watching {
  const { arm, context, seen, missed } = whole;
  const waiting = new Set(triggers);
  const armed = triggers.map((trigger) => {
    const one = (): void => {
      waiting.delete(trigger);
      if (waiting.size === 0) seen();
    };
    return { trigger, armed: arm(trigger, context, one, missed) };
  });
  return {
    waitingFor: () =>
      armed
        .filter(({ trigger }) => waiting.has(trigger))
        .map((one) => one.armed.waitingFor())
        .join(' and '),
    [Symbol.dispose]: () => armed.forEach((one) => one.armed.cancel()),
  };
}

/** Whichever is seen first. Missed only when every one is. */
export function watchAny(triggers: readonly Trigger[], whole: Combining): Watching {
  const { arm, context, seen, missed } = whole;
  const reasons: string[] = [];
  const one = (why: string): void => {
    reasons.push(why);
    if (reasons.length === triggers.length) missed(reasons.join('; '));
  };
  const armed = triggers.map((trigger) => arm(trigger, context, seen, one));
  return {
    waitingFor: () => armed.map((trigger) => trigger.waitingFor()).join(' or '),
    [Symbol.dispose]: () => armed.forEach((trigger) => trigger.cancel()),
  };
}

/** Seen in time, or missed. */
export function watchWithin(trigger: Trigger, limit: Nanoseconds, whole: Combining): Watching {
  const { arm, context, seen, missed } = whole;
  const { clock } = context;
  const inner = arm(trigger, context, seen, missed);
  const timer = clock.at(clock.now() + limit, () =>
    missed(`${inner.waitingFor()}: not seen within ${secondsInWords(limit)}`),
  );
  return {
    waitingFor: () => inner.waitingFor(),
    [Symbol.dispose]: () => {
      timer.cancel();
      inner.cancel();
    },
  };
}

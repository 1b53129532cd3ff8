/** Waiting for a step's trigger until it is seen, or cannot be any more. */
import type { Trigger } from './nemesis.ts';
import type { Nanoseconds } from './operation.ts';
import { arm, type TriggerContext } from './trigger.ts';

export interface WaitOptions {
  /** Called synchronously where the trigger is seen. */
  readonly act?: () => void;
  /** When it is given up, in run time, and what that time is. Default: the end of the main phase. */
  readonly until?: { readonly at: Nanoseconds; readonly what: string } | null;
}

/**
 * @returns null when the trigger was seen, else why the step is not fired
 * @throws what arming it throws, now or in a later part of a sequence
 */
export function waitFor(
  trigger: Trigger,
  context: Omit<TriggerContext, 'failed'>,
  { act = () => undefined, until = null }: WaitOptions = {},
): Promise<string | null> {
  const { clock, ending } = context;
  if (ending.begun) return Promise.resolve('not fired: the main phase had ended');
  return new Promise((resolve, reject) => {
    const stopping: (() => void)[] = [];
    let over = false as boolean;
    const settle = (reason: string | null): void => {
      over = true;
      for (const stop of stopping.splice(0)) stop();
      resolve(reason);
    };
    const armed = arm(
      trigger,
      { ...context, failed: reject },
      () => {
        act();
        settle(null);
      },
      (why) => settle(`not fired: ${why}`),
    );
    if (over) return;
    const giveUp = (what: string): void => {
      const waited = armed.waitingFor();
      armed.cancel();
      settle(`not fired: ${waited}: not seen before ${what}`);
    };
    const end = ending.onBegin(() => giveUp('the main phase ended'));
    stopping.push(() => end[Symbol.dispose]());
    if (until === null) return;
    const timer = clock.at(until.at, () => giveUp(until.what));
    stopping.push(() => timer.cancel());
  });
}

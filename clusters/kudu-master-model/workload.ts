/** The table is altered again and again, and the oldest alteration that is not known to be done is looked at. */
import { ownChecker } from '../../harness/checker.ts';
import type { LeafContext } from '../../harness/generator.ts';
import { stagger } from '../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../harness/operation.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';
import { type AskingAbout, askingAbout } from '../models/asking-about.ts';

/**
 * The longest that an alteration needs when nothing changes any more: a tablet server finds the leading master, reports,
 * and is asked; and looks see it.
 */
const COMPLETION_MS = 3_000;
/** Seldom: the next alteration brings one that is stuck to the tablet as well, and hides it. */
const OPERATIONS_AN_ALTERATION = 8;

/** What is asked of alterations that nobody has asked for yet: a number that none has. */
const NONE = -1;

const OLDEST: AskingAbout<readonly number[]> = {
  f: 'look',
  learn: (pending, { f, value }) => {
    const { id, done = false } = value as { id: number; done?: boolean };
    if (f === 'alter') return [...pending, id];
    return done ? pending.filter((other) => other !== id) : pending;
  },
  value: (pending) => pending[0] ?? NONE,
};

export const alterWorkload: WorkloadDefinition = {
  name: 'alter',
  summary: 'a table is altered; what was acknowledged is done within a bound',
  make: ({ rate }) => ({
    name: 'alter',
    generator: askingAbout(OLDEST, [], stagger(SECOND / rate, alterOrLook)),
    checkers: [
      ownChecker('checkers/availability/completion', 'checkCompletion', {
        operations: ['alter'],
        completionMs: COMPLETION_MS,
      }),
    ],
    reads: ['look'],
  }),
};

/** Fixed by the seed, the thread and its ordinal alone; what is looked at, by what was acknowledged meanwhile. */
function alterOrLook(context: LeafContext): Invocation {
  const { ordinal, concurrency, thread } = context;
  if (context.below(OPERATIONS_AN_ALTERATION) > 0) return { f: 'look', value: NONE };
  return { f: 'alter', value: { id: ordinal * concurrency + thread } };
}

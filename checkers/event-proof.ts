/** What every anomaly carries that is proven by events. */
import type { Anomaly, RecordedRun } from '../harness/checker.ts';
import type { Observed } from '../harness/event.ts';
import { activeFaults } from './fault-windows.ts';
import { when } from './time-text.ts';

/** The time that these events span at the widest, and the faults active in it. No operation is needed as proof. */
export function eventProofOf(
  run: RecordedRun,
  events: readonly Observed[],
): Pick<Anomaly, 'operations' | 'faults' | 'from' | 'to'> {
  let from = Infinity;
  let to = -Infinity;
  for (const { notBefore, notAfter } of events) {
    from = Math.min(from, notBefore);
    to = Math.max(to, notAfter);
  }
  return { operations: [], faults: activeFaults(run.faults, from, to), from, to };
}

/** `1.200 s–1.204 s`: the interval of what was seen. */
export function seenAt({ notBefore, notAfter }: Observed): string {
  return notBefore === notAfter ? when(notAfter) : `${when(notBefore)}–${when(notAfter)}`;
}

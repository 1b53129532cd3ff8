/** Observers that stay with different configurations after all faults are healed. */
import type { Anomaly, RecordedRun } from '../../harness/checker.ts';
import type { MembershipView } from '../../harness/event.ts';
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { faultWindows } from '../fault-windows.ts';
import { intersect, linkedIntervals, liveIntervals } from '../quorum-windows.ts';
import type { Interval } from '../quorum-windows.ts';
import { runBounds } from '../run-bounds.ts';
import { Stalls } from '../stalls.ts';
import { span, when } from '../time-text.ts';
import type { AgreementOptions } from './agreement.ts';

/** A time in which each poll of an observer that was answered told the same configuration. */
interface Stay {
  readonly first: MembershipView;
  readonly last: MembershipView;
}

/** At most one: the first two observers that were in different configurations together for T. */
export function disagreements(
  run: RecordedRun,
  views: readonly MembershipView[],
  options: AgreementOptions,
): Anomaly[] {
  const bounds = runBounds(run, options.mainPhase);
  const quiet = quietTime(run, bounds);
  const stalls = new Stalls(run.events, options.stallBound);
  if (quiet === null || stalls.suspended) return [];
  const observers = [...new Set(views.map(({ observer }) => observer))];
  const stays = observers.flatMap((observer) => staysOf(views, observer));
  for (const [index, one] of stays.entries()) {
    for (const other of stays.slice(index + 1)) {
      if (one.first.observer === other.first.observer) continue;
      if (one.first.configuration === other.first.configuration) continue;
      // Most pairs are done with by this alone.
      if (lasting(one, other) < options.recovery) continue;
      for (const together of togetherIn(run, quiet, bounds, one, other)) {
        const bound = options.recovery + stalls.delayIn(together);
        if (together.to - together.from < bound) continue;
        if (stalls.excessiveIn(together).length > 0) continue;
        return [disagreement(run, one, other, together, options)];
      }
    }
  }
  return [];
}

/** From when the last fault was verified healed; null when one was not. */
function quietTime(run: RecordedRun, bounds: Interval): Interval | null {
  const faults = faultWindows(run.faults).filter(({ from }) => from !== null);
  const healed = faults.map(({ to }) => to ?? Infinity);
  const from = Math.max(bounds.from, ...healed);
  return from < bounds.to ? { from, to: bounds.to } : null;
}

function staysOf(views: readonly MembershipView[], observer: NodeName): Stay[] {
  const stays: { first: MembershipView; last: MembershipView }[] = [];
  for (const view of views) {
    if (view.observer !== observer) continue;
    const stay = stays.at(-1);
    if (stay?.first.configuration === view.configuration) stay.last = view;
    else stays.push({ first: view, last: view });
  }
  return stays;
}

/** How long both were told to be in their configurations together. */
function lasting(one: Stay, other: Stay): Nanoseconds {
  const from = Math.max(one.first.notAfter, other.first.notAfter);
  return Math.min(one.last.notBefore, other.last.notBefore) - from;
}

/** When both were surely in their configurations, alive, and linked with each other. */
function togetherIn(
  run: RecordedRun,
  quiet: Interval,
  bounds: Interval,
  one: Stay,
  other: Stay,
): Interval[] {
  const from = Math.max(one.first.notAfter, other.first.notAfter);
  const to = Math.min(one.last.notBefore, other.last.notBefore);
  const [left, right] = [one.first.observer, other.first.observer];
  return [
    [{ from, to }].filter((interval) => interval.to > interval.from),
    liveIntervals(run, left, bounds),
    liveIntervals(run, right, bounds),
    linkedIntervals(run.events, left, right, bounds),
    linkedIntervals(run.events, right, left, bounds),
  ].reduce(intersect, [quiet]);
}

function disagreement(
  run: RecordedRun,
  one: Stay,
  other: Stay,
  together: Interval,
  { recovery }: AgreementOptions,
): Anomaly {
  const told = [one, other].map(
    ({ first, last }) =>
      `${first.observer} was in ${first.configuration} with ${first.members.join(', ')} from ${seenAt(first)} to ${seenAt(last)}`,
  );
  return {
    name: 'lasting-disagreement',
    guarantee: `Once all faults are healed, all observers come to one configuration within ${span(recovery)}.`,
    explanation:
      `From ${when(together.from)} to ${when(together.to)} no fault was in effect and both were alive and linked, ` +
      `but ${told.join(', and ')}.`,
    ...eventProofOf(run, [{ notBefore: together.from, notAfter: together.to }]),
  };
}

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
  last: MembershipView;
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
  const linkedWith = linkedTimes(run, quiet, bounds);
  for (const [one, other] of pairsApart(staysOf(views), options.recovery)) {
    const both = togetherIn(one, other);
    const linked = linkedWith(one.first.observer, other.first.observer);
    for (const together of intersect(linked, [both])) {
      const bound = options.recovery + stalls.delayIn(together);
      if (together.to - together.from < bound) continue;
      if (stalls.excessiveIn(together).length > 0) continue;
      return [disagreement(run, one, other, together, options)];
    }
  }
  return [];
}

/**
 * Stays of two observers with different configurations, together for T at least; in the order of the first and then of
 * the second. Swept by their beginnings: of one observer hardly two stays go on at once, so that few are compared.
 */
function pairsApart(
  stays: readonly Stay[],
  recovery: Nanoseconds,
): (readonly [one: Stay, other: Stay])[] {
  const isLong = ({ from, to }: Interval): boolean => to > from && to - from >= recovery;
  const numbers = [...stays.keys()].filter((at) => isLong(intervalOf(stays[at] as Stay)));
  const beginning = (at: number): Nanoseconds => (stays[at] as Stay).first.notAfter;
  const pairs: [number, number][] = [];
  let going: number[] = [];
  for (const at of numbers.toSorted((a, b) => beginning(a) - beginning(b))) {
    const stay = stays[at] as Stay;
    going = going.filter((other) => (stays[other] as Stay).last.notBefore > beginning(at));
    for (const other of going) {
      const before = stays[other] as Stay;
      if (before.first.observer === stay.first.observer) continue;
      if (before.first.configuration === stay.first.configuration) continue;
      if (isLong(togetherIn(before, stay))) pairs.push([Math.min(at, other), Math.max(at, other)]);
    }
    going.push(at);
  }
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return pairs.map(([one, other]) => [stays[one] as Stay, stays[other] as Stay]);
}

/** From when the last fault was verified healed; null when one was not. */
function quietTime(run: RecordedRun, bounds: Interval): Interval | null {
  const faults = faultWindows(run.faults).filter(({ from }) => from !== null);
  const healed = faults.map(({ to }) => to ?? Infinity);
  const from = Math.max(bounds.from, ...healed);
  return from < bounds.to ? { from, to: bounds.to } : null;
}

/** One observer after another, each in the order of its views. */
function staysOf(views: readonly MembershipView[]): Stay[] {
  const observers = new Map<NodeName, Stay[]>();
  for (const view of views) {
    const stays = observers.get(view.observer);
    const stay = stays?.at(-1);
    if (stays === undefined) observers.set(view.observer, [{ first: view, last: view }]);
    else if (stay?.first.configuration === view.configuration) stay.last = view;
    else stays.push({ first: view, last: view });
  }
  return [...observers.values()].flat();
}

/** When it was surely in its configuration; a single poll that took time tells no such time. */
function intervalOf({ first, last }: Stay): Interval {
  return { from: first.notAfter, to: last.notBefore };
}

/** When both were surely in their configurations. */
function togetherIn(one: Stay, other: Stay): Interval {
  const [a, b] = [intervalOf(one), intervalOf(other)];
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

/** Tells when two observers were surely alive and linked with each other in the quiet time; computed once a pair. */
function linkedTimes(
  run: RecordedRun,
  quiet: Interval,
  bounds: Interval,
): (one: NodeName, other: NodeName) => readonly Interval[] {
  const known = new Map<string, readonly Interval[]>();
  return (one, other) => {
    const name = `${one} ${other}`;
    const times =
      known.get(name) ??
      [
        liveIntervals(run, one, bounds),
        liveIntervals(run, other, bounds),
        linkedIntervals(run.events, one, other, bounds),
        linkedIntervals(run.events, other, one, bounds),
      ].reduce(intersect, [quiet]);
    known.set(name, times);
    return times;
  };
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
      `${first.observer} was in ${first.configuration} with ${first.members.join(', ')}${ledText(first)} from ${seenAt(first)} to ${seenAt(last)}`,
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

function ledText({ master }: MembershipView): string {
  return master === undefined || master === null ? '' : ` under master ${master}`;
}

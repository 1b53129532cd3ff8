/**
 * One serving master a term: no two nodes lead in the same term (epoch, view) at one moment.
 *
 * Polls are intervals, and a term that a poll tells may lag behind the role it tells (etcd tells the term of the last
 * entry applied: a new leader shows the term before for a moment). So a leadership is a run of sightings of one node in
 * one term that nothing interrupts, at least two of them; a run that goes over into a later term is taken to have been
 * in the later one; and two leaderships conflict only where the times between their sightings overlap.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { LeaderSeen, RunEvent } from '../../harness/event.ts';
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { flagOption, numberOption } from '../check-options.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { span, when } from '../time-text.ts';
import { pollsOfLeaders, resigned } from './leaderships.ts';

interface Leadership {
  readonly first: LeaderSeen;
  last: LeaderSeen;
}

/**
 * Options:
 * - `overlapMs`: so long a deposed leader may go on saying that it leads, while its successor does not know its own term
 *   yet; default 0. Twice the election timeout where the term lags behind the role.
 * - `required`: a run in which no leader was seen twice is unknown; default true; false: it is valid.
 */
export const checkOneMaster: Check = (run, options): Verdict => {
  const overlap = numberOption(options, 'overlapMs', 0) * MILLISECOND;
  const leaderships = leadershipsOf(run.events);
  const anomalies = conflicts(run, leaderships, overlap);
  const terms = new Set(leaderships.map(({ last }) => last.term)).size;
  const figures = { leaderships: leaderships.length, terms };
  if (anomalies.length > 0) {
    const summary = `${String(anomalies.length)} terms had two masters at once`;
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (leaderships.length === 0 && flagOption(options, 'required', true)) {
    const summary = 'no leader was seen twice in one term';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary = `${String(terms)} terms, no two masters at once in any`;
  return { valid: 'valid', summary, figures };
};

/** Runs of one node in one term, seen at least twice. */
function leadershipsOf(events: readonly RunEvent[]): Leadership[] {
  const runs: Leadership[] = [];
  const open = new Map<NodeName, Leadership>();
  const leading = pollsOfLeaders(events);
  for (const event of events) {
    if (event.type === 'leader-seen' && event.term !== undefined) {
      const current = open.get(event.node);
      if (current?.first.term === event.term) {
        current.last = event;
        continue;
      }
      // Its first sightings may have told a term that was over: they prove nothing of either.
      if (current !== undefined) runs.splice(runs.indexOf(current), 1);
      const begun = { first: event, last: event };
      open.set(event.node, begun);
      runs.push(begun);
    }
    const gone = resigned(event, leading);
    if (gone !== null) open.delete(gone);
  }
  return runs.filter(({ first, last }) => first !== last);
}

/** One anomaly a term. */
function conflicts(
  run: RecordedRun,
  leaderships: readonly Leadership[],
  overlap: Nanoseconds,
): Anomaly[] {
  const terms = new Map<number, Leadership[]>();
  for (const leadership of leaderships) {
    const term = leadership.first.term ?? 0;
    const others = terms.get(term);
    if (others === undefined) terms.set(term, [leadership]);
    else others.push(leadership);
  }
  return [...terms].flatMap(([term, ofTerm]) => {
    for (const [index, one] of ofTerm.entries()) {
      for (const other of ofTerm.slice(index + 1)) {
        if (one.first.node === other.first.node) continue;
        const from = Math.max(one.first.notAfter, other.first.notAfter);
        const to = Math.min(one.last.notBefore, other.last.notBefore);
        if (to - from > overlap) return [twoMasters(run, term, one, other, from, to)];
      }
    }
    return [];
  });
}

function twoMasters(
  run: RecordedRun,
  term: number,
  one: Leadership,
  other: Leadership,
  from: Nanoseconds,
  to: Nanoseconds,
): Anomaly {
  const told = [one, other].map(
    ({ first, last }) => `${first.node} said so at ${seenAt(first)} and still at ${seenAt(last)}`,
  );
  return {
    name: 'two-masters-in-one-term',
    guarantee: 'At most one node serves as master in a term.',
    explanation:
      `In term ${String(term)} two nodes led at once, from ${when(from)} to ${when(to)} at least ` +
      `(${span(to - from)}): ${told.join('; ')}.`,
    ...eventProofOf(run, [one.first, one.last, other.first, other.last]),
  };
}

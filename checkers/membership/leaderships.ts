/** Leaderships and their changes, as polls saw them. */
import type { LeaderSeen, RoleSeen, RunEvent } from '../../harness/event.ts';
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { onceFor } from '../once-for.ts';

/** Another leader, or the same one in a later term, than the one before. It happened within [from, to]. */
export interface LeadershipChange {
  readonly before: LeaderSeen;
  readonly after: LeaderSeen;
  /** The one before still led then. */
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/**
 * In the order of the events. A deposed leader that goes on saying that it leads is no news: where terms are told, one
 * that is lower than the highest; where they are not, a node that was seen to lead before and has not been seen in
 * another role, or down, since.
 */
export const leadershipChanges = onceFor(
  (events: readonly RunEvent[]): readonly LeadershipChange[] => {
    const changes: LeadershipChange[] = [];
    const claimants = new Set<NodeName>();
    const leading = pollsOfLeaders(events);
    let last: LeaderSeen | null = null;
    let term = -Infinity;
    for (const event of events) {
      const gone = resigned(event, leading);
      if (gone !== null) claimants.delete(gone);
      if (event.type !== 'leader-seen') continue;
      const isNews =
        event.term === undefined
          ? event.node === last?.node || !claimants.has(event.node)
          : event.term >= term;
      claimants.add(event.node);
      if (!isNews) continue;
      if (last !== null && (event.node !== last.node || (event.term ?? term) > term)) {
        changes.push({ before: last, after: event, from: last.notBefore, to: event.notAfter });
      }
      last = event;
      term = event.term ?? term;
    }
    return changes;
  },
);

/** Names of the polls that found a leader. One poll may tell both the role and that this role is to lead. */
export function pollsOfLeaders(events: readonly RunEvent[]): ReadonlySet<string> {
  return new Set(events.filter((event) => event.type === 'leader-seen').map(pollOf));
}

/** The node that this event shows not to lead, or to have begun anew; null when it shows none. */
export function resigned(event: RunEvent, leading: ReadonlySet<string>): NodeName | null {
  if (event.type === 'node-down' || event.type === 'node-up') return event.node;
  return event.type === 'role-seen' && !leading.has(pollOf(event)) ? event.node : null;
}

function pollOf({ node, notBefore, notAfter }: LeaderSeen | RoleSeen): string {
  return `${node} ${String(notBefore)} ${String(notAfter)}`;
}

/** `n1 (term 3)`. */
export function leaderName({ node, term }: LeaderSeen): string {
  return term === undefined ? node : `${node} (term ${String(term)})`;
}

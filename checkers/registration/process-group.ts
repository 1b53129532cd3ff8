/**
 * When nodes that are one process group (virtual synchrony: Totem, and corosync, which speaks it) could agree on who is
 * in it. Such a group goes on only as a whole, so more must have been there than the quorum that is asked:
 *
 * - One ring holds only nodes that are all linked with each other. Where a node is linked with two that are not, rings of
 *   either are right, and which one forms is chance. Hence every two nodes must be linked both ways, or be apart so.
 * - Nobody goes on before a lost host is noticed and agreed on, nor while one comes back. Hence T begins anew with each.
 *   A process that ended alone holds up nobody: its host tells the others at once.
 * - A process that is stopped, or disturbed in a way that events do not tell, holds up all.
 *
 * "The Totem Single-Ring Ordering and Membership Protocol", Amir et al., TOCS 1995; cpg_overview(3).
 */
import type { RecordedRun } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { NodeName } from '../../harness/operation.ts';
import {
  awakeIntervals,
  intersect,
  linkedIntervals,
  severedIntervals,
  undisturbedIntervals,
} from '../quorum-windows.ts';
import type { Interval } from '../quorum-windows.ts';
import type { SeenChange } from '../settled-since.ts';

/** When the run's nodes could be one group that has all of these; in order of time. */
export type GroupWindows = (nodes: readonly NodeName[]) => readonly Interval[];

export function groupWindows(run: RecordedRun, bounds: Interval): GroupWindows {
  const { nodes: all } = run.facts;
  const calm = all
    .flatMap((node) => [
      awakeIntervals(run.events, node, bounds),
      undisturbedIntervals(run, node, bounds),
    ])
    .reduce(intersect, [bounds]);
  const known = new Map<string, readonly Interval[]>();
  return (nodes) => {
    const within = all.filter((node) => nodes.includes(node));
    const key = within.join(' ');
    const windows = known.get(key) ?? intersect(calm, whenWith(run.events, within, all, bounds));
    known.set(key, windows);
    return windows;
  };
}

/** When these nodes, with or without others, were all linked with each other, and cut off from all the rest. */
function whenWith(
  events: readonly RunEvent[],
  nodes: readonly NodeName[],
  all: readonly NodeName[],
  bounds: Interval,
): Interval[] {
  const others = all.filter((node) => !nodes.includes(node));
  return subsetsOf(others)
    .flatMap((some) => whenAlone(events, [...nodes, ...some], all, bounds))
    .toSorted((a, b) => a.from - b.from);
}

function whenAlone(
  events: readonly RunEvent[],
  side: readonly NodeName[],
  all: readonly NodeName[],
  bounds: Interval,
): Interval[] {
  const conditions = side.flatMap((one) =>
    all
      .filter((other) => other !== one)
      .flatMap((other) => {
        const during = side.includes(other) ? linkedIntervals : severedIntervals;
        return [during(events, one, other, bounds), during(events, other, one, bounds)];
      }),
  );
  return conditions.reduce(intersect, [bounds]);
}

function subsetsOf(nodes: readonly NodeName[]): NodeName[][] {
  return nodes.reduce<NodeName[][]>(
    (subsets, node) => subsets.flatMap((subset) => [subset, [...subset, node]]),
    [[]],
  );
}

/** Losses of hosts, and each node's first process after one. */
export function hostChanges(events: readonly RunEvent[]): SeenChange[] {
  const lost = new Set<NodeName>();
  const changes: SeenChange[] = [];
  for (const event of events) {
    const { type, notBefore: from, notAfter: to } = event;
    if (type === 'node-down' && event.cause === 'crashed') lost.add(event.node);
    else if (type !== 'node-up' || !lost.delete(event.node)) continue;
    changes.push({ from, to });
  }
  return changes;
}

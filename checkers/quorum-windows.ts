/**
 * When the recorded events prove that a quorum was alive and linked. Pessimistic: a node is up only from the end of
 * the interval in which it came up until the beginning of the one in which it went down; links likewise.
 */
import type { RecordedRun } from '../harness/checker.ts';
import type { RunEvent } from '../harness/event.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import { type QuorumGroup, quorumGroups } from '../harness/roles.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import { faultWindows } from './fault-windows.ts';
import type { FaultWindow } from './fault-windows.ts';
import { onceFor } from './once-for.ts';

export interface Interval {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

export interface QuorumWindows {
  readonly quorum: readonly NodeName[];
  readonly windows: readonly Interval[];
}

/** With more nodes than this the quorums are too many to look at one by one. */
const MOST_NODES = 11;

/**
 * For each smallest quorum, the times at which all its nodes were proven alive, awake and linked both ways.
 * @param from all nodes are taken to be up from then on until an event says otherwise; @param to end of the run.
 * @param among the nodes that quorums are majorities of. Default: what the run's facts say that service needs.
 */
export function quorumWindows(
  run: RecordedRun,
  from: Nanoseconds,
  to: Nanoseconds,
  among?: readonly NodeName[],
): QuorumWindows[] {
  const groups = groupsOf(run, among);
  const nodes = groups.flatMap((group) => group.nodes);
  if (nodes.length === 0 || nodes.length > MOST_NODES) return [];
  const bounds = { from, to };
  const up = new Map(nodes.map((node) => [node, liveIntervals(run, node, bounds)]));
  const linked = new Map<string, Interval[]>();
  for (const one of nodes) {
    for (const other of nodes) {
      if (one !== other)
        linked.set(`${one} ${other}`, linkedIntervals(run.events, one, other, bounds));
    }
  }
  return quorumsOf(groups).map((quorum) => {
    const conditions = quorum.flatMap((node) => [
      up.get(node) ?? [],
      ...quorum
        .filter((other) => other !== node)
        .map((other) => linked.get(`${node} ${other}`) ?? []),
    ]);
    return { quorum, windows: conditions.reduce(intersect, [bounds]) };
  });
}

function groupsOf({ facts }: RecordedRun, among?: readonly NodeName[]): readonly QuorumGroup[] {
  if (among === undefined && facts.quorumGroups !== undefined) return facts.quorumGroups;
  return quorumGroups(null, among ?? facts.nodes);
}

/** Every smallest choice of enough nodes of each group. */
function quorumsOf(groups: readonly QuorumGroup[]): NodeName[][] {
  return groups.reduce<NodeName[][]>(
    (chosen, { nodes, needed }) =>
      chosen.flatMap((some) => subsetsOf(nodes, needed).map((more) => [...some, ...more])),
    [[]],
  );
}

/** The events that tell of links, and those that tell of each node. */
const sorted = onceFor((events: readonly RunEvent[]) => {
  const links: LinkEvent[] = [];
  const nodes = new Map<NodeName, RunEvent[]>();
  for (const event of events) {
    if (isOfLinks(event)) links.push(event);
    if (!NODE_CHANGES.has(event.type) || !('node' in event)) continue;
    const known = nodes.get(event.node);
    if (known === undefined) nodes.set(event.node, [event]);
    else known.push(event);
  }
  return { links, nodes };
});

type LinkEvent = Extract<RunEvent, { readonly type: keyof typeof LINK_CHANGES }>;

function isOfLinks(event: RunEvent): event is LinkEvent {
  return Object.hasOwn(LINK_CHANGES, event.type);
}

/** What happens to a node's process. */
const NODE_CHANGES: ReadonlySet<RunEvent['type']> = new Set([
  'node-up',
  'node-down',
  'node-paused',
  'node-resumed',
]);

/** When a node was proven alive and awake, and to be reached by what is no node: clients, observers, its name server. */
export function liveIntervals(run: RecordedRun, node: NodeName, bounds: Interval): Interval[] {
  const { events } = run;
  const about = sorted(events).nodes.get(node) ?? [];
  const alive = goodIntervals(about, bounds, (event) =>
    event.type === 'node-up' ? true : event.type === 'node-down' ? false : null,
  );
  const awake = awakeIntervals(events, node, bounds);
  return intersect(
    undisturbedIntervals(run, node, bounds),
    intersect(intersect(alive, awake), servedIntervals(events, node, bounds)),
  );
}

/** When no fault was in effect on the node of which events do not tell what it did there. */
export function undisturbedIntervals(
  run: RecordedRun,
  node: NodeName,
  bounds: Interval,
): Interval[] {
  return faultWindows(run.faults)
    .filter((fault) => concerns(fault, node))
    .filter((fault) => mayEnd(fault, node) || !isTold(fault, node, run.events))
    .map((fault) => without(bounds, fault.from, harmlessSince(fault, node, run.events)))
    .reduce(intersect, [bounds]);
}

/** Whether a server may end by the fault, and so may go on with part of itself lost: a thread, a listening socket. */
function mayEnd({ targets }: FaultWindow, node: NodeName): boolean {
  return targets?.endsServers === true && targets.nodes.includes(node);
}

/** When the fault was healed; of one that servers may end by, when the node's was next started. Null: it was not. */
function harmlessSince(
  fault: FaultWindow,
  node: NodeName,
  events: readonly RunEvent[],
): Nanoseconds | null {
  const { from, to } = fault;
  if (to === null || !mayEnd(fault, node)) return to;
  const start = sorted(events)
    .nodes.get(node)
    ?.find(({ type, notBefore }) => type === 'node-up' && notBefore >= (from ?? 0));
  return start === undefined ? null : Math.max(to, start.notAfter);
}

/** When a node's process, if there was one, was proven not to be paused. */
export function awakeIntervals(
  events: readonly RunEvent[],
  node: NodeName,
  bounds: Interval,
): Interval[] {
  const about = sorted(events).nodes.get(node) ?? [];
  return goodIntervals(about, bounds, (event, paused) => {
    if (event.type === 'node-paused') return false;
    if (event.type === 'node-resumed') return true;
    // A process that was started after the pause is another one: only if it surely was after it.
    const isNew = event.type === 'node-up' && event.notBefore >= (paused?.notAfter ?? 0);
    return isNew ? true : null;
  });
}

/** When no link between the node and what is no node was degraded. */
function servedIntervals(
  events: readonly RunEvent[],
  node: NodeName,
  bounds: Interval,
): readonly Interval[] {
  return unharmedIntervals(events, bounds, ({ from, to }) =>
    from === node ? to.startsWith('@') : to === node && from.startsWith('@'),
  );
}

/**
 * When data was proven to flow from one node to the other. A link that is degraded in any way proves nothing. Two faults
 * may have cut the same link: it is whole again when it was healed as often as it was cut.
 */
export function linkedIntervals(
  events: readonly RunEvent[],
  from: NodeName,
  to: NodeName,
  bounds: Interval,
): Interval[] {
  return unharmedIntervals(events, bounds, (link) => link.from === from && link.to === to);
}

/** When no data at all was proven to flow from one node to the other: the link was cut, by one fault or by more. */
export function severedIntervals(
  events: readonly RunEvent[],
  from: NodeName,
  to: NodeName,
  bounds: Interval,
): Interval[] {
  let cuts = 0;
  const says = ({ type, links }: LinkEvent): boolean | null => {
    const { what, by } = LINK_CHANGES[type];
    if (what !== 'cut' || !links.some((link) => link.from === from && link.to === to)) return null;
    cuts = Math.max(0, cuts + by);
    return cuts > 0;
  };
  return goodIntervals(sorted(events).links, bounds, says, false);
}

/** When none of these links was cut or degraded. */
function unharmedIntervals(
  events: readonly RunEvent[],
  bounds: Interval,
  concerned: (link: Link) => boolean,
): Interval[] {
  const harms = new Map<string, number>();
  return goodIntervals(sorted(events).links, bounds, ({ type, links }) => {
    const named = links.filter(concerned);
    if (named.length === 0) return null;
    const { what, by } = LINK_CHANGES[type];
    for (const link of named) {
      const key = `${what} ${linkKey(link)}`;
      harms.set(key, Math.max(0, (harms.get(key) ?? 0) + by));
    }
    return [...harms.values()].every((count) => count === 0);
  });
}

const LINK_CHANGES = {
  'link-cut': { what: 'cut', by: 1 },
  'link-healed': { what: 'cut', by: -1 },
  'link-degraded': { what: 'degraded', by: 1 },
  'link-restored': { what: 'degraded', by: -1 },
} as const;

/**
 * Intervals in which a condition held; events in the order of the journal.
 * @param says whether it is good after the event; null: the event says nothing. Told the event that was bad last as well.
 * @param atFirst whether it is good at the beginning.
 */
function goodIntervals<Event extends RunEvent>(
  events: readonly Event[],
  bounds: Interval,
  says: (event: Event, bad: Event | null) => boolean | null,
  atFirst = true,
): Interval[] {
  const intervals: Interval[] = [];
  let since: Nanoseconds | null = atFirst ? bounds.from : null;
  let bad: Event | null = null;
  for (const event of events) {
    const good = says(event, bad);
    if (good === null) continue;
    if (good) {
      // What was good already stays so; what came up before the bounds counts from their beginning.
      since ??= Math.max(event.notAfter, bounds.from);
    } else {
      if (since !== null && event.notBefore > since)
        intervals.push({ from: since, to: event.notBefore });
      since = null;
      bad = event;
    }
  }
  if (since !== null && bounds.to > since) intervals.push({ from: since, to: bounds.to });
  return intervals;
}

/** A change of members concerns all of them: which are a quorum is not known until it is seen healed. */
function concerns({ from, targets }: FaultWindow, node: NodeName): boolean {
  if (from === null || targets === null) return from !== null;
  const changed = targets.claims.some(
    (claim) => claim.node === node && claim.resource === 'membership',
  );
  return changed || targets.nodes.includes(node);
}

/** Whether events tell what the fault did to the node; where they do not, the whole fault counts against it. */
function isTold(
  { from, to, targets }: FaultWindow,
  node: NodeName,
  events: readonly RunEvent[],
): boolean {
  const resources = (targets?.claims ?? []).filter((claim) => claim.node === node);
  if (resources.some(({ resource }) => resource !== 'process' && resource !== 'network'))
    return false;
  // A fault of links only is not told of by another fault's kill.
  const linksOnly =
    resources.length > 0 && resources.every(({ resource }) => resource === 'network');
  const { links, nodes } = sorted(events);
  const meanwhile = ({ notBefore, notAfter }: RunEvent): boolean =>
    notAfter >= (from ?? 0) && notBefore <= (to ?? Infinity);
  const isDown = ({ type }: RunEvent): boolean => type === 'node-down' || type === 'node-paused';
  const isOfNode = (link: Link): boolean => link.from === node || link.to === node;
  if (!linksOnly && nodes.get(node)?.some((event) => isDown(event) && meanwhile(event)) === true)
    return true;
  return links.some(
    (event) =>
      (event.type === 'link-cut' || event.type === 'link-degraded') &&
      meanwhile(event) &&
      event.links.some(isOfNode),
  );
}

function without(bounds: Interval, from: Nanoseconds | null, to: Nanoseconds | null): Interval[] {
  return [
    { from: bounds.from, to: Math.min(bounds.to, from ?? bounds.to) },
    { from: Math.max(bounds.from, to ?? bounds.to), to: bounds.to },
  ].filter((interval) => interval.to > interval.from);
}

/** The times that are in one of each. */
export function intersect(one: readonly Interval[], other: readonly Interval[]): Interval[] {
  return one.flatMap((a) =>
    other.flatMap((b) => {
      const from = Math.max(a.from, b.from);
      const to = Math.min(a.to, b.to);
      return to > from ? [{ from, to }] : [];
    }),
  );
}

function subsetsOf(nodes: readonly NodeName[], size: number): NodeName[][] {
  if (size === 0) return [[]];
  return nodes.flatMap((node, index) =>
    subsetsOf(nodes.slice(index + 1), size - 1).map((rest) => [node, ...rest]),
  );
}

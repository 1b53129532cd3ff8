/**
 * What contradicts the guarantees of watch streams. Pure; linear in what was told, but for sorting.
 *
 * The definitions, for two oracles to agree on:
 *
 * - watch-duplicate: a stream tells an event of one revision and key twice.
 * - watch-unordered: a stream tells an event with a lower revision than one before it (and it is no duplicate).
 * - watch-before-start: a stream that was asked to begin with `from` tells an event with a lower revision.
 * - watch-gap: a known event (told by any stream, or to its writer) on a key that the stream watches is missing. A
 *   stream covers the revisions r with from <= r < its last revision told, and those with from <= r <= to. With `from`
 *   null, or after `compacted`, it covers only what is above its lowest revision told.
 * - watch-conflict: two streams, or a stream and the writer, tell different events of one revision and key.
 * - revision-decreased: a write begun after another was acknowledged got no higher revision than that one.
 * - revision-twice: two writes of one key got the same revision, and it was not decreased.
 */
import type { OperationPair } from '../operation-pairs.ts';
import { identityOf, listOf, textOf } from '../value-text.ts';
import type { RevisionedWrite, RevisionEvent, WatchHistory, WatchStream } from './watch-history.ts';

export type WatchFaultKind =
  | 'watch-unordered'
  | 'watch-duplicate'
  | 'watch-before-start'
  | 'watch-gap'
  | 'watch-conflict'
  | 'revision-decreased'
  | 'revision-twice';

export interface WatchFault {
  readonly kind: WatchFaultKind;
  readonly explanation: string;
  /** Watches and writes that show it. */
  readonly pairs: readonly OperationPair[];
}

/** What is known to have happened at one revision of a key, and who told. */
interface KnownEvent extends RevisionEvent {
  readonly toldBy: OperationPair;
}

/** Each kind at most once a stream; those of revisions once a write, of conflicts once an event. */
export function watchFaults(history: WatchHistory): WatchFault[] {
  const { known, conflicts } = knownEvents(history);
  const index = new KnownIndex([...known.values()]);
  return [
    ...revisionFaults(history.writes),
    ...conflicts,
    ...history.streams.flatMap((stream) => [...orderFaults(stream), ...gapsOf(stream, index)]),
  ];
}

function nameOf(revision: number, key: string): string {
  return `${String(revision)} ${key}`;
}

/** By revision and key. */
function knownEvents({ streams, writes }: WatchHistory): {
  readonly known: Map<string, KnownEvent>;
  readonly conflicts: WatchFault[];
} {
  const known = new Map<string, KnownEvent>();
  const conflicts = new Map<string, WatchFault>();
  const learn = (event: KnownEvent): void => {
    const name = nameOf(event.revision, event.key);
    const other = known.get(name);
    if (other === undefined) known.set(name, event);
    else if (!conflicts.has(name) && !isSame(other, event)) {
      conflicts.set(name, conflict(other, event));
    }
  };
  // Writes of one key with the same revision contradict one another by themselves.
  const twice = repeatedWrites(writes);
  for (const { pair: toldBy, revision, key, value, isDelete } of writes) {
    if (key === null || twice.has(nameOf(revision, key))) continue;
    learn({ revision, key, value, isDelete, toldBy });
  }
  for (const { pair: toldBy, events } of streams) {
    for (const event of events) learn({ ...event, toldBy });
  }
  return { known, conflicts: [...conflicts.values()] };
}

function repeatedWrites(writes: readonly RevisionedWrite[]): Set<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { revision, key } of writes) {
    if (key === null) continue;
    const name = nameOf(revision, key);
    if (once.has(name)) twice.add(name);
    once.add(name);
  }
  return twice;
}

function isSame(one: RevisionEvent, other: RevisionEvent): boolean {
  return one.isDelete === other.isDelete && identityOf(one.value) === identityOf(other.value);
}

function conflict(one: KnownEvent, other: KnownEvent): WatchFault {
  const at = `Key ${textOf(one.key)} at revision ${String(one.revision)}`;
  return {
    kind: 'watch-conflict',
    explanation: `${at} is ${eventText(one)} to one, and ${eventText(other)} to another`,
    pairs: [one.toldBy, other.toldBy],
  };
}

function eventText({ isDelete, value }: RevisionEvent): string {
  return isDelete ? 'a delete' : `a put of ${textOf(value)}`;
}

function orderFaults({ pair, from, events }: WatchStream): WatchFault[] {
  const faults = new Map<WatchFaultKind, WatchFault>();
  const add = (kind: WatchFaultKind, explanation: string): void => {
    if (!faults.has(kind)) faults.set(kind, { kind, explanation, pairs: [pair] });
  };
  const told = new Set<string>();
  let highest = -Infinity;
  for (const { revision, key } of events) {
    const what = `key ${textOf(key)} at revision ${String(revision)}`;
    const name = nameOf(revision, key);
    if (told.has(name)) add('watch-duplicate', `The stream told ${what} twice`);
    else if (revision < highest) {
      add('watch-unordered', `The stream told ${what} after revision ${String(highest)}`);
    }
    if (from !== null && revision < from) {
      add('watch-before-start', `The stream told ${what}, asked to begin with ${String(from)}`);
    }
    told.add(name);
    highest = Math.max(highest, revision);
  }
  return [...faults.values()];
}

/** Known events by revision: all, and those of each key. */
class KnownIndex {
  private readonly all: readonly KnownEvent[];
  private readonly keys = new Map<string, KnownEvent[]>();

  constructor(events: KnownEvent[]) {
    this.all = events.sort((a, b) => a.revision - b.revision);
    for (const event of this.all) {
      const ofKey = this.keys.get(event.key);
      if (ofKey === undefined) this.keys.set(event.key, [event]);
      else ofKey.push(event);
    }
  }

  /** Events that a stream watches with from <= revision <= to, by revision. */
  between({ key, prefix }: WatchStream, from: number, to: number): KnownEvent[] {
    const events = key === null ? this.all : (this.keys.get(key) ?? []);
    const found: KnownEvent[] = [];
    for (let at = firstFrom(events, from); at < events.length; at++) {
      const event = events[at] as KnownEvent;
      if (event.revision > to) break;
      if (prefix === null || event.key.startsWith(prefix)) found.push(event);
    }
    return found;
  }
}

/** The place of the first event with at least this revision. */
function firstFrom(events: readonly KnownEvent[], revision: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as KnownEvent).revision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function gapsOf(stream: WatchStream, index: KnownIndex): WatchFault[] {
  const { pair, events, to } = stream;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const { revision } of events) {
    lowest = Math.min(lowest, revision);
    highest = Math.max(highest, revision);
  }
  const from =
    stream.from === null || stream.compacted !== null
      ? Math.max(stream.from ?? -Infinity, lowest + 1)
      : stream.from;
  // Events of the last revision may still have been on their way.
  const end = Math.max(highest - 1, to ?? -Infinity);
  if (from > end) return [];
  const told = new Set(events.map(({ revision, key }) => nameOf(revision, key)));
  const missing = index
    .between(stream, from, end)
    .filter(({ revision, key }) => !told.has(nameOf(revision, key)));
  const [first] = missing;
  if (first === undefined) return [];
  const names = missing.map(({ revision, key }) => `${textOf(key)} at ${String(revision)}`);
  const until =
    to !== null && to >= highest
      ? `was told to be complete up to ${String(to)}`
      : `told revision ${String(highest)}`;
  return [
    {
      kind: 'watch-gap',
      explanation:
        `The stream began with revision ${String(from)} and ${until}, but missed ` +
        `${String(missing.length)} events: ${listOf(names)}`,
      pairs: [pair, first.toldBy],
    },
  ];
}

function revisionFaults(writes: readonly RevisionedWrite[]): WatchFault[] {
  const faults: WatchFault[] = [];
  const acknowledged = writes.toSorted(
    (a, b) => (a.pair.completion?.index ?? 0) - (b.pair.completion?.index ?? 0),
  );
  const begun = writes.toSorted((a, b) => a.pair.invoke.index - b.pair.invoke.index);
  const first = new Map<string, RevisionedWrite>();
  let next = 0;
  let highest: RevisionedWrite | null = null;
  for (const write of begun) {
    for (; ; next++) {
      const other = acknowledged[next];
      if ((other?.pair.completion?.index ?? Infinity) > write.pair.invoke.index) break;
      if (other !== undefined && other.revision > (highest?.revision ?? -Infinity)) highest = other;
    }
    const name = write.key === null ? null : nameOf(write.revision, write.key);
    const twin: RevisionedWrite | undefined = name === null ? undefined : first.get(name);
    if (highest !== null && write.revision <= highest.revision) {
      faults.push(revisionFault('revision-decreased', highest, write));
    } else if (twin !== undefined) faults.push(revisionFault('revision-twice', twin, write));
    if (name !== null && twin === undefined) first.set(name, write);
  }
  return faults;
}

function revisionFault(
  kind: 'revision-decreased' | 'revision-twice',
  one: RevisionedWrite,
  other: RevisionedWrite,
): WatchFault {
  const [before, after] = [String(one.revision), String(other.revision)];
  const explanation =
    kind === 'revision-twice'
      ? `Two writes of key ${textOf(one.key)} were both told revision ${after}`
      : `A write was told revision ${before}, and one begun after that revision ${after}`;
  return { kind, explanation, pairs: [one.pair, other.pair] };
}

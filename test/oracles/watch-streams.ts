/** What contradicts the guarantees of watch streams: every event of every stream, held against every other. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pick, type Chance } from './executable-type.ts';

export interface Told {
  readonly revision: number;
  readonly key: string;
  /** Null: deleted. */
  readonly value: number | null;
}

export interface Stream {
  readonly from: number | null;
  readonly key: string | null;
  readonly events: Told[];
  readonly to: number | null;
}

/** A write that was answered by a revision. Places in the history. */
export interface Writing extends Told {
  readonly call: number;
  readonly end: number;
}

export interface Watched {
  readonly streams: readonly Stream[];
  readonly writes: readonly Writing[];
}

/** The kinds of contradictions that there are. */
export function watchContradictions({ streams, writes }: Watched): Set<string> {
  const kinds = new Set<string>();
  for (const stream of streams) {
    stream.events.forEach((event, place) => {
      const before = stream.events.slice(0, place);
      if (before.some((other) => sameEvent(other, event))) kinds.add('watch-duplicate');
      else if (before.some((other) => other.revision > event.revision))
        kinds.add('watch-unordered');
      if (stream.from !== null && event.revision < stream.from) kinds.add('watch-before-start');
    });
  }
  const twice = (write: Told): boolean =>
    writes.some((other) => other !== write && sameEvent(other, write));
  const told = streams.flatMap(({ events }) => events);
  const known: Told[] = [...told, ...writes.filter((write) => !twice(write))];
  for (const one of known) {
    if (known.some((other) => sameEvent(one, other) && one.value !== other.value)) {
      kinds.add('watch-conflict');
    }
  }
  if (streams.some((stream) => hasGap(stream, known))) kinds.add('watch-gap');
  for (const write of writes) {
    const earlier = writes.filter((other) => other.end < write.call);
    if (earlier.some((other) => other.revision >= write.revision)) kinds.add('revision-decreased');
    else if (writes.some((other) => other.call < write.call && sameEvent(other, write))) {
      kinds.add('revision-twice');
    }
  }
  return kinds;
}

function sameEvent(one: Told, other: Told): boolean {
  return one.revision === other.revision && one.key === other.key;
}

function hasGap({ from, key, events, to }: Stream, known: readonly Told[]): boolean {
  const revisions = events.map(({ revision }) => revision);
  const lowest = Math.min(...revisions);
  const highest = Math.max(...revisions);
  return known.some((event) => {
    const { revision } = event;
    if (key !== null && event.key !== key) return false;
    if (events.some((one) => sameEvent(one, event))) return false;
    const begun = from === null ? revision > lowest : revision >= from;
    return begun && (revision < highest || (to !== null && revision <= to));
  });
}

/** Writers of a store with revisions, and streams that watch it; then perhaps damaged. */
export function drawWatched(chance: Chance): Watched {
  const history: Told[] = [];
  const writes: Writing[] = [];
  const count = 1 + chance.below(5);
  for (let n = 0; n < count; n++) {
    const key = pick(chance, ['a', 'b']);
    const value = chance.next() < 0.2 ? null : n + 1;
    const event = { revision: n + 2, key, value };
    history.push(event);
    if (chance.next() < 0.8)
      writes.push({ ...event, call: n * 2, end: n * 2 + 1 + chance.below(3) });
  }
  const streams = Array.from({ length: 1 + chance.below(2) }, (): Stream => {
    const from = chance.next() < 0.3 ? null : 1 + chance.below(4);
    const key = chance.next() < 0.4 ? pick(chance, ['a', 'b']) : null;
    const until = 1 + chance.below(count + 2);
    const begin = from ?? 1 + chance.below(3);
    const events = history
      .filter((event) => event.revision >= begin && event.revision <= until)
      .filter((event) => key === null || event.key === key);
    return { from, key, events: [...events], to: chance.next() < 0.3 ? until : null };
  });
  for (let n = chance.below(4); n > 0; n--) damage(chance, streams, writes);
  return { streams, writes: renumbered(writes) };
}

function damage(chance: Chance, streams: readonly Stream[], writes: Writing[]): void {
  const { events } = pick(chance, streams);
  const place = chance.below(Math.max(1, events.length));
  const event = events[place];
  switch (chance.below(6)) {
    case 0:
      events.splice(place, 1);
      return;
    case 1:
      if (event !== undefined) events.splice(chance.below(events.length), 0, event);
      return;
    case 2:
      events.reverse();
      return;
    case 3:
      if (event !== undefined) events[place] = { ...event, value: chance.below(3) };
      return;
    case 4:
      if (event !== undefined) events[place] = { ...event, revision: 1 + chance.below(5) };
      return;
    default: {
      const at = chance.below(Math.max(1, writes.length));
      const write = writes[at];
      if (write !== undefined) writes[at] = { ...write, revision: 2 + chance.below(4) };
    }
  }
}

/** Places of calls and ends without gaps. */
function renumbered(writes: readonly Writing[]): Writing[] {
  const moments = writes.flatMap(({ call, end }) => [call, end + 0.5]).sort((a, b) => a - b);
  const taken = new Set<number>();
  const placeOf = (moment: number): number => {
    let place = moments.indexOf(moment);
    while (taken.has(place)) place++;
    taken.add(place);
    return place;
  };
  return writes.map((write) => ({
    ...write,
    call: placeOf(write.call),
    end: placeOf(write.end + 0.5),
  }));
}

/** Writes first, each by a process of its own, then what the streams were told. */
export function watchLines({ streams, writes }: Watched): Operation[] {
  const lines: Operation[] = [];
  writes.forEach(({ call, end, revision, key, value }, process) => {
    const f = value === null ? 'delete' : 'put';
    lines[call] = lineOf(call, process, 'invoke', f, [key, value]);
    lines[end] = lineOf(end, process, 'ok', f, { revision });
  });
  streams.forEach(({ from, key, events, to }, place) => {
    const process = writes.length + place;
    const revisions = events.map(({ revision, key: name, value }) => ({
      revision,
      key: name,
      value,
      type: value === null ? 'delete' : 'put',
    }));
    const told = {
      from,
      revisions,
      ...(key === null ? {} : { key }),
      ...(to === null ? {} : { to }),
    };
    lines.push(lineOf(lines.length, process, 'invoke', 'watch', null));
    lines.push(lineOf(lines.length, process, 'ok', 'watch', told));
  });
  return lines;
}

function lineOf(
  index: number,
  process: number,
  type: Operation['type'],
  f: string,
  value: Value,
): Operation {
  return { index, time: index * 1_000, process, type, f, value, node: 'n1' };
}

/**
 * Counters without search, where all adds are of one number above 0 and the rest are reads. Reads rank by what they
 * read, and between two that follow each other there are as many adds as their difference says. Which adds: each has a
 * first gap (after the reads that end before its call) and a last one (before the reads called after its end); gap by gap
 * those with the soonest last gap are taken, which is optimal for equal jobs. Two adds in the wrong order of real time can
 * change gaps, since their first and last gaps are in the order of real time as well; so adds and reads rank, and
 * {@link orderByRank} holds. O(n log n).
 */
import type { Partition } from '../model-problem.ts';
import { orderByRank, timesOf } from '../model-shortcut.ts';
import type { Ranked, Shortcut, Times } from '../model-shortcut.ts';

interface Reading {
  readonly number: number;
  /** How many adds come before it. */
  readonly adds: number;
}

/** Null where it does not apply. */
export function orderCounter(partition: Partition, initial: number): Shortcut | null {
  const times = timesOf(partition);
  const adds: number[] = [];
  const told: { number: number; value: number }[] = [];
  let unit: number | null = null;
  for (const [number, { f, input, output }] of partition.operations.entries()) {
    if (f === 'add') {
      if (typeof input !== 'number' || input <= 0 || (unit ?? input) !== input) return null;
      unit = input;
      adds.push(number);
    } else if (f !== 'read' || output === null) return null;
    else if (typeof output === 'number') told.push({ number, value: output });
  }
  const readings: Reading[] = [];
  for (const { number, value } of told) {
    const count = unit === null ? (value === initial ? 0 : -1) : (value - initial) / unit;
    if (!Number.isInteger(count) || count < 0 || count > adds.length) {
      const reason = 'no number of adds makes this value';
      return { outcome: 'illegal', reason, blocked: number };
    }
    readings.push({ number, adds: count });
  }
  readings.sort((a, b) => a.adds - b.adds);
  return fillGaps(adds, readings, times);
}

interface Job {
  readonly number: number;
  readonly first: number;
  readonly last: number;
}

/** Gap g is before the reads of the g-th smallest value; the last gap is behind all. */
function fillGaps(adds: readonly number[], readings: readonly Reading[], times: Times): Shortcut {
  const counts = [...new Set(readings.map((reading) => reading.adds))];
  const place = new Map(counts.map((count, i) => [count, i]));
  const ranked: Ranked[] = readings.map(({ number, adds: count }) => ({
    number,
    rank: (place.get(count) ?? 0) * 2 + 1,
  }));
  const jobs = windowsOf(adds, readings, place, times).sort((a, b) => a.first - b.first);
  let open: Job[] = [];
  let next = 0;
  let taken = 0;
  for (const [gap, count] of counts.entries()) {
    for (; next < jobs.length && (jobs[next] as Job).first <= gap; next++)
      open.push(jobs[next] as Job);
    open.sort((a, b) => compare(a.last, b.last));
    const wanted = count - taken;
    const late = open[wanted];
    if (open.length < wanted || (late !== undefined && late.last <= gap)) {
      const reason = `${open.length < wanted ? 'too few' : 'more'} adds can come before it`;
      const reading = readings.find((one) => one.adds === count);
      return { outcome: 'illegal', reason, blocked: reading?.number ?? -1 };
    }
    for (const { number } of open.slice(0, wanted)) ranked.push({ number, rank: gap * 2 });
    open = open.slice(wanted);
    taken = count;
  }
  for (const { number } of [...open, ...jobs.slice(next)]) {
    if (times.end[number] !== Infinity) ranked.push({ number, rank: counts.length * 2 });
  }
  return orderByRank(ranked, times);
}

/** The first and the last gap of each add. An open one has no last gap. */
function windowsOf(
  adds: readonly number[],
  readings: readonly Reading[],
  place: ReadonlyMap<number, number>,
  { call, end }: Times,
): Job[] {
  const byEnd = readings.filter(({ number }) => end[number] !== Infinity);
  byEnd.sort((a, b) => (end[a.number] as number) - (end[b.number] as number));
  const byCall = [...readings].sort(
    (a, b) => (call[b.number] as number) - (call[a.number] as number),
  );
  const jobs = adds.map((number) => ({ number, first: 0, last: Infinity }));
  let next = 0;
  let after = 0;
  for (const job of jobs) {
    for (; next < byEnd.length; next++) {
      const reading = byEnd[next] as Reading;
      if ((end[reading.number] as number) >= (call[job.number] as number)) break;
      after = Math.max(after, (place.get(reading.adds) ?? 0) + 1);
    }
    job.first = after;
  }
  next = 0;
  let before = place.size;
  const byOwnEnd = [...jobs].sort((a, b) =>
    compare(end[b.number] as number, end[a.number] as number),
  );
  for (const job of byOwnEnd) {
    if (end[job.number] === Infinity) continue;
    for (; next < byCall.length; next++) {
      const reading = byCall[next] as Reading;
      if ((call[reading.number] as number) <= (end[job.number] as number)) break;
      before = Math.min(before, place.get(reading.adds) ?? 0);
    }
    job.last = before;
  }
  return jobs;
}

/** Of numbers that may both be infinite. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

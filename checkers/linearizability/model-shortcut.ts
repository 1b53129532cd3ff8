/** Ways to decide a partition without search, where the type and its values allow it. */
import type { Partition } from './model-problem.ts';

/** What a shortcut decided. Operations by number. */
export type Shortcut =
  | { readonly outcome: 'legal'; readonly order: readonly number[] }
  | {
      readonly outcome: 'illegal';
      readonly reason: string;
      /** The operation that cannot have its answer. */
      readonly blocked: number;
      /** Operations that are illegal by themselves, where leaving out all others cannot make a legal history illegal. */
      readonly core?: readonly number[];
    };

/** Places of calls and ends in the partition's events; the end is Infinity where there is none. */
export interface Times {
  readonly call: Float64Array;
  readonly end: Float64Array;
}

export function timesOf({ operations, events }: Partition): Times {
  const call = new Float64Array(operations.length);
  const end = new Float64Array(operations.length).fill(Infinity);
  events.forEach((event, place) => {
    if (event < 0) end[~event] = place;
    else call[event] = place;
  });
  return { call, end };
}

/** An operation and the group it belongs to: all of a lower rank come before all of a higher one. */
export interface Ranked {
  readonly number: number;
  readonly rank: number;
}

/**
 * Whether operations can be ordered by rank, in any order within a rank. A real-time order is an interval order: of two
 * of its edges p≺q and r≺s, p≺s or r≺q. So a shortest cycle of it and the order of ranks has one edge of real time, from
 * a higher rank to a lower: an operation that ends before one of a lower rank is called. If there is none, sorting by rank
 * and then by call is a legal order.
 */
export function orderByRank(ranked: readonly Ranked[], { call, end }: Times): Shortcut {
  const sorted = [...ranked].sort(
    (a, b) => a.rank - b.rank || (call[a.number] as number) - (call[b.number] as number),
  );
  let lastCall = -1;
  let lastCaller = -1;
  let from = 0;
  while (from < sorted.length) {
    const rank = sorted[from]?.rank;
    let to = from;
    for (; to < sorted.length && sorted[to]?.rank === rank; to++) {
      const { number } = sorted[to] as Ranked;
      if ((end[number] as number) < lastCall) {
        const reason = 'ends before something is called that has to come before it';
        return { outcome: 'illegal', reason, blocked: earlierOf(number, lastCaller, end) };
      }
    }
    // Sorted by call: the last of the rank was called last.
    const { number } = sorted[to - 1] as Ranked;
    if ((call[number] as number) > lastCall) {
      lastCall = call[number] as number;
      lastCaller = number;
    }
    from = to;
  }
  return { outcome: 'legal', order: sorted.map(({ number }) => number) };
}

function earlierOf(a: number, b: number, end: Float64Array): number {
  return (end[a] as number) <= (end[b] as number) ? a : b;
}

/** Since when nothing had changed that a bound begins anew with. */
import type { Nanoseconds } from '../harness/operation.ts';

/** A change that happened within [from, to]. */
export interface SeenChange {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/**
 * Tells when the last change was seen that may have happened by a time; -Infinity when there was none. It counts from
 * when it was seen, even if that was later.
 */
export function settledSince(changes: readonly SeenChange[]): (time: Nanoseconds) => Nanoseconds {
  const inOrder = changes.toSorted((a, b) => a.from - b.from);
  const seen: Nanoseconds[] = [];
  for (const { to } of inOrder) seen.push(Math.max(to, seen.at(-1) ?? -Infinity));
  return (time) => {
    // By halves: how many of the changes may have happened by then.
    let [low, high] = [0, inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((inOrder[middle]?.from ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return seen[low - 1] ?? -Infinity;
  };
}

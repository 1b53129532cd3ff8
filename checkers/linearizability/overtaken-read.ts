/**
 * Reads that return a value which an acknowledged write had replaced for good: every operation that could have put the
 * value there ended before that write began, and the write ended before the read began. No order allows that, whatever
 * else happened; it is found in O(n log n), without a search.
 */
import type { RegisterHistory, RegisterOperation } from '../register-history.ts';

export interface LostWrite {
  /** The acknowledged write (or successful cas) that is missed. */
  readonly write: RegisterOperation;
  /** Operations that saw an earlier value after it, in order of call; at least one. */
  readonly misses: readonly RegisterOperation[];
  /** Operations begun after the write that saw its value, when no other write can have given it to them. */
  readonly sightings: readonly RegisterOperation[];
  /** What could have written the values that the misses saw. */
  readonly sources: readonly RegisterOperation[];
}

/** More are not told apart: a register that lost so many has lost all. */
const MOST_LOST_WRITES = 20;

/** Acknowledged writes that some later read provably misses: for each such read the last of them. */
export function findLostWrites(register: RegisterHistory): LostWrite[] {
  const { operations } = register;
  const observers = operations.filter(observes);
  const newest = newestWriteBefore(operations);
  const sources = sourceTimes(register);
  const missed = new Map<RegisterOperation, RegisterOperation[]>();
  for (const observer of observers) {
    const write = newest(observer.call);
    if (write === null || sources.lastEnd(observer) >= write.call) continue;
    const misses = missed.get(write);
    if (misses === undefined) missed.set(write, [observer]);
    else misses.push(observer);
  }
  return [...missed].slice(0, MOST_LOST_WRITES).map(([write, misses]) => ({
    write,
    misses,
    sightings: observers.filter(
      (observer) => observer.call > write.end && sources.only(observer) === write,
    ),
    sources: sources
      .of(new Set(misses.map(({ value }) => value)))
      .filter((source) => source.call < write.call),
  }));
}

/** A read, or a successful cas: it tells that the register held `value`. */
export function observes(operation: RegisterOperation): boolean {
  return operation.kind === 'read' || (operation.kind === 'cas' && operation.end !== Infinity);
}

/** A write or cas that happened or may have. */
export function mutates(operation: RegisterOperation): boolean {
  return operation.kind === 'write' || operation.kind === 'cas';
}

/** Of the acknowledged writes that ended before a rank, the one that was called last. */
function newestWriteBefore(
  operations: readonly RegisterOperation[],
): (rank: number) => RegisterOperation | null {
  const writes = operations.filter((operation) => mutates(operation) && operation.end !== Infinity);
  writes.sort((a, b) => a.end - b.end);
  let newest: RegisterOperation | null = null;
  const newestSoFar = writes.map((write) => {
    if (newest === null || write.call > newest.call) newest = write;
    return newest;
  });
  let ended = 0;
  return (rank) => {
    // Asked in order of call.
    while (ended < writes.length && (writes[ended] as RegisterOperation).end < rank) ended++;
    return newestSoFar[ended - 1] ?? null;
  };
}

interface Sources {
  /** When the last operation ended that can have given the observer its value. -1: the initial value alone. */
  lastEnd(observer: RegisterOperation): number;
  /** The one operation that can have given the observer its value, null when there are several or none. */
  only(observer: RegisterOperation): RegisterOperation | null;
  of(values: ReadonlySet<number>): RegisterOperation[];
}

function sourceTimes({ operations, initial }: RegisterHistory): Sources {
  const byValue = new Map<number, RegisterOperation[]>();
  const lastEnds = new Map<RegisterOperation, number>();
  const latest = new Map<number, number>();
  for (const source of operations.filter(mutates)) {
    const list = byValue.get(source.to) ?? [];
    byValue.set(source.to, list);
    list.push(source);
    const last = Math.max(latest.get(source.to) ?? -1, source.end);
    latest.set(source.to, last);
    lastEnds.set(source, last);
  }
  return {
    lastEnd: ({ value, end }) => {
      const list = byValue.get(value) ?? [];
      const newest = list[countCalledBefore(list, end) - 1];
      // A value that nothing wrote is a case of its own, not of this one.
      if (newest === undefined) return value === initial ? -1 : Infinity;
      return lastEnds.get(newest) ?? Infinity;
    },
    only: ({ value, end }) => {
      const list = byValue.get(value) ?? [];
      return countCalledBefore(list, end) === 1 ? (list[0] ?? null) : null;
    },
    of: (values) => [...values].flatMap((value) => byValue.get(value) ?? []),
  };
}

/** How many of a list in order of call were called before a rank. */
function countCalledBefore(list: readonly RegisterOperation[], rank: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as RegisterOperation).call < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads (and successful compares) of a value that nothing called before their end can have written. */
export function findUnwrittenReads(register: RegisterHistory): RegisterOperation[] {
  const firstCall = new Map<number, number>([[register.initial, -1]]);
  for (const { to, call } of register.operations.filter(mutates)) {
    if (!firstCall.has(to)) firstCall.set(to, call);
  }
  return register.operations
    .filter(observes)
    .filter(({ value, end }) => (firstCall.get(value) ?? Infinity) > end);
}

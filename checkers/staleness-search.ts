/** Whether reads fit an order of the writes; see staleness.ts. */
import type { CheckBudget, Validity } from '../harness/checker.ts';
import { checkLinearizable } from './linearizability/model-check.ts';
import type { ConcurrentOperation, Model } from './linearizability/model.ts';

/** A read or write of one register. */
export interface StaleAccess {
  readonly kind: 'read' | 'write';
  /** A number for each value. */
  readonly value: number;
  readonly call: number;
  /** Infinity when it never completed. */
  readonly end: number;
}

export interface StaleVerdict {
  readonly valid: Validity;
  readonly explanation: string;
  /** Places in the list of accesses: what shows it. Empty when only the whole does. */
  readonly operations: readonly number[];
}

interface Zone {
  /** The write, or -1 for the value at the beginning. */
  write: number;
  writeCall: number;
  /** The first end and the last call of its operations, and whose they are. */
  firstEnd: number;
  first: number;
  lastCall: number;
  last: number;
  reads: number;
}

/**
 * Linearizability of a register where every value is written once (Gibbons and Korach, "Testing shared memories", 1997):
 * a value's write and reads have a zone, from the first end to the last call. It is legal unless a read ends before its
 * write is called, two forward zones overlap, or a backward zone lies inside a forward one. O(n log n).
 * @returns null where values are written twice.
 */
export function findStale(accesses: readonly StaleAccess[], initial: number): StaleVerdict | null {
  const zones = new Map<number, Zone>([[initial, zoneOf(-1, -Infinity, -Infinity)]]);
  for (const [number, { kind, value, call, end }] of accesses.entries()) {
    if (kind === 'read') continue;
    if (zones.has(value)) return null;
    zones.set(value, zoneOf(number, call, end));
  }
  for (const [number, { kind, value, call, end }] of accesses.entries()) {
    if (kind === 'write' || end === Infinity) continue;
    const zone = zones.get(value);
    if (zone === undefined) return stale('a value was read that nobody wrote', [number]);
    if (end < zone.writeCall) {
      return stale('a value was read before it was written', [number, zone.write]);
    }
    zone.reads++;
    if (end < zone.firstEnd) [zone.firstEnd, zone.first] = [end, number];
    if (call > zone.lastCall) [zone.lastCall, zone.last] = [call, number];
  }
  return findConflict([...zones.values()]) ?? { valid: 'valid', explanation: '', operations: [] };
}

function zoneOf(write: number, call: number, end: number): Zone {
  return {
    write,
    writeCall: call,
    firstEnd: end,
    first: write,
    lastCall: call,
    last: write,
    reads: 0,
  };
}

function findConflict(zones: readonly Zone[]): StaleVerdict | null {
  const forward = zones.filter((zone) => zone.firstEnd < zone.lastCall);
  forward.sort((a, b) => a.firstEnd - b.firstEnd);
  for (const [i, zone] of forward.entries()) {
    const before = forward[i - 1];
    if (before !== undefined && zone.firstEnd < before.lastCall) return overwritten(before, zone);
  }
  // An open write that nobody read need not have happened.
  const backward = zones.filter(
    (zone) => zone.firstEnd >= zone.lastCall && (zone.reads > 0 || zone.firstEnd !== Infinity),
  );
  backward.sort((a, b) => a.lastCall - b.lastCall);
  let next = 0;
  for (const zone of backward) {
    for (; next < forward.length && (forward[next] as Zone).lastCall < zone.lastCall; next++);
    const around = forward[next];
    if (around === undefined) break;
    if (around.firstEnd < zone.lastCall && zone.firstEnd < around.lastCall) {
      return overwritten(around, zone);
    }
  }
  return null;
}

function overwritten(zone: Zone, other: Zone): StaleVerdict {
  const operations = [zone.first, zone.last, other.first, other.last].filter((one) => one >= 0);
  return stale(
    'one value was read after another had replaced it, by more than is allowed',
    [...new Set(operations)].sort((a, b) => a - b),
  );
}

function stale(explanation: string, operations: readonly number[]): StaleVerdict {
  return { valid: 'invalid', explanation, operations };
}

/** Searches an order of the writes in which every read returns one of the last `versions` values. */
export function searchStale(
  accesses: readonly StaleAccess[],
  initial: number,
  versions: number,
  budget: CheckBudget,
): StaleVerdict {
  const operations = accesses.map(({ kind, value, call, end }, index): ConcurrentOperation => ({
    f: kind,
    input: kind === 'write' ? value : null,
    output: end === Infinity ? undefined : value,
    index,
    process: 0,
    call,
    end,
  }));
  const { valid, violations } = checkLinearizable(recentValues(initial, versions), operations, {
    budget,
  });
  const [violation] = violations;
  if (violation === undefined) return { valid, explanation: '', operations: [] };
  const small = violation.smallHistory?.operations.map(({ operation }) => operation);
  return { valid, explanation: violation.explanation, operations: small ?? [violation.blocked] };
}

/** A register that remembers its last values, the newest first. */
export function recentValues(initial: number, versions: number): Model<readonly number[]> {
  return {
    name: 'recent-values',
    init: () => [initial],
    step: (state, { f, input, output }) => {
      if (f === 'write') return [Number(input), ...state].slice(0, versions);
      return output === undefined || state.includes(Number(output)) ? state : undefined;
    },
    key: (state) => state.join(' '),
    isRead: ({ f }) => f === 'read',
    describeState: (state) => `value number ${state.join(', before it ')}`,
  };
}

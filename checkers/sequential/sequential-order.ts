/**
 * What every sequential order of registers must have, where each value is written once: then it is known which write a
 * read saw, and (Gibbons and Korach, "Testing shared memories", 1997)
 * - the write comes before the read;
 * - another write of the same register that comes before the read comes before the write it saw;
 * - another write that comes after the write it saw comes after the read.
 * Repeated until nothing new follows. A cycle: no order. None: there may still be none, but the search has less to try.
 *
 * "Comes before" is kept as, for each operation, how far every process must have come: operations of a process are in
 * order, so one number a process is enough.
 */
import type { RegisterAccess } from './register-map.ts';

export interface OrderedAccess extends RegisterAccess {
  readonly process: number;
  /** Place in its process. */
  readonly place: number;
}

export type KnownOrder =
  | { readonly kind: 'needs'; readonly needs: readonly Int32Array[] }
  /** The operation that would have to come before itself. */
  | { readonly kind: 'cycle'; readonly operation: number }
  /** A read of what nobody wrote. */
  | { readonly kind: 'unwritten'; readonly operation: number };

/** Work is bounded: rounds, each through all reads and processes. */
const MOST_ROUNDS = 64;

/** @returns null where it does not apply: values written twice, or compare-and-sets. */
export function deriveOrder(
  accesses: readonly OrderedAccess[],
  processes: readonly (readonly number[])[],
  initial: string,
): KnownOrder | null {
  const writers = new Map<string, number>();
  for (const [number, { kind, key, value }] of accesses.entries()) {
    if (kind === 'cas' || kind === 'refused') return null;
    if (kind === 'read') continue;
    const written = `${key} ${value ?? ''}`;
    if (writers.has(written) || value === initial) return null;
    writers.set(written, number);
  }
  const order = new OrderBuilder(accesses, processes);
  for (const [number, { kind, key, value }] of accesses.entries()) {
    if (kind !== 'read' || value === null) continue;
    const writer = writers.get(`${key} ${value}`);
    if (writer === undefined && value !== initial) return { kind: 'unwritten', operation: number };
    order.addRead(number, writer ?? null);
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const changed = order.deriveOnce();
    const cycle = order.findCycle();
    if (cycle !== null) return { kind: 'cycle', operation: cycle };
    if (!changed) break;
  }
  return { kind: 'needs', needs: order.needs };
}

interface SeenWrite {
  readonly read: number;
  /** Null: the initial value. */
  readonly write: number | null;
}

class OrderBuilder {
  readonly needs: Int32Array[];
  private readonly accesses: readonly OrderedAccess[];
  private readonly processes: readonly (readonly number[])[];
  private readonly seen: SeenWrite[] = [];
  /** Of each process and key: its writes, in its order. */
  private readonly writes: Map<string, number[]>[];

  constructor(accesses: readonly OrderedAccess[], processes: readonly (readonly number[])[]) {
    this.accesses = accesses;
    this.processes = processes;
    this.needs = accesses.map(() => new Int32Array(processes.length));
    this.writes = processes.map(() => new Map<string, number[]>());
    for (const [number, { process, place, kind, key }] of accesses.entries()) {
      (this.needs[number] as Int32Array)[process] = place;
      if (kind !== 'write') continue;
      const own = this.writes[process] as Map<string, number[]>;
      const list = own.get(key);
      if (list === undefined) own.set(key, [number]);
      else list.push(number);
    }
  }

  addRead(read: number, write: number | null): void {
    this.seen.push({ read, write });
    if (write !== null) this.comesBefore(write, read);
  }

  /** Applies each rule once; false when nothing new followed. */
  deriveOnce(): boolean {
    let changed = this.carryOn();
    for (const { read, write } of this.seen) {
      const { key } = this.accesses[read] as OrderedAccess;
      for (let process = 0; process < this.processes.length; process++) {
        const writes = this.writes[process]?.get(key);
        if (writes === undefined) continue;
        const earlier = this.lastBefore(read, process, writes, write);
        if (earlier !== null) {
          changed = this.comesBefore(earlier, write ?? earlier) || changed;
        }
        const later = write === null ? writes[0] : this.firstAfter(write, writes);
        if (later !== undefined) changed = this.comesBefore(read, later) || changed;
      }
    }
    return changed;
  }

  /** An operation that must come before itself. */
  findCycle(): number | null {
    const found = this.accesses.findIndex(
      ({ process, place }, number) => (this.needs[number]?.[process] ?? 0) > place,
    );
    return found === -1 ? null : found;
  }

  /** What an operation needs, all after it in its process need, and all that need it. */
  private carryOn(): boolean {
    let changed = false;
    for (const process of this.processes) {
      for (let place = 0; place < process.length; place++) {
        const own = this.needs[process[place] as number] as Int32Array;
        for (let other = 0; other < own.length; other++) {
          const last = (own[other] as number) - 1;
          const number = last < 0 ? undefined : this.processes[other]?.[last];
          if (number !== undefined)
            changed = raise(own, this.needs[number] as Int32Array) || changed;
        }
      }
    }
    return changed;
  }

  /** The process's last write of the register that comes before the read, but for the one it saw. */
  private lastBefore(
    read: number,
    process: number,
    writes: readonly number[],
    write: number | null,
  ): number | null {
    const until = this.needs[read]?.[process] ?? 0;
    const after = firstWhere(writes, (one) => this.accesses[one]?.place ?? 0, until);
    const last = writes[after - 1];
    return last === undefined || last === write ? null : last;
  }

  /** The first of the writes that comes after the one that was seen. */
  private firstAfter(write: number, writes: readonly number[]): number | undefined {
    const { process, place } = this.accesses[write] as OrderedAccess;
    return writes[firstWhere(writes, (one) => this.needs[one]?.[process] ?? 0, place + 1)];
  }

  private comesBefore(first: number, second: number): boolean {
    const needs = this.needs[second] as Int32Array;
    const { process, place } = this.accesses[first] as OrderedAccess;
    let changed = raise(needs, this.needs[first] as Int32Array);
    if ((needs[process] as number) <= place) {
      needs[process] = place + 1;
      changed = true;
    }
    return changed;
  }
}

function raise(needs: Int32Array, others: Int32Array): boolean {
  let changed = false;
  for (let i = 0; i < needs.length; i++) {
    if ((others[i] as number) > (needs[i] as number)) {
      needs[i] = others[i] as number;
      changed = true;
    }
  }
  return changed;
}

/** The first place whose measure is at least `least`; measures ascend. */
function firstWhere(
  numbers: readonly number[],
  measure: (number: number) => number,
  least: number,
): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (measure(numbers[middle] as number) >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

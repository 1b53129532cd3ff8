/**
 * Evidence that can be checked without trusting the engine that found it. Plain data. The validator (checkers/validator)
 * shares no code with the engines: it goes back to the history.
 *
 * Operations are named by the index of their *invocation* in the history, transactions too.
 */
import type { Value } from '../harness/operation.ts';

export type Certificate =
  | LinearizationOrder
  | SmallIllegalHistory
  | UnproducedRead
  | ConflictingZones
  | SerialOrder
  | TransactionCycle
  | TransactionFault;

/** Valid: an order of the operations that the model accepts and that respects real time. */
export interface LinearizationOrder {
  readonly kind: 'linearization-order';
  /** The partition (a key, an element); null when the type was not partitioned. */
  readonly partition: Value;
  /** Every completed operation once; an open one that is not named never happened. */
  readonly order: readonly number[];
}

/**
 * Invalid: operations for which no order exists, few enough to try all. They follow from the history only by steps that
 * cannot make a legal history illegal: a read left out, an interval widened, an operation made optional, a prefix, a
 * partition.
 */
export interface SmallIllegalHistory {
  readonly kind: 'small-illegal-history';
  readonly partition: Value;
  /** `optional`: may be left out of the order; `end`: index in the history, null when widened to for ever. */
  readonly operations: readonly {
    readonly operation: number;
    readonly call: number;
    readonly end: number | null;
    readonly optional: boolean;
  }[];
}

/** Invalid: a read of a value that nothing could have written by then. */
export interface UnproducedRead {
  readonly kind: 'unproduced-read';
  readonly partition: Value;
  readonly read: number;
}

/**
 * Invalid: where every value is written once, a value's write and reads form a zone, from the first end to the last call
 * (Gibbons and Korach, "Testing shared memories", 1997). Two forward zones that overlap, or a backward zone inside a
 * forward one, cannot be ordered.
 */
export interface ConflictingZones {
  readonly kind: 'conflicting-zones';
  readonly partition: Value;
  /** Of the forward zone: the operation that ends first and the one that is called last. */
  readonly forward: readonly [number, number];
  /** Of the other zone, in the same order; for a backward zone that is [ends first, called last] as well. */
  readonly other: readonly [number, number];
}

/** Valid: an order in which executing the transactions one by one gives every answer recorded. */
export interface SerialOrder {
  readonly kind: 'serial-order';
  readonly order: readonly number[];
  /** The order also respects real time (strict serializability), or only each process's own. */
  readonly respects: 'realtime' | 'process' | 'nothing';
}

export type DependencyType = 'ww' | 'wr' | 'rw' | 'process' | 'realtime';

/** One transaction must come before another, and why. */
export interface DependencyEdge {
  readonly from: number;
  readonly to: number;
  readonly type: DependencyType;
  /** The key that ww, wr and rw are about. */
  readonly key?: Value;
  /** ww: what `from` wrote; wr: what `from` wrote and `to` read; rw: the last element or the value that `from` read. */
  readonly value?: Value;
  /** ww and rw: what `to` wrote, which comes next in the version order. */
  readonly next?: Value;
  /** ww and rw of lists: a transaction whose read shows the version order. Of registers: why `next` follows `value`. */
  readonly witness?: number;
  readonly because?:
    'read-list' | 'initial' | 'writes-follow-reads' | 'process' | 'realtime' | 'only-order';
}

/** Invalid: transactions that would each have to come before the next, all around (Adya, "Weak consistency", 1999). */
export interface TransactionCycle {
  readonly kind: 'transaction-cycle';
  /** `G0`, `G1c-process`, `G-single-item-realtime` … */
  readonly anomaly: string;
  readonly edges: readonly DependencyEdge[];
  /** Why each edge with the reason `only-order` holds: in the order in which they were found. */
  readonly forced?: readonly ForcedEdge[];
}

/**
 * An edge that the only possible order of a reader and two writers makes. Where `reader` reads a key from `one` and
 * `other` writes that key too, `other` comes before `one` or after `reader`.
 * - `edge` is ww from `other` to `one` with the reader as witness: then `path` leads from `other` to the reader.
 * - `edge` is rw from the reader to `other`: then `path` leads from `one` to `other`; it is empty when `one` wrote the
 *   initial value.
 * The edges of `path` are recorded ones or forced earlier.
 */
export interface ForcedEdge {
  readonly edge: DependencyEdge;
  readonly path: readonly DependencyEdge[];
}

/** Invalid: an anomaly that is no cycle: `G1a`, `G1b`, `internal`, `incompatible-order`, `duplicate-elements` … */
export interface TransactionFault {
  readonly kind: 'transaction-fault';
  readonly anomaly: string;
  readonly key?: Value;
  readonly value?: Value;
  /** In the order of the anomaly's definition: the writer before the reader, the longer read before the shorter. */
  readonly transactions: readonly number[];
}

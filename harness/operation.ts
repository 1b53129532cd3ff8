/**
 * The vocabulary of a history: operations, processes, times.
 *
 * An operation is recorded twice: when a client is about to send it (`invoke`) and when its outcome is known
 * (`ok`, `fail`, `info`). The words and their meanings are Jepsen's.
 */

/** Time in nanoseconds of the monotonic clock since the run began. Exact in a double for 104 days. */
export type Nanoseconds = number;

export const MICROSECOND: Nanoseconds = 1_000;
export const MILLISECOND: Nanoseconds = 1_000_000;
export const SECOND: Nanoseconds = 1_000_000_000;

/** A logical single-threaded client. Process `p` runs on thread `p % concurrency`; after an `info` it is retired. */
export type Process = number;

/** The name of a node, `n1`, `n2`, … */
export type NodeName = string;

/** What operations carry: plain JSON. `null` is the value *absent*, never a wildcard. */
export type Value =
  null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/**
 * - `invoke`: the request is about to leave.
 * - `ok`: it happened, with this answer.
 * - `fail`: it had no effect, and nothing else is learned from it.
 * - `info`: it may have happened, now or later.
 */
export type OperationType = 'invoke' | 'ok' | 'fail' | 'info';

/**
 * Why an operation did not end `ok`.
 * - `refused`: no service (connection refused, no leader); definite.
 * - `rejected`: the system's own definite answer; counts as service.
 * - `indefinite`: the client could not tell.
 * - `deadline`: no answer within the operation's deadline.
 * - `no-client`: the client could not be opened; the operation was never sent.
 * - `interrupted`: the run ended first.
 */
export type ErrorKind =
  'refused' | 'rejected' | 'indefinite' | 'deadline' | 'no-client' | 'interrupted';

export interface OperationError {
  readonly kind: ErrorKind;
  readonly message: string;
  /** The system's own code, where it gave one (`CONNECTIONLOSS`, `503/14`). */
  readonly code?: string;
}

/** One line of `history.jsonl`. Index order is the real-time order, and times never decrease along it. */
export interface Operation {
  readonly index: number;
  readonly time: Nanoseconds;
  readonly process: Process;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Value;
  readonly node: NodeName;
  /** The client's session with the system; changes when it reconnects. Session guarantees are judged per session. */
  readonly session?: string;
  readonly error?: OperationError;
}

/** What a generator emits and a client is asked to do: an operation before it has an index. */
export interface Invocation {
  readonly f: string;
  readonly value: Value;
}

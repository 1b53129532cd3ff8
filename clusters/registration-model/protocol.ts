/** What masters and workers send each other, what clients ask, and the times that are kept. */
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Answer } from '../models/answers.ts';
import type { RaftMessage } from '../models/raft.ts';

/** What masters agree on: their journal. */
export type Entry = { readonly kind: 'commit'; readonly block: Value } | { readonly kind: 'list' };

/** What a worker asks a master on behalf of a client. */
export type Call =
  | { readonly kind: 'commit'; readonly worker: number; readonly block: Value }
  | { readonly kind: 'list' };

/** What clients ask a worker, and observers any node. */
export type Request =
  | { readonly kind: 'commit'; readonly block: Value }
  | { readonly kind: 'list' }
  | { readonly kind: 'status' }
  | { readonly kind: 'ready' };

/** A worker as a master lists it: without a capacity as long as it has not told it. */
export interface Listed {
  readonly worker: NodeName;
  readonly id: number;
  readonly capacity: number | null;
}

/** The answer to `status`, as the value of `done`. `workers` only of a master that leads. */
export interface Status {
  readonly term: number;
  readonly workers: readonly Listed[] | null;
}

export type Message =
  | { readonly type: 'raft'; readonly message: RaftMessage<Entry> }
  // Worker to master: the two steps of registering, heartbeats, clients' calls.
  | { readonly type: 'get-id' }
  | { readonly type: 'register'; readonly id: number; readonly capacity: number }
  | { readonly type: 'beat'; readonly id: number }
  | { readonly type: 'call'; readonly request: number; readonly call: Call }
  // Master to worker.
  | { readonly type: 'id'; readonly id: number }
  | { readonly type: 'registered'; readonly id: number }
  | { readonly type: 'alive' }
  | { readonly type: 'unknown-worker' }
  | { readonly type: 'not-leading'; readonly leader: NodeName | null }
  | { readonly type: 'answered'; readonly request: number; readonly answer: Answer };

/** What every worker has. */
export const CAPACITY = 100;
/** A worker tells its master that it lives so often. */
export const BEAT: Nanoseconds = 300 * MILLISECOND;
/** A worker that has not heard of its master for so long looks for another. */
export const PATIENCE: Nanoseconds = 900 * MILLISECOND;
/** Between its id and its registration a worker lists the blocks that it holds. */
export const LISTING: readonly [Nanoseconds, Nanoseconds] = [20 * MILLISECOND, 80 * MILLISECOND];

/** Masters are named `m1`, `m2`, …; workers `w1`, … */
export function isMaster(node: NodeName): boolean {
  return node.startsWith('m');
}

/** What masters send each other, what clients ask, and the times that are kept: Alluxio's, a hundred times faster. */
import type { Nanoseconds, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Answer } from '../models/answers.ts';
import type { RaftMessage } from '../models/raft.ts';

export type BackupState = 'Initiating' | 'Running' | 'Completed' | 'Failed';

export type Request =
  /** Local: on the leader itself, not delegated to a standby. */
  | { readonly kind: 'backup'; readonly id: string; readonly local: boolean }
  | { readonly kind: 'backup-status'; readonly ids: readonly string[] }
  | { readonly kind: 'status' }
  | { readonly kind: 'ready' };

/** The answer to `status`, as the value of `done`. */
export interface Status {
  readonly term: number;
  readonly leads: boolean;
}

export type Message =
  | { readonly type: 'raft'; readonly message: RaftMessage<never> }
  /** A standby to the leader, again and again: its connection, by a number of its own. */
  | { readonly type: 'hello'; readonly connection: number }
  /** Leader to standby: make a backup, which takes so long. */
  | {
      readonly type: 'delegate';
      readonly term: number;
      readonly id: string;
      readonly duration: Nanoseconds;
    }
  | { readonly type: 'delegated'; readonly term: number; readonly id: string }
  | {
      readonly type: 'heartbeat';
      readonly term: number;
      readonly id: string;
      readonly state: BackupState;
    }
  | { readonly type: 'forward'; readonly request: number; readonly asked: Request }
  | { readonly type: 'forwarded'; readonly request: number; readonly answer: Answer };

export const HELLO: Nanoseconds = 400 * MILLISECOND;
export const HEARTBEAT: Nanoseconds = 200 * MILLISECOND;
/** A delegated backup that was not heard of for so long is given up (alluxio.master.backup.abandon.timeout). */
export const ABANDON: Nanoseconds = 700 * MILLISECOND;
/** A standby that did not take a backup in so long does not (alluxio.master.backup.transport.timeout). */
export const TRANSPORT: Nanoseconds = 900 * MILLISECOND;
/** The thread that waits for an answer runs again so long after it, at most. */
export const WAKING: Nanoseconds = 15 * MILLISECOND;
/** How long a backup takes: of little, and of much. */
export const LITTLE: readonly [Nanoseconds, Nanoseconds] = [2 * MILLISECOND, 20 * MILLISECOND];
export const MUCH: readonly [Nanoseconds, Nanoseconds] = [400 * MILLISECOND, 1200 * MILLISECOND];
/** The share of backups that are of little. */
export const LITTLE_SHARE = 0.3;

/** A report of one backup. State null: not known to whoever answered. */
export function reportOf(id: string, state: BackupState | null, leader: string): Value {
  return { id, state, leader };
}

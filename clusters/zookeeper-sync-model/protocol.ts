/**
 * What servers send each other: votes, and between a leader and a follower what Zab names CEPOCH, NEWEPOCH, ACK-E,
 * NEWLEADER with what the follower lacks, ACK-LD, UPTODATE, PROPOSAL, ACK, COMMIT (Junqueira, Reed, Serafini, "Zab:
 * High-performance broadcast for primary-backup systems", 2011), as one connection: each has the follower's session.
 */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Draws } from '../../harness/random.ts';
import type { Answer } from '../models/answers.ts';
import type { Command } from '../primary-backup/protocol.ts';

/** A transaction, with the epoch of the leader that proposed it. Its place in the log is its counter. */
export interface Transaction {
  readonly epoch: number;
  readonly command: Command;
}

export type Log = readonly Transaction[];

/** How far a server is: compared by epoch, then by its last transaction's epoch, then by their number. */
export interface Progress {
  readonly current: number;
  readonly last: number;
  readonly length: number;
}

export interface Vote extends Progress {
  readonly node: NodeName;
}

/** What a leader and a follower say; `session` is the follower's. */
export type SessionMessage = { readonly session: number } & (
  | { readonly type: 'follower-info'; readonly accepted: number }
  | { readonly type: 'not-leading' }
  | { readonly type: 'leader-info'; readonly epoch: number }
  /** `epochs`: of each transaction in the log; more than ZooKeeper tells, for the leader to find what is common. */
  | { readonly type: 'ack-epoch'; readonly progress: Progress; readonly epochs: readonly number[] }
  /** Keep so many transactions, take these, and then acknowledge the leader. */
  | {
      readonly type: 'new-leader';
      readonly epoch: number;
      readonly keep: number;
      readonly transactions: Log;
    }
  | { readonly type: 'ack-new-leader' }
  | { readonly type: 'up-to-date' }
  | { readonly type: 'propose'; readonly after: number; readonly transaction: Transaction }
  /** So many transactions are on disk. */
  | { readonly type: 'ack'; readonly length: number }
  /** So many were proposed. */
  | { readonly type: 'ping'; readonly length: number }
  | { readonly type: 'pong' }
);

export type Message =
  | {
      readonly type: 'notify';
      readonly round: number;
      readonly vote: Vote;
      /** The leader, of a server that follows or leads. */
      readonly leader: NodeName | null;
    }
  | SessionMessage
  | { readonly type: 'forward'; readonly request: number; readonly command: Command }
  | { readonly type: 'forwarded'; readonly request: number; readonly answer: Answer };

/** What clients ask, and observers. */
export type Request = Command | { readonly kind: 'status' } | { readonly kind: 'ready' };

/** The answer to `status`, as the value of `done`. The term is the epoch. */
export interface Status {
  readonly term: number;
  readonly leads: boolean;
}

/** A server that looks for a leader tells its vote again so often. */
export const NOTIFY: Nanoseconds = 250 * MILLISECOND;
/** When a majority agrees, a better vote is waited for so long. */
export const DECIDE: Nanoseconds = 100 * MILLISECOND;
/** A follower that has no answer from its leader for so long looks for another. */
export const CONNECT: Nanoseconds = 500 * MILLISECOND;
/** How long a leader and a majority may need to agree to an epoch. */
export const AGREE: Nanoseconds = 700 * MILLISECOND;
/** How long a majority may need to be synchronised (initLimit). */
export const INIT: Nanoseconds = 3_000 * MILLISECOND;
export const PING: Nanoseconds = 200 * MILLISECOND;
/** How long leader and followers may be silent (syncLimit). */
export const SYNC: Nanoseconds = 700 * MILLISECOND;

/** How long something takes to be on disk: some disks, and some moments, are slow. */
export function diskTime(draws: Draws): Nanoseconds {
  const slow = draws.next() < 0.4;
  const [least, most] = slow ? [20, 400] : [1, 4];
  return Math.round(draws.between(least, most) * MILLISECOND);
}

/** How long a process needs from its start until it takes part. */
export function bootTime(draws: Draws): Nanoseconds {
  return Math.round(draws.between(20, 500) * MILLISECOND);
}

/** How long a thread that could go on may have to wait for its turn. */
export function threadTime(draws: Draws): Nanoseconds {
  return Math.round(draws.between(0, 6) * MILLISECOND);
}

/** Negative: `a` is behind `b`. */
export function compare(a: Progress, b: Progress): number {
  return a.current - b.current || a.last - b.last || a.length - b.length;
}

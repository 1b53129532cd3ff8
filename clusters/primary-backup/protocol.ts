/** What replicas send each other, what clients ask and are answered, and the times that the protocol keeps. */
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Answer } from '../models/answers.ts';

/** An operation on the store, as it stands in the log. A read is in the log too: its place is its moment. */
export type Command =
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'write'; readonly key: string; readonly value: Value }
  | { readonly kind: 'cas'; readonly key: string; readonly from: Value; readonly to: Value }
  | { readonly kind: 'add'; readonly element: Value }
  | { readonly kind: 'elements' }
  /** Changes nothing; its answer proves that a majority serves. */
  | { readonly kind: 'nothing' };

/** Numbered from 1: the first entry of the log is number 1. */
export type Log = readonly Command[];

/** What clients may ask. */
export type Request = { readonly kind: 'status' } | Command;

/** The answer to `status`, as the value of `done`. */
export interface Status {
  readonly role: 'primary' | 'backup' | 'changing';
  readonly view: number;
}

export type Message =
  /** Primary: entries after number `after`, and how many are committed. Without entries, a heartbeat. */
  | {
      readonly type: 'prepare';
      readonly view: number;
      readonly after: number;
      readonly entries: Log;
      readonly committed: number;
    }
  /** Backup: its log, of this view, has this many entries on disk. */
  | { readonly type: 'prepared'; readonly view: number; readonly length: number }
  /** Somebody has gone on to a later view. */
  | { readonly type: 'outdated'; readonly view: number }
  /** Has not heard of a primary for too long and would like this view. */
  | { readonly type: 'propose'; readonly view: number }
  /** To the primary of a new view: what the sender has. */
  | {
      readonly type: 'change';
      readonly view: number;
      readonly normalView: number;
      readonly log: Log;
      readonly committed: number;
    }
  /** Backup: send me the log of this view. */
  | { readonly type: 'fetch'; readonly view: number }
  /** Primary: the view's log as it is now. */
  | {
      readonly type: 'begin';
      readonly view: number;
      readonly log: Log;
      readonly committed: number;
    }
  /** Backup: a client's command, for the primary. */
  | { readonly type: 'forward'; readonly request: number; readonly command: Command }
  | { readonly type: 'forwarded'; readonly request: number; readonly answer: Answer };

/** The primary is heard of at least so often. */
export const HEARTBEAT: Nanoseconds = 100 * MILLISECOND;
/** A replica that has not heard of a primary for so long (and up to twice that) suspects it. */
export const SUSPICION: Nanoseconds = 300 * MILLISECOND;
/** A primary that has not heard of a majority for so long refuses new requests. */
export const LONELINESS: Nanoseconds = 500 * MILLISECOND;

/** The primary of a view: each node in turn. */
export function primaryOf(view: number, nodes: readonly NodeName[]): NodeName {
  const primary = nodes[view % nodes.length];
  if (primary === undefined) throw new RangeError('a cluster of no nodes has no primary');
  return primary;
}

/** How many nodes are more than half. */
export function majorityOf(nodes: readonly NodeName[]): number {
  return Math.floor(nodes.length / 2) + 1;
}

/** What masters and tablet servers send each other, what clients ask, and the times that are kept. */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Answer } from '../models/answers.ts';
import type { RaftMessage } from '../models/raft.ts';

/** What masters agree on: hard state. */
export type Entry =
  /** The table's schema has one version more. */
  | { readonly kind: 'alter'; readonly id: number }
  /** All replicas that matter have this version. */
  | { readonly kind: 'altered'; readonly version: number }
  /** Who leads the tablet, as reported. */
  | { readonly kind: 'leader'; readonly term: number; readonly leader: NodeName }
  | { readonly kind: 'tablet-server'; readonly node: NodeName };

/** What the tablet's replicas agree on: versions of its schema, in order. */
export type TabletEntry = number;

/** What clients ask a master, and observers any node. */
export type Request =
  | { readonly kind: 'alter'; readonly id: number }
  /** Whether this alteration is done. */
  | { readonly kind: 'look'; readonly id: number }
  | { readonly kind: 'status' }
  | { readonly kind: 'ready' };

/** The answer to `status`, as the value of `done`. */
export interface Status {
  readonly term: number;
  readonly leads: boolean;
}

/** A replica of the tablet, as its server reports it. */
export interface TabletReport {
  readonly term: number;
  readonly leads: boolean;
  readonly version: number;
}

export type Message =
  | { readonly type: 'masters'; readonly message: RaftMessage<Entry> }
  | { readonly type: 'tablet'; readonly message: RaftMessage<TabletEntry> }
  | { readonly type: 'forward'; readonly request: number; readonly asked: Request }
  | { readonly type: 'forwarded'; readonly request: number; readonly answer: Answer }
  /** Tablet server to master. `report`: null when nothing changed since what this master took. */
  | {
      readonly type: 'heartbeat';
      readonly registers: boolean;
      readonly report: TabletReport | null;
      /** How often the replica had changed. */
      readonly changes: number;
    }
  /** Master to tablet server. `took`: the heartbeat's `changes`, when its report was read. */
  | {
      readonly type: 'heard';
      readonly leads: boolean;
      readonly leader: NodeName | null;
      readonly mustRegister: boolean;
      readonly took: number | null;
    }
  /** Master to the server of the tablet's leader. */
  | { readonly type: 'alter-tablet'; readonly version: number };

export const BEAT: Nanoseconds = 200 * MILLISECOND;
/** A tablet server that has not heard of its master for so long tries another. */
export const PATIENCE: Nanoseconds = 600 * MILLISECOND;
/** A master asks a tablet's leader again so long after, while it is not done. */
export const RETRY: Nanoseconds = 300 * MILLISECOND;

/** Masters are named `m1`, `m2`, …; tablet servers `t1`, … */
export function isMaster(node: NodeName): boolean {
  return node.startsWith('m');
}

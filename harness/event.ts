/**
 * Events: anything observed during a run that is not a client operation. One line each of `events.jsonl`.
 *
 * Every event is an interval in run time: what it tells became true at some moment in [notBefore, notAfter]. Checkers
 * that accuse (liveness above all) must use the pessimistic edge.
 */
import type { Nanoseconds, NodeName, Value } from './operation.ts';
import type { Link } from './testbed.ts';

export interface Observed {
  readonly notBefore: Nanoseconds;
  readonly notAfter: Nanoseconds;
}

/** The server process of a node died, or its host was lost. `expected` is set when a fault of ours did it. */
export interface NodeDown extends Observed {
  readonly type: 'node-down';
  readonly node: NodeName;
  readonly cause: 'killed' | 'crashed' | 'exited';
  readonly exitCode?: number;
  readonly expected: boolean;
}
/** The server process of a node runs (it need not serve yet). */
export interface NodeUp extends Observed {
  readonly type: 'node-up';
  readonly node: NodeName;
}
export interface NodePaused extends Observed {
  readonly type: 'node-paused' | 'node-resumed';
  readonly node: NodeName;
}
/** Data no longer flows over these links / flows again. */
export interface LinkChanged extends Observed {
  readonly type: 'link-cut' | 'link-healed';
  readonly links: readonly Link[];
}
/**
 * Data over these links is no longer sure to get through unharmed: some of it is lost, late, refused, or cannot begin /
 * is as sure as ever. Told apart from cuts: a link may be both. Its end may be `@clients` or `@names`.
 */
export interface LinkDegraded extends Observed {
  readonly type: 'link-degraded' | 'link-restored';
  readonly links: readonly Link[];
}
/** A poll found this node to be the leader (of this term or epoch, where the system tells one). */
export interface LeaderSeen extends Observed {
  readonly type: 'leader-seen';
  readonly node: NodeName;
  readonly term?: number;
}
/** A poll found that this node serves / does not serve its role at all (`role` as the system names it). */
export interface RoleSeen extends Observed {
  readonly type: 'role-seen';
  readonly node: NodeName;
  readonly role: string | null;
  readonly term?: number;
}
export interface MembershipView extends Observed {
  readonly type: 'membership-view';
  readonly observer: NodeName;
  /** What the system counts its memberships by: an epoch, a ring id. Not a term. */
  readonly configuration: string;
  readonly members: readonly NodeName[];
  /** Where a configuration also settles who is master: that node; null while there is none. */
  readonly master?: NodeName | null;
}
/**
 * What a serving master showed of one worker, in one poll. Of a worker that it does not list: `registered` false. A poll
 * that got no answer is a `poll-failed`, not this.
 */
export interface WorkerState extends Observed {
  readonly type: 'worker-state';
  /** The node whose view it is. */
  readonly observer: NodeName;
  /** The node the worker runs on. */
  readonly worker: NodeName;
  readonly registered: boolean;
  /** How often the view lists it. Default: once when registered. */
  readonly entries?: number;
  /** The soft state that the worker itself holds all through the interval, by name. What may change in it is left out. */
  readonly declared: { readonly [name: string]: Value };
  /** What the view shows of it, by name; null or left out: not there. */
  readonly shown: { readonly [name: string]: Value };
}
/** An observer's poll got no answer. Unknown, never "false". */
export interface PollFailed extends Observed {
  readonly type: 'poll-failed';
  readonly observer: string;
  readonly node: NodeName;
  readonly message: string;
}
/** The harness itself was held up: event-loop delay, CPU pressure, suspension of the machine. */
export interface Stall extends Observed {
  readonly type: 'stall';
  readonly cause: 'event-loop' | 'cpu' | 'suspended';
  readonly durationNanos: Nanoseconds;
}
/** A phase of the run began. */
export interface PhaseBegan extends Observed {
  readonly type: 'phase';
  readonly phase: string;
}
/** A line of a node's log matched one of the system's patterns. */
export interface LogMatched extends Observed {
  readonly type: 'log-matched';
  readonly node: NodeName;
  readonly pattern: string;
  readonly line: string;
}
/** Anything a system wants on record. */
export interface Noted extends Observed {
  readonly type: 'noted';
  readonly name: string;
  readonly node?: NodeName;
  readonly value: Value;
}

export type RunEvent =
  | NodeDown
  | NodeUp
  | NodePaused
  | LinkChanged
  | LinkDegraded
  | LeaderSeen
  | RoleSeen
  | MembershipView
  | WorkerState
  | PollFailed
  | Stall
  | PhaseBegan
  | LogMatched
  | Noted;

/** Where events go: journaled as they happen, and handed to triggers. */
export type EventSink = (event: RunEvent) => void;

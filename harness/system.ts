/**
 * A system: a database under test, with only what is particular to it. What any system needs (wait for a port, follow
 * a log, find the leader) is in the harness.
 */
import type { Client } from './client.ts';
import type { EventSink } from './event.ts';
import type { Clock } from './clock.ts';
import type { KnownIssue } from './known-issue.ts';
import type { JvmMethod } from './means/jvm.ts';
import type { Membership } from './membership.ts';
import type { Probe } from './nemesis.ts';
import type { NodeName } from './operation.ts';
import type { Role } from './roles.ts';
import type {
  Cluster,
  ClusterNeed,
  ImagePlan,
  Node,
  NodePlan,
  Testbed,
  TestbedKind,
} from './testbed.ts';
import type { WorkloadDefinition } from './workload.ts';

export interface System {
  readonly name: string;
  /** Every version that is known to resolve, oldest first. */
  readonly versions: readonly string[];
  readonly defaultVersion: string;
  readonly testbeds: readonly TestbedKind[];
  readonly workloads: readonly WorkloadDefinition[];
  image(version: string): ImagePlan;
  /** What its user must bring, because nobody may hand it out: named by this option. Default: nothing. */
  readonly brought?: { readonly option: string; readonly what: string };
  /** What its nodes are for, where they are not all alike. Default: they are alike, `n1`, `n2` … */
  roles?(options: RoleOptions): readonly Role[];
  /** Memory that the whole cluster needs at least, in MiB. Default: not told. */
  memoryMb?(options: SystemOptions): number;
  node(options: SystemOptions, node: NodeName, addresses: ReadonlyMap<NodeName, string>): NodePlan;
  /** After all nodes are ready: schemas, roots, guard keys. May use a client of its own. */
  setup?(cluster: Cluster, options: SystemOptions, signal: AbortSignal): Promise<void>;
  /** Whether the node serves: answers a request that needs a quorum, or that proves its role. */
  ready(node: Node, signal: AbortSignal): Promise<boolean>;
  /** The leader as the nodes themselves say now; null when none or not known. */
  leader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null>;
  readonly observers: readonly Observer[];
  readonly probes: Readonly<Record<string, Probe>>;
  /** How its members are changed while it runs. Default: it cannot. */
  readonly membership?: Membership;
  /**
   * What the system must be told before nodes are replaced by this version, until it is ready for that. Rejects when it
   * refuses. Default: nothing.
   */
  allowVersion?(cluster: Cluster, version: string, clock: Clock): Promise<void>;
  /** What random schedules may draw triggers from: its files, its log lines. Default: only what any system has. */
  readonly catalogue?: TriggerCatalogue;
  /** Where its peers listen, for reachability probes. */
  readonly peerPort: number;
  /** All ports that peers dial at each other, for proxies between them. Default: `peerPort` alone. */
  readonly peerPorts?: readonly number[];
  /** What a peer answers when it is sent there, harmlessly (`\\r` and `\\n` written so). Default: not known. */
  readonly peerRequest?: { readonly port: number; readonly send: string };
  /** Lines in a node's log that are a failure of their own: panics, assertion failures. */
  readonly failurePatterns: readonly FailurePattern[];
  /** Failures of its own that have been looked into: told as known, and never in the way of others. Default: none. */
  readonly knownIssues?: readonly KnownIssue[];
  client(cluster: Cluster, workload: string): Client;
  /** What the system's own documentation promises, for the report. */
  readonly promises: readonly SystemPromise[];
  /** The system as a model in simulated time: a fresh testbed with its own simulated clock. */
  simulation?(seed: bigint): { readonly testbed: Testbed; readonly clock: Clock };
}

export interface SystemOptions {
  readonly version: string;
  readonly nodes: readonly NodeName[];
  /** Nodes that are no members at first. Default: none. */
  readonly spares?: readonly NodeName[];
  /** What the schedule's faults need (a debugger's port). Default: nothing. */
  readonly needs?: readonly ClusterNeed[];
  /** Other versions that the schedule's faults replace nodes by. Default: none. */
  readonly otherVersions?: readonly string[];
  /** A system's own options (`snapshotCount`), from the test spec. */
  readonly extra: Readonly<Record<string, string>>;
}

/** What a system's roles depend on. */
export type RoleOptions = Pick<SystemOptions, 'version' | 'extra'>;

export interface FailurePattern {
  readonly name: string;
  /** Source of a regular expression, matched line by line. */
  readonly pattern: string;
  /** Told, but no proof of a failure by itself. Default: a match is a failure. */
  readonly suspicion?: boolean;
  /** The anomaly's name, where it is to be told from others. Default: `failure-in-log`. */
  readonly anomaly?: string;
}

export interface SystemPromise {
  readonly operation: string;
  readonly promise: string;
  readonly source: string;
}

/** Moments at which a system of this kind is worth hitting, whatever the bug. */
export interface TriggerCatalogue {
  /** Files that are written at a change of role, epoch or snapshot. */
  readonly files: readonly { readonly directory: string; readonly name: string }[];
  /** Sources of regular expressions of log lines that tell such a change. */
  readonly logLines: readonly string[];
  /** `f` of operations whose acknowledgement is worth a fault at once. */
  readonly acknowledgements: readonly string[];
  /** Methods of a Java server that its writes or its elections pass. Default: none. */
  readonly methods?: readonly JvmMethod[];
}

/** A poller that a system supplies; run and journaled by the harness, its failures become `poll-failed`. */
export interface Observer {
  readonly name: string;
  readonly periodMs: number;
  /** Which nodes it polls. Default: all. */
  polls?(node: NodeName): boolean;
  /** One poll of one node. Reports what it saw through `events`, with its interval. */
  poll(node: Node, clock: Clock, events: EventSink, signal: AbortSignal): Promise<void>;
}

/**
 * Testbeds: where nodes live (Docker, hosts over SSH, simulated). Faults and workloads are written against these
 * interfaces only; each testbed owns its means.
 */
import type { EventSink } from './event.ts';
import type { Clock } from './clock.ts';
import type { Means } from './means.ts';
import type { Nanoseconds, NodeName, Value } from './operation.ts';
import type { WireCall } from './nemesis.ts';
import type { PacketRules } from './packet-rules.ts';

export type TestbedKind = 'docker' | 'ssh' | 'simulated';

/**
 * What some faults need a cluster to be brought up with: data volumes on file systems of their own (loop devices), a
 * Java debugger's port, proxies between the nodes, members that can be changed, a node more than there are members.
 */
export type ClusterNeed = 'own-filesystems' | 'debugger' | 'proxies' | 'membership' | 'spare-node';

/** A directed link: data from `from` to `to`. */
export interface Link {
  readonly from: NodeName;
  readonly to: NodeName;
}

/** What a testbed must bring up. Made by the system from its options. */
export interface ClusterPlan {
  readonly runId: string;
  readonly nodes: readonly NodeName[];
  /**
   * Nodes to be made ready without their servers, which whoever lets them in starts; a testbed that cannot leaves them
   * out. Default: none.
   */
  readonly spares?: readonly NodeName[];
  /** Where node logs and other artefacts of the run go (a directory that exists), null in memory-only simulation. */
  readonly directory: string | null;
  readonly seed: bigint;
  /** What one node is. Called once a node, when all addresses are known. */
  readonly node: (node: NodeName, addresses: ReadonlyMap<NodeName, string>) => NodePlan;
  readonly image: ImagePlan;
  /** What the schedule's faults need. Default: nothing. */
  readonly needs?: readonly ClusterNeed[];
  /** Other versions that nodes may be replaced by while the cluster runs. Default: none. */
  readonly versions?: readonly VersionPlan[];
  /** All ports that nodes dial at each other. Default: none known. */
  readonly peerPorts?: readonly number[];
  /** What a peer answers when it is sent there, harmlessly, with `\\r` and `\\n` written so. Default: not known. */
  readonly peerRequest?: { readonly port: number; readonly send: string };
}

/** Another version of the servers. */
export interface VersionPlan {
  readonly version: string;
  readonly image: ImagePlan;
  readonly node: ClusterPlan['node'];
}

/** One node's server process. */
export interface NodePlan {
  /** The server's argv, run as a child of the node's supervisor. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files to place before the server starts: path in the node to contents. */
  readonly files?: Readonly<Record<string, string>>;
  /** Directories whose contents survive kill and crash (data volumes). */
  readonly volumes?: readonly string[];
  /**
   * Directories of which there is one a run: all nodes that name one share its contents, on the engine's disk. Gone
   * with the run; survives kill and crash of any node. Default: none.
   */
  readonly sharedVolumes?: readonly string[];
  /** Size of the node's /dev/shm, in MiB. Default: the engine's, 64. */
  readonly sharedMemoryMb?: number;
  /** Give up the page cache: put the volumes on tmpfs ("memory") or the host's disk. Default: disk. */
  readonly volumeMedium?: 'disk' | 'memory';
  /** Where the server's Java debug agent listens, on all addresses. Default: it has none. */
  readonly debuggerPort?: number;
}

/** An image as a Dockerfile folder of ours with arguments; the testbed names it by content. */
export interface ImagePlan {
  /** Folder that holds the Dockerfile (the build context). */
  readonly context: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** Base images the Dockerfile names in FROM, to be had before the build. Default: debian:bookworm-slim. */
  readonly bases?: readonly string[];
  /** Short name for progress lines and the tag, `zookeeper-3.9.4`. */
  readonly label: string;
}

export interface TestbedContext {
  readonly clock: Clock;
  readonly events: EventSink;
  /** Progress, one short line a step. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Told at once when the testbed itself is lost (the engine died): the run ends as `harness-failure`. Default: said only. */
  readonly failed?: (error: Error) => void;
}

export interface Testbed {
  readonly kind: TestbedKind;
  /** What this testbed can do here, in words for the report: `signals: host pid`, `links: node rules` … */
  readonly capabilities: Readonly<Record<string, string>>;
  /**
   * What undoing needs, when this process is gone, to reach what it made. Absent: nothing outlives the process, and no
   * guardian is needed.
   */
  readonly undoSettings?: Value;
  /** Memory that its nodes could have now, in MiB. Absent: not known. */
  freeMemoryMb?(): number;
  up(plan: ClusterPlan, context: TestbedContext): Promise<Cluster>;
  /** Removes everything `up` made; never throws on one part, reports what is left. */
  down(): Promise<readonly string[]>;
}

export interface Cluster {
  readonly kind: TestbedKind;
  readonly nodes: readonly Node[];
  /** Nodes of the plan's `spares`. Default: none. */
  readonly spares?: readonly Node[];
  readonly network: Network;
  /** One of the nodes or of the spares. @throws RangeError when there is none of that name */
  node(name: NodeName): Node;
}

/** The nodes, and the spares after them. */
export function everyNode({
  nodes,
  spares = [],
}: Pick<Cluster, 'nodes' | 'spares'>): readonly Node[] {
  return [...nodes, ...spares];
}

/** Liveness as the testbed sees it, without asking the server. */
export type Liveness = 'running' | 'paused' | 'dead' | 'gone';

/**
 * One node. The acts begin synchronously, before the call returns (a fault's `fire` relies on it); the promise tells
 * when they are known to be done.
 */
export interface Node {
  readonly name: NodeName;
  /** What clients and peers connect to. */
  readonly address: string;
  /** Acts that are not to be had of it, by the kind of fault, with the reason. Default: all are. */
  readonly cannot?: Readonly<Record<string, string>>;
  /**
   * Starts the server (after kill) or the host and the server (after crash). No-op when it runs.
   * @param change of the plan's command, from now on until changed again. Default: none
   */
  start(change?: CommandChange): Promise<void>;
  /** SIGKILL of the server process: the address stays, peers get "connection refused". */
  kill(): Promise<void>;
  /** The host is gone: peers get silence. Data volumes survive. */
  crash(): Promise<void>;
  /** SIGSTOP / SIGCONT of the server and its children. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  alive(): Promise<Liveness>;
  /** Changes with every start of the server; null while it is dead. */
  incarnation(): string | null;
}

/** From a plan's command to the one that a server is started with. */
export type CommandChange = (command: readonly string[]) => readonly string[];

/** A node that is a machine: has files and runs commands. Faults that need one say so and are skipped elsewhere. */
export interface Machine extends Node {
  /** What else can be done to it. Default: nothing. */
  readonly means?: Means;
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  upload(path: string, contents: string | Uint8Array): Promise<void>;
  download(path: string): Promise<Uint8Array>;
  /** Path on the host of a file in a data volume, or null when it cannot be seen from the host. */
  hostPath(path: string): string | null;
  /** Calls back at each new line of the server's log until disposed. */
  followLog(line: (line: string, at: Nanoseconds) => void): Disposable;
  /** Calls back when a file in `directory` is created, renamed into place or written, until disposed. */
  watchFiles(directory: string, changed: (name: string, at: Nanoseconds) => void): Disposable;
}

export interface ExecOptions {
  readonly input?: string;
  /** Default: 10 000 ms. */
  readonly timeoutMs?: number;
}
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Network {
  /**
   * Stops data on these links until healed, in addition to what other keys hold cut. Begins synchronously.
   * @param key names the cut, so that overlapping cuts heal independently.
   */
  cut(key: string, links: readonly Link[]): Promise<void>;
  heal(key: string): Promise<void>;
  healAll(): Promise<void>;
  /** Links that the testbed's own means say are cut now (rules present), read back, not remembered. */
  observed(): Promise<readonly Link[]>;
  /** Packets or messages dropped so far by cuts, per link key `a->b`: a second, independent observation. */
  dropped(): Promise<ReadonlyMap<string, number>>;
  /**
   * Tries to pass data from one node to another now, from inside the sender.
   * `port` is where the peer listens (any TCP port; a reset counts as reachable).
   */
  reachable(link: Link, port?: number): Promise<boolean>;
  /** True when no established connection over the link is in retransmission back-off. */
  settled(links: readonly Link[]): Promise<boolean>;
  /** Rules finer than whole links. Default: there are none. */
  readonly packets?: PacketRules;
  /**
   * Calls back as soon as data that holds the call's bytes passes, until disposed; what is sent again for want of an
   * acknowledgement counts once. It watches some milliseconds later. Default: this network cannot.
   */
  readonly watchCalls?:
    ((call: WireCall, seen: (at: Nanoseconds) => void) => Disposable) | undefined;
}

/** Type guard: this node has files and runs commands. */
export function isMachine(node: Node): node is Machine {
  return 'exec' in node;
}

/** `a->b`, the key of a link in maps and records. */
export function linkKey(link: Link): string {
  return `${link.from}->${link.to}`;
}

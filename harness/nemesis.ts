/**
 * The nemesis's interfaces: faults, and the schedules they come in.
 *
 * A schedule is data: steps with a trigger to fire and a trigger to heal. A random schedule is drawn once, from the
 * seed, before the run; a written one is read from a file; a recorded run's `faults.jsonl` is one as well.
 */
import type { Clock } from './clock.ts';
import type { EventSink, RunEvent } from './event.ts';
import type { Nanoseconds, NodeName, Value } from './operation.ts';
import type { Random } from './random.ts';
import type { NodeEvent } from './sightings.ts';
import type { TriggerCatalogue } from './system.ts';
import type { Membership } from './membership.ts';
import type { Cluster, ClusterNeed } from './testbed.ts';
import type { Undo } from './undo.ts';

/** Which nodes a fault is to act on. Resolved when the fault is armed, against what is known of leaders then. */
export type Selector =
  'one' | 'minority' | 'majority' | 'all' | 'leader' | 'followers' | readonly NodeName[];

/** When a step fires or heals. */
export type Trigger =
  /** At this time after the main phase began. */
  | { readonly at: Nanoseconds }
  /** This long after the step fired (for heals), or after the previous step of the lane ended. */
  | { readonly after: Nanoseconds }
  /** When the n-th matching completion (or invocation) is recorded from now on. Default: type ok, nth 1. */
  | {
      readonly operation: {
        /** One name, or any of several. Default: any. */
        readonly f?: string | readonly string[];
        readonly type?: 'invoke' | 'ok' | 'fail' | 'info';
        readonly nth?: number;
        readonly node?: NodeName;
      };
    }
  /** When a line of the node's log matches (a regular expression's source). */
  | { readonly log: { readonly node: NodeName; readonly pattern: string; readonly nth?: number } }
  /** When a file in a directory of the node appears, is written or renamed into place. `*` in its name is anything. */
  | {
      readonly file: { readonly node: NodeName; readonly directory: string; readonly name: string };
    }
  /** When a probe the system supplies by name answers true for the node (polled each 20 ms). */
  | { readonly probe: { readonly name: string; readonly node?: NodeName; readonly is?: boolean } }
  /** When an observer sees another leader than at arming. */
  | { readonly leaderChange: { readonly nth?: number } }
  /** When an observer sees a term or epoch higher than at arming, for the n-th time. Default: nth 1. */
  | { readonly epoch: { readonly nth?: number } }
  /** When data that holds these bytes passes on a link, whoever dialled. */
  | { readonly call: WireCall & { readonly nth?: number } }
  /** When a thread of the node's Java virtual machine enters a method (which waits until the fault has fired). */
  | {
      readonly breakpoint: {
        readonly node: NodeName;
        readonly class: string;
        readonly method: string;
        readonly thread?: string;
        readonly nth?: number;
      };
    }
  /** When another step reaches a state. */
  | { readonly fault: { readonly id: string; readonly state: FaultState } }
  /** All of these one after another: the second is armed when the first is seen. */
  | { readonly then: readonly Trigger[] }
  /** When all of these were seen, in any order. */
  | { readonly and: readonly Trigger[] }
  /** When the first of these is seen. */
  | { readonly or: readonly Trigger[] }
  /** As `trigger`, but only until `limit` after it is waited for; later it counts as never seen. */
  | { readonly within: { readonly limit: Nanoseconds; readonly trigger: Trigger } }
  /** When the main phase ends (the usual last resort for heals). */
  | { readonly end: true };

/** One named call of a plain-text protocol, recognised by its bytes on the wire. */
export interface WireCall {
  /** Data from this node. Default: any. */
  readonly from?: NodeName;
  /** Data to this node. Default: any. */
  readonly to?: NodeName;
  /** A port of either end. Default: any. */
  readonly port?: number;
  /** Bytes that the packet holds, as text; `\\xNN` is a byte. Default: any. */
  readonly holds?: string;
  /** Length of the packet's data in bytes, [least, most]. Default: any. */
  readonly length?: readonly [number, number];
}

export type FaultState =
  'intended' | 'armed' | 'fired' | 'verified' | 'healing' | 'healed' | 'skipped' | 'failed';

/** One intended fault: what, on whom, when, until when. Plain JSON. */
export interface FaultStep {
  /** Unique in the schedule: `kill-1`. */
  readonly id: string;
  /** The fault lane; steps of one lane run one after another. */
  readonly lane: string;
  /** A registered fault kind: `kill`, `partition-halves`, … */
  readonly kind: string;
  readonly selector: Selector;
  /** Parameters of the kind. Default: none. */
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly trigger: Trigger;
  readonly heal: Trigger;
  /** Draws the fault makes (which node is "one") are keyed by this; equal seeds, equal targets by index. */
  readonly draw: number;
}

/** What a fault acts on: conflicting claims wait for each other, so a pause never hits a killed process. */
export interface Claim {
  readonly node: NodeName;
  readonly resource:
    | 'process'
    | 'threads'
    | 'network'
    | 'disk'
    | 'calls'
    | 'clock'
    | 'cpu'
    | 'memory'
    | 'limits'
    | 'membership';
}

/** The result of looking whether a fault (or its healing) took effect. Two independent observations. */
export interface Verification {
  readonly verified: boolean;
  /** What was looked at and what was seen, in words: `connect n1->n2: timed out`, `counter of rule 3: 17 packets`. */
  readonly observations: readonly Observation[];
}
export interface Observation {
  readonly means: string;
  readonly seen: string;
  readonly confirms: boolean;
}

/** What a fault may use. */
export interface FaultContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  /** What is known of roles now. */
  readonly leader: () => Promise<NodeName | null>;
  readonly step: FaultStep;
  /** Nodes whose server should be up as far as faults go (not killed or crashed by another lane). */
  readonly standing: () => readonly NodeName[];
  /** Where peers of the system listen, for reachability probes. */
  readonly peerPort: number;
  /** The last event told of a node's process: what the testbed saw, independently of asking it now. */
  readonly lastSeen: (node: NodeName) => NodeEvent | null;
  /** Calls back with each event from now on, until disposed: a server that starts again, a leader that is seen. */
  readonly onEvent: (listener: (event: RunEvent) => void) => Disposable;
  /** Whether the node serves now, as the system itself tells. Default: not known. */
  readonly serves?: (node: NodeName) => Promise<boolean>;
  /** Moments and methods of the system that are worth a fault. Default: none are known. */
  readonly catalogue?: TriggerCatalogue;
  /** How the system's members are changed; null when it cannot. */
  readonly membership: Membership | null;
  /** What the system must be told before nodes are replaced by another version. Default: nothing. */
  readonly allowVersion?: (version: string) => Promise<void>;
  /** How long `verifyHealed` may wait for connections over healed links to leave retransmission back-off. */
  readonly settleNanos: Nanoseconds;
}

/** A fault in the words of its documentation. */
export interface FaultAbout {
  /** What it needs: `root on the engine's host, strace`. */
  readonly needs: string;
  /** How it is verified: the independent observations. */
  readonly verified: string;
  /** How it is healed, and what heals it when the harness is gone. */
  readonly healed: string;
  /** Who else has it: `Jepsen, Chaos Mesh, Pumba`, or `nobody`. */
  readonly peers: string;
}

/** One parameter of a kind. */
export interface ParameterForm {
  /** What it means, with its unit. */
  readonly meaning: string;
  /** The value when it is left out, or in words how it is chosen. */
  readonly default: Value;
  /** What is wrong with a value, or null. */
  problem(value: Value): string | null;
  /** The nodes that a value which is right names, to be looked for among the cluster's. Default: none. */
  nodesOf?(value: Value): readonly NodeName[];
}

/** A kind of fault, registered by name. */
export interface Fault {
  readonly kind: string;
  /** One line for `faultline list faults`. */
  readonly summary: string;
  /** What the page of faults (docs/faults.md) tells of it besides. */
  readonly about?: FaultAbout;
  /** What a step may say of it. A step with another parameter is refused. Default: none, or not checked. */
  readonly parameters?: Readonly<Record<string, ParameterForm>>;
  /** What is wrong with parameters together that are right one by one, or null. Default: nothing. */
  readonly parametersProblem?: (parameters: Readonly<Record<string, Value>>) => string | null;
  /** What the cluster must be brought up with. Default: nothing. */
  readonly needs?: readonly ClusterNeed[];
  /** Selectors that make sense for it, the first being the default. */
  readonly selectors: readonly (Selector & string)[];
  /** Why it cannot be had on this cluster, or null. Skipped by name then. */
  unavailable(cluster: Cluster): string | null;
  /** As `unavailable`, by what else it may use. Default: nothing more is needed. */
  readonly unavailableIn?: (context: FaultContext) => string | null;
  /** Chooses its targets (by the step's selector and draw), without acting. Null: nothing fits now. */
  resolve(context: FaultContext): Promise<Targets | null>;
  /** Gets everything ready so that `fire` is one synchronous act. Nothing is broken yet. */
  prepare(context: FaultContext, targets: Targets): Promise<Armed>;
}

export interface Targets {
  readonly nodes: readonly NodeName[];
  readonly claims: readonly Claim[];
  /** A server of these nodes that ends by itself does so because of the fault: its disk fails it. Default: false. */
  readonly endsServers?: boolean;
  /** Anything else resolved (links cut, a bridge node), recorded. */
  readonly detail?: Value;
}

/** A fault that is ready. */
export interface Armed {
  /** Undo data for the guardian and the janitor: what to put right if the harness dies now. Plain JSON. */
  readonly undo: Undo;
  /** Acts. Synchronous, called where the trigger is seen; work that takes time goes on behind it. */
  fire(): void;
  /** Settles when the act that `fire` began is known to be done, or has failed. Default: with the first `verify`. */
  done?(): Promise<void>;
  /** Whether it took effect: resolves within its bound, called right after firing and again just before healing. */
  verify(): Promise<Verification>;
  heal(): Promise<void>;
  verifyHealed(): Promise<Verification>;
  /** Lets go of what was made ready, when it is never fired. Default: nothing to let go of. */
  disarm?(): void;
}

/** One line of `faults.jsonl`. `intended` lines of equal seeds are byte-identical. */
export type FaultRecord =
  | { readonly state: 'intended'; readonly step: FaultStep }
  | {
      readonly state: Exclude<FaultState, 'intended'>;
      readonly id: string;
      readonly notBefore: Nanoseconds;
      readonly notAfter: Nanoseconds;
      readonly targets?: Targets;
      readonly undo?: Undo;
      /** When the guardian heals it though the harness lives: it has hung. In run time. */
      readonly deadline?: Nanoseconds;
      readonly observations?: readonly Observation[];
      readonly reason?: string;
      /**
       * Of `verified`: from `fire` until the act was known to be done (for a fault that cannot tell: until it was seen
       * in effect). Of `healed`: how long healing took, without looking whether it helped.
       */
      readonly tookNanos?: Nanoseconds;
      /** Who healed it in the harness's place, after its end or while it hung. Absent: the harness. */
      readonly by?: 'guardian' | 'janitor';
    };

/** A named probe of a system: is this true of the node now? */
export type Probe = (
  cluster: Cluster,
  node: NodeName | undefined,
  signal: AbortSignal,
) => Promise<boolean>;

/** What triggers watch: the run as it happens. */
export interface RunFeed {
  onOperation(listener: (operation: import('./operation.ts').Operation) => void): Disposable;
  onEvent(listener: (event: RunEvent) => void): Disposable;
  onFault(listener: (record: FaultRecord) => void): Disposable;
}

/**
 * A nemesis package: kinds that go together, how to draw a random schedule of them, and how they are drawn in plots.
 */
export interface NemesisPackage {
  /** `kill`, `pause`, `partition`, `crash`: the word for `--faults`. */
  readonly name: string;
  readonly summary: string;
  readonly kinds: readonly Fault[];
  /** CSS colour of its bands. */
  readonly colour: string;
  /** Draws one step's kind, selector and parameters. Pure in the draws. */
  draw(draws: import('./random.ts').Draws, nodes: readonly NodeName[]): DrawnStep;
  /** What the first step of a random schedule is, whatever is drawn. Default: drawn like the others. */
  readonly first?: DrawnStep;
  /** How long after the calm beginning the first step comes, in mean intervals [from, to). Default: [0, 0.2]. */
  readonly firstDelay?: readonly [number, number];
  /** Its mean interval as a multiple of the schedule's. Default: 1. */
  readonly pace?: number;
  /** Draws all steps of a span at once, for steps that wait for each other. Default: one lane of steps by `draw`. */
  readonly chains?: (request: ChainRequest) => readonly FaultStep[];
  /** Whether a system of which this is known can have its faults, for random mixes. Default: any can. */
  readonly suits?: (moments: Moments) => boolean;
}

/** What a package is told that draws all steps of a span at once. */
export interface ChainRequest {
  readonly draws: import('./random.ts').Draws;
  readonly nodes: readonly NodeName[];
  /** Between these times after the main phase began faults may be active. */
  readonly span: { readonly from: Nanoseconds; readonly to: Nanoseconds };
  /** What the ids of the steps begin with. */
  readonly prefix: string;
  readonly moments: Moments;
  /** `keep`: at no moment may a majority of the nodes be lost. */
  readonly quorum: 'any' | 'keep';
}

/** What is known of the system that triggers can be drawn from. */
export interface Moments {
  /** Null: nothing is known. */
  readonly catalogue: TriggerCatalogue | null;
  /** Names of its probes. */
  readonly probes: readonly string[];
}

/** The drawn part of a random step. */
export type DrawnStep = Pick<FaultStep, 'kind' | 'selector' | 'parameters'>;

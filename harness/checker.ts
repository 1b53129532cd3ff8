/**
 * Checkers judge a recorded run: history, events and faults in, verdict with evidence out. Pure. Named by module and
 * export with plain options, so that a worker thread can load them and a stored run can be judged again.
 */
import type { RunEvent } from './event.ts';
import type { FaultRecord } from './nemesis.ts';
import type { Nanoseconds, NodeName, Operation, Value } from './operation.ts';
import type { QuorumGroup } from './roles.ts';

export type Validity = 'valid' | 'unknown' | 'invalid';

/** Why a verdict is unknown. */
export type UnknownReason =
  'vacuous' | 'budget' | 'starved' | 'harness-failure' | 'interrupted' | 'not-healed';

export interface Verdict {
  readonly valid: Validity;
  /** One sentence. */
  readonly summary: string;
  /** Set when unknown. */
  readonly reason?: UnknownReason;
  /** What was broken, with proof; required when invalid. */
  readonly anomalies?: readonly Anomaly[];
  /** Figures for the report: counts, latencies. */
  readonly figures?: Readonly<Record<string, Value>>;
}

/** A guarantee broken, in words, with the operations that prove it. */
export interface Anomaly {
  /** Short stable name: `nonlinearizable`, `lost-acknowledged-write`, `no-service-after-heal`. */
  readonly name: string;
  /** The guarantee broken, as a sentence. */
  readonly guarantee: string;
  /** Why no order of the operations works (or what was seen instead), in words. */
  readonly explanation: string;
  /** Indexes into history.jsonl, the proof. */
  readonly operations: readonly number[];
  /** Ids of the faults active at the time. */
  readonly faults: readonly string[];
  /** The node that it is about, where it is about one. */
  readonly node?: NodeName;
  /** The issue that it is, where it is listed (System.knownIssues); set by the harness, never by a checker. */
  readonly known?: { readonly issue: string; readonly link: string };
  /** Of a cycle: which operation comes before which, by the indexes of their invocations, and why. */
  readonly edges?: readonly {
    readonly from: number;
    readonly to: number;
    readonly because: string;
  }[];
  /** Index of the line with which no order was left: everything before it is legal. */
  readonly legalPrefix?: number;
  /** When, for the report's time axis. */
  readonly from?: Nanoseconds;
  readonly to?: Nanoseconds;
}

/** Everything recorded of a run, as checkers see it. */
export interface RecordedRun {
  readonly history: readonly Operation[];
  readonly events: readonly RunEvent[];
  readonly faults: readonly FaultRecord[];
  /** From spec.json: what checkers may need of it. */
  readonly facts: RunFacts;
}

export interface RunFacts {
  readonly nodes: readonly string[];
  /** What service needs, where nodes have roles. Default: a majority of the nodes. */
  readonly quorumGroups?: readonly QuorumGroup[];
  readonly concurrency: number;
  /** `f`s that are pure reads. */
  readonly reads: readonly string[];
  /** Directory with node logs (`nodes/<node>/…`), null when none were kept. */
  readonly directory: string | null;
  /** Bound on service after heal, in milliseconds. */
  readonly recoveryMs: number;
  /** The run did not end in good order and its journals were cut: to be judged for safety only. Default: false. */
  readonly cutOff?: boolean;
}

export interface CheckBudget {
  /** Wall time a checker may take. Default: 60 000 ms. */
  readonly timeMs: number;
  /**
   * Milliseconds since the check began. Given by the judge, so that checkers need not read a clock.
   * Default: searches count steps instead, which makes their verdict a pure function of the history.
   */
  readonly elapsedMs?: () => number;
}

export type Check = (
  run: RecordedRun,
  options: Readonly<Record<string, Value>>,
  budget: CheckBudget,
) => Verdict;

/**
 * A checker by reference: `module` is an absolute URL, or one of our own (see ownChecker); `export` is of type Check.
 */
export interface CheckerRef {
  readonly name: string;
  readonly module: string;
  readonly export: string;
  readonly options?: Readonly<Record<string, Value>>;
  /** An export of type OnlineCheck of the same module, for judging while the run goes on. Default: none. */
  readonly online?: string;
  /** The system does not promise what is checked: what breaks it is told, and is not invalid. Default: promised. */
  readonly documented?: NotPromised;
}

/** A guarantee that a system's own documentation does not give. */
export interface NotPromised {
  /** What it is weaker than: `a lock that excludes its former holders`. */
  readonly weakerThan: string;
  /** Where the documentation says so. */
  readonly source: string;
}

/**
 * Judges operations as they are recorded, keeping only what the future needs. Of prefix-closed properties alone: what it
 * accuses stays wrong whatever comes later, pending and crashed operations included.
 */
export interface OnlineJudge {
  /** The next line of the history. @returns the first violation, once. */
  add(operation: Operation): Anomaly | null;
}

export type OnlineCheck = (options: Readonly<Record<string, Value>>) => OnlineJudge;

const RANK: Record<Validity, number> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst of several validities: invalid, then unknown, then valid. */
export function worst(validities: readonly Validity[]): Validity {
  return validities.reduce<Validity>((a, b) => (RANK[b] > RANK[a] ? b : a), 'valid');
}

/** The folder that holds harness/, checkers/ … (of the sources, or of what was compiled from them). */
const ROOT = new URL('../', import.meta.url).href;
const OWN = 'faultline:';

/**
 * A reference to a checker of this project, by its place in it, so that a run recorded on one machine can be judged
 * again on another.
 * @param path `checkers/set`, without extension. @param name the exported function.
 * @param online the export that judges while the run goes on. Default: none.
 */
export function ownChecker(
  path: string,
  name: string,
  options?: Readonly<Record<string, Value>>,
  online?: string,
): CheckerRef {
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    module: OWN + path,
    export: name,
    ...(options === undefined ? {} : { options }),
    ...(online === undefined ? {} : { online }),
  };
}

/** The URL to import a reference's module from, in this installation. */
export function moduleUrl(ref: CheckerRef): string {
  if (!ref.module.startsWith(OWN)) return ref.module;
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return ROOT + ref.module.slice(OWN.length) + extension;
}

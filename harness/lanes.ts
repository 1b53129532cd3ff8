/**
 * Fault lanes: steps of one lane run one after another, lanes overlap. What two lanes may not do at once is settled by
 * claims (claims.ts); what happens to one step is in step-run.ts.
 *
 * How a step's records read: `intended`, then `skipped` (never fired), or `armed`, `fired`, `verified`, `healing`,
 * `healed`. `failed` before `healing`: it did not take effect (and is healed at once, as it may have acted in part);
 * `failed` after `healing`: it is still in effect.
 */
import { ClaimTable } from './claims.ts';
import type { Clock } from './clock.ts';
import { Ending } from './ending.ts';
import type { EventSink } from './event.ts';
import { FaultLog } from './fault-log.ts';
import type { Feed } from './feed.ts';
import type { Membership } from './membership.ts';
import type { Fault, FaultContext, FaultRecord, FaultStep, Probe } from './nemesis.ts';
import { SECOND, type Nanoseconds, type NodeName } from './operation.ts';
import type { Random } from './random.ts';
import { Sightings } from './sightings.ts';
import type { TriggerCatalogue } from './system.ts';
import { isBug, StepRun, type StepBounds, type StepEnvironment } from './step-run.ts';
import type { Cluster } from './testbed.ts';

export interface LaneOptions {
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly random: Random;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly feed: Feed;
  /** Journals a record; for `armed` it settles when the record is on disk (undo data comes before the act). */
  readonly record: (record: FaultRecord) => void | Promise<void>;
  readonly events: EventSink;
  readonly leader: () => Promise<NodeName | null>;
  readonly probes: Readonly<Record<string, Probe>>;
  readonly peerPort: number;
  /** Whether a node serves, as the system itself tells. Default: not known. */
  readonly serves?: (node: NodeName) => Promise<boolean>;
  /** What of the system is worth a fault. Default: nothing is known. */
  readonly catalogue?: TriggerCatalogue;
  /** How members are changed. Default: they cannot be. */
  readonly membership?: Membership;
  /** What the system must be told before nodes are replaced by another version. Default: nothing. */
  readonly allowVersion?: (version: string) => Promise<void>;
  /** How long the main phase lasts at most, for the deadlines of faults. Default: not known. */
  readonly mainPhase?: Nanoseconds;
  /** How long a fault may take to be seen in effect. Default: 2 s (links need packets). */
  readonly verifyNanos?: Nanoseconds;
  /** How long a healed fault may take to be seen gone. Default: 15 s. */
  readonly verifyHealedNanos?: Nanoseconds;
  /** How long connections over healed links may take to leave back-off. Default: 15 s. */
  readonly settleNanos?: Nanoseconds;
  /** How long a leader that is not known is waited for. Default: 3 s. */
  readonly roleNanos?: Nanoseconds;
  /** Told at once of a bug of ours, for a run that is to stop. Default: it is found in `failure`. */
  readonly failed?: (error: Error) => void;
}

/** How it all ended. */
export interface LaneOutcome {
  /** Ids of faults of ours that are still measurably in effect. */
  readonly notHealed: readonly string[];
  readonly verified: readonly string[];
  readonly skipped: readonly StepReason[];
  /** Fired without effect, or not healed. */
  readonly failed: readonly StepReason[];
  /** A bug of ours, or a journal that could not be written. */
  readonly failure: Error | null;
}
export interface StepReason {
  readonly id: string;
  readonly reason: string;
}

interface Lane {
  readonly queue: StepRun[];
  busy: boolean;
  base: Nanoseconds;
  done: Promise<void>;
}

export class FaultLanes {
  /** The first bug of ours that a fault, a trigger or the journal showed. */
  failure: Error | null = null;
  readonly #options: LaneOptions;
  readonly #origin: Nanoseconds;
  readonly #claims = new ClaimTable();
  readonly #ending = new Ending();
  readonly #sightings: Sightings;
  readonly #log: FaultLog;
  readonly #environment: StepEnvironment;
  readonly #lanes = new Map<string, Lane>();
  readonly #runs: StepRun[] = [];
  readonly #ids = new Set<string>();
  readonly #idle: (() => void)[] = [];

  /** The main phase begins now: `at` triggers count from here. */
  constructor(options: LaneOptions) {
    this.#options = options;
    this.#origin = options.clock.now();
    this.#sightings = new Sightings(options.feed);
    this.#log = new FaultLog({ record: options.record, feed: options.feed, failed: this.#failed });
    this.#environment = this.#makeEnvironment();
  }

  /** Everything recorded of faults so far. */
  get log(): readonly FaultRecord[] {
    return this.#log.records;
  }

  /** Ids of steps that fired and are not yet healed. */
  active(): readonly string[] {
    return this.#runs.filter((run) => run.active).map((run) => run.step.id);
  }

  /** Hands a step to its lane. After `end` it is recorded as skipped. */
  enqueue(step: FaultStep): void {
    void this.#log.write({ state: 'intended', step }); // Never rejects.
    if (this.#ids.has(step.id)) {
      return this.#failed(
        new Error(`fault step id "${step.id}" is used twice; ids must be unique`),
      );
    }
    this.#ids.add(step.id);
    const run = new StepRun(step, this.#environment);
    this.#runs.push(run);
    const lane = this.#lane(step.lane);
    lane.queue.push(run);
    if (!lane.busy) lane.done = this.#work(lane);
  }

  /**
   * Settles when nothing more happens before the end: every step handed over has ended, or waits for the end to
   * heal. Never, while no step was handed over.
   */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  /** Ends the main phase: what waits is skipped, what is in effect is healed and seen healed. Never rejects. */
  async end(): Promise<LaneOutcome> {
    this.#ending.begin();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.done));
    for (const run of this.#runs) await run.healAgain();
    this.#sightings[Symbol.dispose]();
    return {
      notHealed: this.#runs.filter((run) => run.notHealed).map((run) => run.step.id),
      verified: this.log.flatMap((record) => (record.state === 'verified' ? [record.id] : [])),
      skipped: this.#reasons('skipped'),
      failed: this.#reasons('failed'),
      failure: this.failure,
    };
  }

  #reasons(state: 'skipped' | 'failed'): readonly StepReason[] {
    return this.log.flatMap((record) =>
      record.state === state ? [{ id: record.id, reason: record.reason ?? '' }] : [],
    );
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane = { queue: [], busy: false, base: this.#origin, done: Promise.resolve() };
    this.#lanes.set(name, lane);
    return lane;
  }

  async #work(lane: Lane): Promise<void> {
    lane.busy = true;
    for (let run = lane.queue.shift(); run !== undefined; run = lane.queue.shift()) {
      await run.run(lane.base);
      lane.base = this.#options.clock.now();
    }
    lane.busy = false;
  }

  #tellIdle(): void {
    if (this.#runs.length === 0) return;
    const blocked = (run: StepRun): boolean => run.resting || this.#waitsBehindResting(run);
    if (!this.#runs.every(blocked)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** A step whose lane is held until the end by the one before it. */
  #waitsBehindResting(run: StepRun): boolean {
    if (this.#lanes.get(run.step.lane)?.queue.includes(run) !== true) return false;
    return this.#runs.some(
      (other) => other.step.lane === run.step.lane && other.active && other.resting,
    );
  }

  readonly #failed = (error: Error): void => {
    this.failure ??= error;
    this.#options.failed?.(error);
  };

  #makeEnvironment(): StepEnvironment {
    const { clock, cluster, feed, events, faults, probes, mainPhase } = this.#options;
    return {
      clock,
      mainEnd: mainPhase === undefined ? undefined : this.#origin + mainPhase,
      faults,
      claims: this.#claims,
      log: this.#log,
      triggers: {
        clock,
        cluster,
        feed,
        events,
        probes,
        sightings: this.#sightings,
        ending: this.#ending,
        origin: this.#origin,
        reached: this.#log.reached,
      },
      context: (step) => this.#context(step),
      bounds: this.#bounds(),
      failed: this.#failed,
      changed: () => this.#tellIdle(),
    };
  }

  #bounds(): StepBounds {
    const { verifyNanos, verifyHealedNanos, settleNanos, roleNanos } = this.#options;
    return {
      verifyNanos: verifyNanos ?? 2 * SECOND,
      verifyHealedNanos: verifyHealedNanos ?? 15 * SECOND,
      settleNanos: settleNanos ?? 15 * SECOND,
      roleNanos: roleNanos ?? 3 * SECOND,
    };
  }

  #context(step: FaultStep): FaultContext {
    const { cluster, clock, random, events, peerPort, feed, membership } = this.#options;
    const { catalogue, serves, allowVersion } = this.#options;
    return {
      ...(catalogue === undefined ? {} : { catalogue }),
      ...(serves === undefined ? {} : { serves }),
      ...(allowVersion === undefined ? {} : { allowVersion }),
      cluster,
      clock,
      random,
      events,
      peerPort,
      step,
      leader: () => this.#leader(),
      standing: () => this.#standing(step),
      onEvent: (listener) => feed.onEvent(listener),
      membership: membership ?? null,
      lastSeen: (node) => this.#sightings.node(node),
      settleNanos: this.#environment.bounds.settleNanos,
    };
  }

  /** A question that nobody answers is "not known"; a bug in asking it is ours. */
  async #leader(): Promise<NodeName | null> {
    try {
      return await this.#options.leader();
    } catch (error) {
      if (isBug(error)) throw error;
      return null;
    }
  }

  #standing(step: FaultStep): readonly NodeName[] {
    const others = this.#claims.held().filter(({ owner }) => owner !== step.id);
    const taken = others.flatMap(({ claims }) =>
      claims.filter((claim) => claim.resource === 'process'),
    );
    const nodes = this.#options.cluster.nodes.map((node) => node.name);
    return nodes.filter((node) => !taken.some((claim) => claim.node === node));
  }
}

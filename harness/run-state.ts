/**
 * What the phases of one run share: its journals, its cluster once it is up, what went wrong.
 */
import type { Clock, Timer } from './clock.ts';
import type { RunFacts } from './checker.ts';
import type { EventSink, RunEvent } from './event.ts';
import { Feed } from './feed.ts';
import { Recorder } from './history.ts';
import type { FaultRecord } from './nemesis.ts';
import type { OnlineJudging } from './online/online-judging.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from './operation.ts';
import { type Random, seededRandom } from './random.ts';
import { quorumGroups } from './roles.ts';
import { type Journal, openStore, type RunStore } from './store.ts';
import type { TestSpec } from './test.ts';
import type { Cluster } from './testbed.ts';
import type { Driving } from './phases/drive.ts';

const FLUSH_PERIOD = 100 * MILLISECOND;

export class RunState {
  readonly spec: TestSpec;
  readonly interrupt: AbortSignal;
  readonly store: RunStore;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly feed = new Feed();
  readonly began: Nanoseconds;
  /** Null until brought up, and again when removed. */
  cluster: Cluster | null = null;
  /** Clients, fault lanes and observers while they run. */
  driving: Driving | null = null;
  /** Judging while the run goes on; null where no checker can, and of runs kept in memory. */
  online: OnlineJudging | null = null;
  /** Aborted with the first violation found online, where the run is to end with it. */
  readonly violated = new AbortController();
  /** The first thing that went wrong in the harness itself. */
  failure: Error | null = null;
  /** Aborted with the first failure: the main phase ends then. */
  readonly failing = new AbortController();
  /** Ids of faults that are still measurably in effect after healing. */
  notHealed: readonly string[] = [];
  leftovers: readonly string[] = [];
  phase = 'begin';
  readonly #eventJournal: Journal;
  readonly #faultJournal: Journal;
  #phaseBegan: Nanoseconds = 0;
  #flushTimer: Timer | null = null;
  #closed = false;

  constructor(spec: TestSpec, interrupt: AbortSignal, store: RunStore) {
    this.spec = spec;
    this.interrupt = interrupt;
    this.store = store;
    this.random = seededRandom(spec.seed);
    this.#eventJournal = store.journal('events.jsonl');
    this.#faultJournal = store.journal('faults.jsonl');
    this.recorder = new Recorder({
      journal: store.journal('history.jsonl'),
      clock: spec.clock,
      listeners: this.feed.operations,
    });
    this.began = spec.clock.now();
    if (!spec.clock.simulated) this.#flushRegularly(spec.clock);
  }

  /** Journals an event and hands it to whoever waits for one. */
  readonly events: EventSink = (event: RunEvent): void => {
    if (this.#closed) return;
    try {
      this.#eventJournal.append(JSON.stringify(event));
      this.feed.publishEvent(event);
    } catch (error) {
      this.fail(error); // A full disk, or a bug in a trigger; whoever tells of an event can do nothing about it.
    }
  };

  /** Journals a fault record; an `armed` one is on disk before the fault may fire. */
  readonly recordFault = async (record: FaultRecord): Promise<void> => {
    if (this.#closed) return;
    this.#faultJournal.append(JSON.stringify(record));
    // Nothing in a simulated run waits for real I/O; there is nothing real to undo either.
    if (record.state === 'armed' && !this.spec.clock.simulated) await this.#faultJournal.sync();
  };

  interrupted(): boolean {
    return this.interrupt.aborted;
  }

  /** What a phase threw. Being interrupted is no failure; that the process itself has a bug is one. */
  phaseThrew(error: unknown): void {
    const { reason } = this.interrupt as { reason: unknown };
    if (this.interrupted() && (error === reason || isAbort(error))) return;
    this.fail(error);
  }

  /** Keeps the first failure; every one goes to run.log. */
  fail(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(`thrown: ${String(error)}`);
    if (failure === this.failure) return;
    this.log(`failure in phase "${this.phase}": ${failure.stack ?? failure.message}`);
    this.failure ??= failure;
    this.failing.abort(this.failure);
  }

  log(line: string): void {
    this.store.log(line);
  }

  say(line: string): void {
    this.log(line);
    this.spec.progress.say(line);
  }

  beginPhase(phase: string): void {
    const now = this.spec.clock.now();
    this.phase = phase;
    this.#phaseBegan = now;
    this.log(`phase: ${phase}`);
    this.events({ type: 'phase', phase, notBefore: now, notAfter: now });
    this.spec.progress.phaseBegan(phase);
  }

  endPhase(phase: string): void {
    const took = this.spec.clock.now() - this.#phaseBegan;
    this.log(`phase ended: ${phase} after ${(took / SECOND).toFixed(2)} s`);
    this.spec.progress.phaseEnded(phase, took);
  }

  /** Everything recorded is on its way to disk; nothing is recorded afterwards. */
  closeJournals(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#flushTimer?.cancel();
    this.store.close();
  }

  #flushRegularly(clock: Clock): void {
    this.#flushTimer = clock.at(clock.now() + FLUSH_PERIOD, () => {
      try {
        this.store.flush(clock.now());
      } catch (error) {
        // The first time counts: it is tried again, and must not fill the log.
        if (this.failure === null) this.fail(error);
        this.driving?.stop();
      }
      if (!this.#closed) this.#flushRegularly(clock);
    });
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Opens the run directory and writes down what is intended. */
export async function beginRun(spec: TestSpec, interrupt: AbortSignal): Promise<RunState> {
  const store = openStore({
    runsDirectory: spec.runsDirectory,
    test: spec.name,
    wallMillis: spec.clock.wallMillis(),
    seed: spec.seed,
    clock: spec.clock,
  });
  const state = new RunState(spec, interrupt, store);
  state.say(`seed ${spec.seed}`);
  if (store.directory !== null) state.say(`run ${store.directory}`);
  store.writeJson('spec.json', {
    ...spec.description,
    facts: factsOf(spec, null),
    checkers: [...spec.workload.checkers, ...spec.checkers],
    began: { wallMillis: spec.clock.wallMillis(), monotonicNanos: state.began },
  });
  return state;
}

/** Said only where nodes have roles. */
function groupsOf({ system, systemOptions }: TestSpec): Pick<RunFacts, 'quorumGroups'> {
  const roles = system.roles?.(systemOptions);
  return roles === undefined ? {} : { quorumGroups: quorumGroups(roles, systemOptions.nodes) };
}

/** What checkers need to know of the spec. */
export function factsOf(spec: TestSpec, directory: string | null): RunFacts {
  return {
    nodes: spec.systemOptions.nodes,
    ...groupsOf(spec),
    concurrency: spec.concurrency,
    reads: spec.workload.reads,
    directory,
    recoveryMs: spec.recoveryLimit / MILLISECOND,
  };
}

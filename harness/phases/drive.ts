/** The main phase: clients, faults and observers together; then healing, and recovery under load. */
import { bounded } from '../bounded.ts';
import { timeLimit } from '../generators/time-limit.ts';
import type { Generator } from '../generator.ts';
import { interpret, type InterpretResult } from '../interpreter.ts';
import { FaultLanes } from '../lanes.ts';
import { OnlineJudging, watched } from '../online/online-judging.ts';
import { MILLISECOND, SECOND, type Nanoseconds, type NodeName } from '../operation.ts';
import { observe, type Observation } from '../observers.ts';
import { clientNodes } from '../roles.ts';
import type { RunState } from '../run-state.ts';
import type { TestSpec } from '../test.ts';
import { watchHarness } from '../watch.ts';
import { clusterOf, isReady } from './bring-up.ts';

const STATUS_PERIOD = 250 * MILLISECOND;
const RECOVERY_POLL = 50 * MILLISECOND;

/** What runs from the main phase until the final reads. */
export interface Driving {
  readonly lanes: FaultLanes;
  readonly observation: Observation;
  readonly watch: Disposable;
  /** Settles when the clients ended. */
  readonly clients: Promise<InterpretResult>;
  /** No new operations; what is outstanding is drained. */
  stop(): void;
}

/** Starts everything, and returns when the main phase is over. Clients go on through healing and recovery. */
export async function drive(state: RunState): Promise<void> {
  state.online = judgeOnline(state);
  const driving = startDriving(state);
  state.driving = driving;
  const status = startStatus(state, driving.lanes);
  try {
    await mainPhase(state, driving);
  } finally {
    status[Symbol.dispose]();
  }
}

/** Null where no checker can judge online, and in virtual time, where nothing waits for a thread. */
function judgeOnline(state: RunState): OnlineJudging | null {
  const { spec, store } = state;
  const checkers = watched([...spec.workload.checkers, ...spec.checkers]);
  if (checkers.length === 0 || store.directory === null || spec.clock.simulated) return null;
  return new OnlineJudging({
    checkers,
    history: store.path('history.jsonl'),
    clock: spec.clock,
    log: (line) => state.log(line),
    violated: ({ checker, anomaly, operation }) => {
      state.say(`violation: ${anomaly.name} (${checker}), certain with line ${operation}`);
      const now = spec.clock.now();
      const value = { checker, anomaly: anomaly.name, operation };
      state.events({ type: 'noted', name: 'violation', value, notBefore: 0, notAfter: now });
      if (spec.stopAtFirstViolation === true) state.violated.abort(new Error('a violation'));
    },
  });
}

function startDriving(state: RunState): Driving {
  const { spec } = state;
  const cluster = clusterOf(state);
  const lanes = new FaultLanes({
    clock: spec.clock,
    cluster,
    random: state.random,
    faults: spec.faults,
    feed: state.feed,
    record: state.recordFault,
    mainPhase: spec.timeLimit,
    events: state.events,
    leader: () => leaderNow(state),
    serves: (node) => isReady(state, cluster.node(node)),
    probes: spec.system.probes,
    peerPort: spec.system.peerPort,
    ...(spec.system.catalogue === undefined ? {} : { catalogue: spec.system.catalogue }),
    ...(spec.system.membership === undefined ? {} : { membership: spec.system.membership }),
    allowVersion: async (version) => spec.system.allowVersion?.(cluster, version, spec.clock),
    failed: (error) => state.fail(error),
  });
  // All at once and first: `intended` records of equal seeds are byte-identical, however short the run.
  for (const step of spec.schedule) lanes.enqueue(step);
  const stopping = new AbortController();
  const running = interpret({
    clock: spec.clock,
    random: state.random,
    generator: mainGenerator(state),
    concurrency: spec.concurrency,
    nodes: clientNodes(spec.system.roles?.(spec.systemOptions) ?? null, spec.systemOptions.nodes),
    client: () => spec.system.client(cluster, spec.workload.name),
    reads: new Set(spec.workload.reads),
    deadlineNanos: spec.deadline,
    recorder: state.recorder,
    faults: lanes,
    stop: stopping.signal,
  });
  return {
    lanes,
    observation: observe({
      clock: spec.clock,
      events: state.events,
      nodes: cluster.nodes,
      observers: [...spec.system.observers, ...(spec.workload.observers ?? [])],
      failed: (error) => state.fail(error),
    }),
    watch: watchHarness({ clock: spec.clock, events: state.events }),
    clients: running,
    stop: () => stopping.abort(new Error('the main phase is over')),
  };
}

/** The workload goes on through recovery, so that recovery is judged by operations. */
function mainGenerator(state: RunState): Generator {
  const { spec } = state;
  const bound = spec.timeLimit + spec.recoveryLimit + 120 * SECOND;
  return timeLimit(bound, spec.workload.generator);
}

/** Until the time limit, the end of the schedule where that is asked, an interruption, a violation or a failure. */
async function mainPhase(state: RunState, driving: Driving): Promise<void> {
  const { spec } = state;
  const over = new AbortController();
  const end = (): void => over.abort(new Error('main phase over'));
  // Not AbortSignal.any: what hangs on such a signal outlives many simulated runs.
  const causes = [state.interrupt, state.failing.signal, state.violated.signal];
  if (causes.some(({ aborted }) => aborted)) end();
  for (const cause of causes) cause.addEventListener('abort', end, { once: true });
  const ends: Promise<unknown>[] = [
    spec.clock.sleep(spec.timeLimit, over.signal).catch(() => null),
  ];
  if (spec.endWithSchedule) ends.push(restAfter(driving, spec));
  ends.push(failureOf(driving));
  await Promise.race(ends);
  end();
  for (const cause of causes) cause.removeEventListener('abort', end);
}

async function restAfter({ lanes }: Driving, { clock, rest = 0 }: TestSpec): Promise<void> {
  await lanes.idle();
  if (rest > 0) await clock.sleep(rest);
}

/** Settles only when the clients failed; a generator that merely ended does not end the phase. */
async function failureOf(driving: Driving): Promise<void> {
  const { failure } = await driving.clients;
  if (failure === null) await new Promise<never>(() => undefined);
}

function leaderNow(state: RunState): Promise<NodeName | null> {
  const { clock, system } = state.spec;
  return bounded(clock, SECOND, 'no leader told in time', (signal) =>
    system.leader(clusterOf(state), signal),
  );
}

function startStatus(state: RunState, lanes: FaultLanes): Disposable {
  const { clock, progress } = state.spec;
  const began = clock.now();
  let stopped = false;
  const tick = (): void => {
    if (stopped) return;
    const { ok, fail, info } = state.recorder.counts;
    progress.status({
      phase: state.phase,
      elapsed: clock.now() - began,
      ok,
      fail,
      info,
      faults: lanes.active(),
    });
    clock.at(clock.now() + STATUS_PERIOD, tick);
  };
  if (!clock.simulated) tick();
  return { [Symbol.dispose]: () => void (stopped = true) };
}

/** Ends the schedule: whatever is in effect is healed, and the healing verified. */
export async function heal(state: RunState): Promise<void> {
  if (state.driving === null) return;
  const outcome = await state.driving.lanes.end();
  state.notHealed = outcome.notHealed;
  if (outcome.failure !== null) state.fail(outcome.failure);
}

/**
 * Waits, at most `recoveryLimit`, until every node serves again, with clients still running; a system that does not
 * is judged (liveness), not waited for.
 */
export async function recover(state: RunState): Promise<void> {
  if (state.driving === null) return;
  const began = state.spec.clock.now();
  const waiting = await stillWaiting(state, began + state.spec.recoveryLimit);
  state.events({
    type: 'noted',
    name: 'recovery',
    value: { recovered: waiting.length === 0, waitingFor: waiting },
    notBefore: began,
    notAfter: state.spec.clock.now(),
  });
  if (waiting.length > 0) state.say(`not serving after heal: ${waiting.join(', ')}`);
  state.driving.stop();
  const result = await state.driving.clients;
  if (result.failure !== null) state.fail(result.failure);
}

/** Nodes that do not serve by `limit`. */
async function stillWaiting(state: RunState, limit: Nanoseconds): Promise<readonly NodeName[]> {
  const { clock } = state.spec;
  for (;;) {
    const nodes = clusterOf(state).nodes;
    const ready = await Promise.all(nodes.map((node) => isReady(state, node)));
    const waiting = nodes.filter((_, index) => ready[index] === false).map((node) => node.name);
    // After a failure of ours recovery is not judged.
    const over = state.interrupted() || state.failure !== null || clock.now() >= limit;
    if (waiting.length === 0 || over) return waiting;
    await clock.sleep(RECOVERY_POLL);
  }
}

/**
 * Re-registration: soft state lost with a master comes back. A worker that the events prove (pessimistic edges) to be
 * alive and linked both ways with all of a live and linked quorum for T is listed by every serving master of that quorum,
 * once, with all its soft state.
 *
 * T begins anew with each change of leader, and is prolonged by what the harness itself was held up; around long stalls
 * nothing is judged. From when nodes came up or were linked anew it is also prolonged by what the harness waited for a
 * processor (starvation.ts). Values are compared only where the worker declared the same all the time. Unknown is never
 * false: a failed poll accuses nobody.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { WorkerState } from '../../harness/event.ts';
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { flagOption, namesOption, numberOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { leadershipChanges } from '../membership/leaderships.ts';
import { intersect, linkedIntervals, liveIntervals, quorumWindows } from '../quorum-windows.ts';
import type { Interval, QuorumWindows } from '../quorum-windows.ts';
import { MAIN_PHASE, runBounds } from '../run-bounds.ts';
import { settledSince } from '../settled-since.ts';
import { STALL_BOUND_MS, Stalls } from '../stalls.ts';
import { span, when } from '../time-text.ts';
import { identityOf, listOf } from '../value-text.ts';
import { groupWindows, hostChanges } from './process-group.ts';
import { starvation } from './starvation.ts';
import { differingState, missingState, stateText, workerStates } from './worker-states.ts';

/**
 * - `recoveryMs`: T. Default: the run's own, facts.recoveryMs.
 * - `masters`: the nodes that quorums are made of. Default: all nodes.
 * - `oneGroup`: the nodes are one process group, which goes on only as a whole: what holds it up is in process-group.ts.
 *   Default: false.
 * - `stallBoundMs`: a stall of the harness so long excuses the time around it. Default: 750.
 * - `required`: a run with no view that could be judged is unknown; default true; false: it is valid.
 * - `mainPhase`: the phase from whose beginning all nodes count as up. Default: 'drive'.
 */
interface ReRegistrationOptions {
  readonly recovery: Nanoseconds;
  readonly masters: readonly NodeName[];
  readonly oneGroup: boolean;
  readonly stallBound: Nanoseconds;
  readonly mainPhase: Value;
}

/** A view that came late enough to be held against the master. */
interface JudgedView {
  readonly state: WorkerState;
  /** Since when the worker, the quorum and the leader had been there. */
  readonly since: Nanoseconds;
  /** T, prolonged by what the harness was held up. */
  readonly bound: Nanoseconds;
  readonly quorum: readonly NodeName[];
}

const MOST_TOLD = 10;

export const checkReRegistration: Check = (run, options): Verdict => {
  if (run.facts.cutOff === true) {
    const summary = 'the run was cut off: judged for safety only';
    return { valid: 'unknown', reason: 'interrupted', summary };
  }
  const resolved = reRegistrationOptions(run, options);
  const stalls = new Stalls(run.events, resolved.stallBound);
  if (stalls.suspended) {
    const summary = 'the machine was suspended: times say nothing';
    return { valid: 'unknown', reason: 'starved', summary };
  }
  const { views, starved } = judgedViews(run, resolved, stalls);
  const faults = views.flatMap((view) => {
    const fault = faultOf(view, run);
    return fault === null ? [] : [{ view, ...fault }];
  });
  const figures = { views: workerStates(run.events).length, judged: views.length };
  if (faults.length > 0) {
    const firsts = new Map(
      faults.map((fault) => [`${fault.name} ${fault.view.state.worker}`, fault] as const).reverse(),
    );
    const anomalies = [...firsts.values()]
      .reverse()
      .slice(0, MOST_TOLD)
      .map(({ view, name, what }) => anomalyOf(run, view, name, what, resolved.recovery));
    const summary = `${String(faults.length)} of ${String(views.length)} views are short of a worker or its state`;
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (views.length === 0 && flagOption(options, 'required', true)) {
    const what = `no view of a worker that was proven linked with a quorum for ${span(resolved.recovery)}`;
    const summary = starved > 0 ? `${what} in which the harness was not held up` : what;
    return { valid: 'unknown', reason: starved > 0 ? 'starved' : 'vacuous', summary, figures };
  }
  const summary = `${String(views.length)} views list their worker with all its soft state`;
  return { valid: 'valid', summary, figures };
};

function reRegistrationOptions(run: RecordedRun, options: CheckOptions): ReRegistrationOptions {
  return {
    recovery: numberOption(options, 'recoveryMs', run.facts.recoveryMs) * MILLISECOND,
    masters: namesOption(options, 'masters', run.facts.nodes),
    oneGroup: flagOption(options, 'oneGroup', false),
    stallBound: numberOption(options, 'stallBoundMs', STALL_BOUND_MS) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? MAIN_PHASE,
  };
}

/** In the order of the events; each view once, however many quorums it is in. */
function judgedViews(
  run: RecordedRun,
  options: ReRegistrationOptions,
  stalls: Stalls,
): { readonly views: readonly JudgedView[]; readonly starved: number } {
  const bounds = runBounds(run, options.mainPhase);
  const quorums = quorumWindows(run, bounds.from, bounds.to, options.masters);
  const group = options.oneGroup ? groupWindows(run, bounds) : (): Interval[] => [bounds];
  const hosts = options.oneGroup ? hostChanges(run.events) : [];
  const settledBy = settledSince([...leadershipChanges(run.events), ...hosts]);
  const waited = starvation(run.events);
  const states = workerStates(run.events);
  const judged = new Map<WorkerState, JudgedView>();
  const starved = new Set<WorkerState>();
  for (const worker of new Set(states.map((state) => state.worker))) {
    const ofWorker = states.filter((state) => state.worker === worker);
    for (const { quorum, windows } of quorums) {
      const linked = connectedIntervals(run, worker, { quorum, windows }, bounds);
      const connected = intersect(linked, group([...quorum, worker]));
      for (const state of ofWorker) {
        if (judged.has(state) || !quorum.includes(state.observer)) continue;
        const window = windowOf(state, connected);
        if (window === undefined) continue;
        const { notBefore, notAfter: to } = state;
        const since = Math.max(window.from, settledBy(to));
        if (notBefore - since < options.recovery) continue;
        const waiting = window.from + waited({ from: window.from, to });
        const bound =
          options.recovery + stalls.delayIn({ from: since, to }) + Math.max(0, waiting - since);
        const held = stalls.excessiveIn({ from: since, to }).length > 0;
        if (notBefore - since >= bound && !held) judged.set(state, { state, since, bound, quorum });
        else starved.add(state);
      }
    }
  }
  const views = states.flatMap((state) => judged.get(state) ?? []);
  return { views, starved: starved.size };
}

/** When the quorum was there, and the worker alive and linked both ways with each of it. */
function connectedIntervals(
  run: RecordedRun,
  worker: NodeName,
  { quorum, windows }: QuorumWindows,
  bounds: Interval,
): Interval[] {
  const conditions = quorum
    .filter((node) => node !== worker)
    .flatMap((node) => [
      linkedIntervals(run.events, node, worker, bounds),
      linkedIntervals(run.events, worker, node, bounds),
    ]);
  return conditions.reduce(intersect, intersect(windows, liveIntervals(run, worker, bounds)));
}

/** When all was in place, all through the view's own interval. */
function windowOf(
  { notBefore, notAfter }: WorkerState,
  connected: readonly Interval[],
): Interval | undefined {
  return connected.find(({ from, to }) => from <= notBefore && notAfter <= to);
}

function faultOf(view: JudgedView, run: RecordedRun): { name: string; what: string } | null {
  const { state } = view;
  const { observer, worker } = state;
  if (!state.registered) {
    return { name: 'worker-lost', what: `${observer} did not list ${worker}` };
  }
  if ((state.entries ?? 1) > 1) {
    const times = String(state.entries);
    return { name: 'worker-duplicated', what: `${observer} listed ${worker} ${times} times` };
  }
  const steady = differingState(state).filter((name) => isSteady(run, view, name));
  const names = [...missingState(state), ...steady];
  if (names.length === 0) return null;
  const told = listOf(names.map((name) => stateText(state, name)));
  return { name: 'soft-state-lost', what: `${observer} listed ${worker} with ${told}` };
}

/** Whether the worker was seen to declare the same T before, and at each poll since. */
function isSteady(run: RecordedRun, { state, bound }: JudgedView, name: string): boolean {
  const value = identityOf(state.declared[name] ?? null);
  const others = workerStates(run.events).filter(
    ({ worker, notBefore }) => worker === state.worker && notBefore <= state.notAfter,
  );
  const begin = others.findLastIndex(({ notAfter }) => notAfter <= state.notBefore - bound);
  if (begin < 0) return false;
  return others.slice(begin).every(({ declared }) => {
    const other = declared[name];
    return other !== undefined && identityOf(other) === value;
  });
}

function anomalyOf(
  run: RecordedRun,
  { state, since, quorum }: JudgedView,
  name: string,
  what: string,
  recovery: Nanoseconds,
): Anomaly {
  return {
    name,
    guarantee:
      `A worker that is alive and linked with a live quorum for ${span(recovery)} is listed once, ` +
      `with all its soft state.`,
    explanation:
      `The events prove ${quorum.join(', ')} alive and linked, and ${state.worker} alive and linked with ` +
      `each of them, from ${when(since)} on. At ${seenAt(state)}, ${span(state.notBefore - since)} later, ${what}.`,
    ...eventProofOf(run, [{ notBefore: since, notAfter: state.notAfter }]),
  };
}

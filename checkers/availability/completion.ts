/**
 * Completion: what was acknowledged and goes on in the background is done within T. Views of an operation's effect tell
 * whether it is done; one that is asked for T after the acknowledgement, or later, tells that it is.
 *
 * T counts while the events prove a quorum alive and linked, begins anew with every change of leader and with everything
 * that goes wrong or comes back on any node or link, is prolonged by what the harness itself was held up, and around long
 * stalls nothing is judged. Only views of the quorum's own nodes accuse. A system's own word that all is done is not asked
 * for here: views tell what is there (a column, a table), as a deposed leader may call done what it never heard of.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { namesOption, numberOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { faultWindows } from '../fault-windows.ts';
import { leadershipChanges } from '../membership/leaderships.ts';
import { pairOperations, placeOf } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { quorumWindows } from '../quorum-windows.ts';
import type { QuorumWindows } from '../quorum-windows.ts';
import { malformed } from '../register-history.ts';
import { MAIN_PHASE, runBounds } from '../run-bounds.ts';
import { settledSince } from '../settled-since.ts';
import type { SeenChange } from '../settled-since.ts';
import { STALL_BOUND_MS, Stalls } from '../stalls.ts';
import { span, when } from '../time-text.ts';
import { identityOf, isRecord, textOf } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';

/**
 * - `operations`: those that go on after their acknowledgement; known by the `id` of their value, which is used once.
 *   Default: ['create', 'alter'].
 * - `views`: answer `{id, done, by}`: whether the operation of that id is done, as the node `by` shows it (default: the
 *   node that the client talks to). Default: ['look'].
 * - `completionMs`: T. Default: the run's own bound on service, facts.recoveryMs.
 * - `quorumOf`: nodes that quorums are majorities of. Default: what the run's facts say that service needs.
 * - `stallBoundMs`, `mainPhase`: as of liveness.
 */
interface CompletionOptions {
  readonly operations: ReadonlySet<string>;
  readonly views: ReadonlySet<string>;
  readonly bound: Nanoseconds;
  readonly quorumOf: readonly NodeName[] | undefined;
  readonly stallBound: Nanoseconds;
  readonly mainPhase: Value;
}

/** An acknowledged operation and what was seen of it afterwards, in order of asking. */
interface Pending {
  readonly id: Value;
  readonly pair: OperationPair;
  readonly acknowledged: Nanoseconds;
  readonly views: readonly View[];
}

interface View {
  readonly pair: OperationPair;
  readonly done: boolean;
  readonly by: NodeName;
  /** What it tells was so at some moment between. */
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

interface Conditions {
  readonly quorums: readonly QuorumWindows[];
  readonly settledBy: (time: Nanoseconds) => Nanoseconds;
  readonly stalls: Stalls;
}

const MOST_TOLD = 10;

export const checkCompletion: Check = (run, options): Verdict => {
  if (run.facts.cutOff === true) {
    const summary = 'the run was cut off: judged for safety only';
    return { valid: 'unknown', reason: 'interrupted', summary };
  }
  const resolved = completionOptions(run, options);
  const stalls = new Stalls(run.events, resolved.stallBound);
  if (stalls.suspended) {
    const summary = 'the machine was suspended: times say nothing';
    return { valid: 'unknown', reason: 'starved', summary };
  }
  const pending = pendingOperations(run, resolved);
  const conditions = conditionsOf(run, resolved, stalls);
  const found = pending.flatMap((each) => lateness(run, each, conditions, resolved) ?? []);
  const anomalies = found.filter((each) => each !== 'excused');
  const figures = figuresOf(pending, anomalies.length);
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  if (found.length > 0) {
    const summary = `the harness itself was held up while ${String(found.length)} operations were late`;
    return { valid: 'unknown', reason: 'starved', summary, figures };
  }
  if (pending.every(({ views }) => views.length === 0)) {
    return vacuousVerdict('nothing was acknowledged and looked at afterwards', figures);
  }
  const summary = `${String(pending.length)} acknowledged operations were not seen undone after ${span(resolved.bound)}`;
  return verdictOf([], figures, summary);
};

function completionOptions(run: RecordedRun, options: CheckOptions): CompletionOptions {
  const among = namesOption(options, 'quorumOf', []);
  return {
    operations: new Set(namesOption(options, 'operations', ['create', 'alter'])),
    views: new Set(namesOption(options, 'views', ['look'])),
    bound: numberOption(options, 'completionMs', run.facts.recoveryMs) * MILLISECOND,
    quorumOf: among.length === 0 ? undefined : among,
    stallBound: numberOption(options, 'stallBoundMs', STALL_BOUND_MS) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? MAIN_PHASE,
  };
}

function pendingOperations(
  run: RecordedRun,
  { operations, views }: CompletionOptions,
): readonly Pending[] {
  const pairs = pairOperations(run.history);
  const seen = new Map<string, View[]>();
  for (const pair of pairs) {
    if (!views.has(pair.invoke.f) || pair.completion?.type !== 'ok') continue;
    const { name, view } = viewOf(pair);
    const others = seen.get(name);
    if (others === undefined) seen.set(name, [view]);
    else others.push(view);
  }
  return pairs.flatMap((pair) => {
    const { invoke, completion } = pair;
    if (!operations.has(invoke.f) || completion?.type !== 'ok') return [];
    const id = idOf(invoke.value);
    const after = (seen.get(identityOf(id)) ?? []).filter(({ from }) => from >= completion.time);
    return [{ id, pair, acknowledged: completion.time, views: after }];
  });
}

function viewOf(pair: OperationPair): { name: string; view: View } {
  const { invoke } = pair;
  const completion = pair.completion ?? invoke;
  const { value } = completion;
  if (!isRecord(value) || typeof value['done'] !== 'boolean') {
    throw malformed(completion, '{id, done}');
  }
  const by = value['by'];
  const view = {
    ...{ pair, done: value['done'], by: typeof by === 'string' ? by : invoke.node },
    ...{ from: invoke.time, to: completion.time },
  };
  return { name: identityOf(idOf(value)), view };
}

function idOf(value: Value): Value {
  return isRecord(value) && 'id' in value ? (value['id'] ?? null) : value;
}

function conditionsOf(
  run: RecordedRun,
  { quorumOf, mainPhase }: CompletionOptions,
  stalls: Stalls,
): Conditions {
  const { from, to } = runBounds(run, mainPhase);
  return {
    quorums: quorumWindows(run, from, to, quorumOf),
    settledBy: settledSince([...leadershipChanges(run.events), ...disturbances(run)]),
    stalls,
  };
}

/** All that goes wrong or comes back, on nodes outside of a quorum as well: work may have to begin again elsewhere. */
function disturbances({ events, faults }: RecordedRun): SeenChange[] {
  const told = events
    .filter(isDisturbance)
    .map(({ notBefore, notAfter }) => ({ from: notBefore, to: notAfter }));
  const edges = faultWindows(faults).flatMap(({ from, to }) => [from ?? [], to ?? []].flat());
  return [...told, ...edges.map((time) => ({ from: time, to: time }))];
}

function isDisturbance({ type }: RunEvent): boolean {
  return /^(node|link)-/.test(type);
}

/** The first view that came too late and still showed it undone; `excused` where all such were, by long stalls. */
function lateness(
  run: RecordedRun,
  pending: Pending,
  conditions: Conditions,
  { bound }: CompletionOptions,
): Anomaly | 'excused' | null {
  let excused = false;
  for (const view of pending.views) {
    if (view.done) break;
    const since = provenSince(pending, view, conditions);
    if (since === null) continue;
    const waited = { from: since.time, to: view.from };
    const { stalls } = conditions;
    if (waited.to - waited.from < bound + stalls.delayIn(waited)) continue;
    if (stalls.excessiveIn(waited).length === 0) {
      return anomalyOf(run, pending, view, since, bound);
    }
    excused = true;
  }
  return excused ? 'excused' : null;
}

interface Since {
  readonly time: Nanoseconds;
  readonly quorum: readonly NodeName[];
}

/** Since when all was in place for it to be done: the earliest over the quorums that the view's node is in. */
function provenSince(pending: Pending, view: View, conditions: Conditions): Since | null {
  const settled = Math.max(pending.acknowledged, conditions.settledBy(view.to));
  let earliest: Since | null = null;
  for (const { quorum, windows } of conditions.quorums) {
    if (!quorum.includes(view.by)) continue;
    const window = windows.find(({ from, to }) => from <= view.from && view.to <= to);
    if (window === undefined) continue;
    const time = Math.max(window.from, settled);
    if (earliest === null || time < earliest.time) earliest = { time, quorum };
  }
  return earliest;
}

function anomalyOf(
  run: RecordedRun,
  { id, pair, views }: Pending,
  view: View,
  { time, quorum }: Since,
  bound: Nanoseconds,
): Anomaly {
  const done = views.find((later) => later.done);
  const end =
    done === undefined
      ? 'It was never seen done.'
      : `It was first seen done at ${when(done.to)}, ${placeOf(done.pair)}.`;
  return {
    name: 'not-completed-in-time',
    guarantee: `What was acknowledged is done within ${span(bound)} of a quorum being alive and linked.`,
    explanation:
      `The ${pair.invoke.f} of ${textOf(id)} ${placeOf(pair)} was acknowledged at ${when((pair.completion ?? pair.invoke).time)}. ` +
      `The events prove ${quorum.join(', ')} alive and linked, and nothing changed, from ${when(time)} on; ` +
      `${span(view.from - time)} later ${view.by} told that it was not done (${placeOf(view.pair)}). ${end}`,
    ...proofOf(run, done === undefined ? [pair, view.pair] : [pair, view.pair, done.pair]),
  };
}

function figuresOf(pending: readonly Pending[], late: number): Record<string, Value> {
  const waits = pending.flatMap(({ acknowledged, views }) => {
    const done = views.find((view) => view.done);
    return done === undefined ? [] : [Math.round((done.to - acknowledged) / MILLISECOND)];
  });
  return {
    acknowledged: pending.length,
    seenDone: waits.length,
    late,
    longestMs: waits.length === 0 ? null : Math.max(...waits),
  };
}

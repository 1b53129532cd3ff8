/**
 * Service: after the last fault is verified healed, and whenever the events prove a quorum alive and linked, an
 * operation that is begun gets service within T. Service is `ok`, or the system's own rejection, of any operation.
 *
 * Accuses only when operations were begun in a time longer than T (prolonged by every stall of the event loop in it),
 * were still being tried at its end, and none of them, nor any other, got service.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Stall } from '../harness/event.ts';
import type { Nanoseconds } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { ServiceRecord } from './availability/service-record.ts';
import type { Gap, QuorumGap, ServiceOptions } from './availability/service-record.ts';
import { namesOption, numberOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { activeFaults, faultWindows } from './fault-windows.ts';
import type { FaultWindow } from './fault-windows.ts';
import { leadershipChanges } from './membership/leaderships.ts';
import { indexesOf } from './operation-pairs.ts';
import { MAIN_PHASE } from './run-bounds.ts';
import { STALL_BOUND_MS } from './stalls.ts';
import { span, when } from './time-text.ts';
import { listOf } from './value-text.ts';

/**
 * - `recoveryMs`: T. Default: the run's own, facts.recoveryMs.
 * - `calibrate`: T is so many times the longest wait for service but one of the run's failovers (faults after which another
 *   leader was seen), where there were at least three: the slowest is held against the others. Never less than 2 s, never
 *   more than recoveryMs. Default 0: T is recoveryMs.
 * - `each`: `f`s that must each get service within T under a proven quorum: an alteration that hangs while reads are
 *   served. Accuses only where each node of the quorum was asked. Default: none, service of any `f` is service.
 * - `stallBoundMs`: a stall of the harness so long excuses the time around it; when the event loop itself was held up
 *   so long, or the machine suspended, the run's liveness is not judged at all. Default: 750.
 * - `mainPhase`: the phase from whose beginning all nodes count as up. Default: 'drive'.
 */
interface LivenessOptions extends ServiceOptions {
  readonly each: readonly string[];
}

/** With fewer failovers the run does not tell what is usual. */
const LEAST_FAILOVERS = 3;
/** However quick the others were, so much is not yet an outage. */
const LEAST_BOUND: Nanoseconds = 2_000 * MILLISECOND;

export const checkLivenessAfterHeal: Check = (run, options): Verdict => {
  if (run.facts.cutOff === true) {
    const summary = 'the run was cut off: judged for safety only';
    return { valid: 'unknown', reason: 'interrupted', summary };
  }
  const faults = faultWindows(run.faults).filter(({ from }) => from !== null);
  const resolved = livenessOptions(run, options, faults);
  const service = new ServiceRecord(run, resolved);
  const unhealed = faults.filter(({ to }) => to === null);
  const healedAt = Math.max(service.begin, ...faults.map(({ to }) => to ?? Infinity));
  const afterHeal = unhealed.length === 0 ? service.gapFrom(healedAt) : null;
  const quiet = service.quorumGap();
  const anomalies = [
    ...(afterHeal === null ? [] : [noServiceAfterHeal(service, faults, healedAt, afterHeal)]),
    ...(quiet === null || afterHeal !== null ? [] : [noServiceWithQuorum(service, quiet)]),
    ...(quiet === null && afterHeal === null ? hangingKinds(run, resolved) : []),
  ];
  const figures = service.figures(unhealed.length === 0 ? healedAt : null);
  const suspended = service.excessiveStalls().some(({ cause }) => cause === 'suspended');
  if (anomalies.length > 0 && !suspended) {
    const summary = anomalies.map(({ explanation }) => explanation).join(' ');
    return { valid: 'invalid', summary, anomalies, figures };
  }
  const stalls = service.stallsThatMatter();
  if (stalls.length > 0) return { ...starved(stalls), figures };
  if (unhealed.length > 0) {
    const summary = `our own faults are still in effect: ${listOf(unhealed.map(({ id }) => id))}`;
    return { valid: 'unknown', reason: 'not-healed', summary, figures };
  }
  if (service.firstServiceFrom(healedAt) === null) {
    const summary = `too little was tried after ${when(healedAt)} to judge: no service, and no operation tried for long enough`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const wait = (service.firstServiceFrom(healedAt) ?? healedAt) - healedAt;
  const since = faults.length === 0 ? 'the beginning' : 'the last heal';
  return { valid: 'valid', summary: `service ${span(wait)} after ${since}`, figures };
};

function livenessOptions(
  run: RecordedRun,
  options: CheckOptions,
  faults: readonly FaultWindow[],
): LivenessOptions {
  const recovery = numberOption(options, 'recoveryMs', run.facts.recoveryMs) * MILLISECOND;
  const given: LivenessOptions = {
    recovery,
    stallBound: numberOption(options, 'stallBoundMs', STALL_BOUND_MS) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? MAIN_PHASE,
    only: null,
    each: namesOption(options, 'each', []),
  };
  const factor = numberOption(options, 'calibrate', 0);
  if (factor === 0) return given;
  const waits = failoverWaits(new ServiceRecord(run, given), faults);
  if (waits.length < LEAST_FAILOVERS) return given;
  const usual = factor * (waits.at(-2) ?? Infinity);
  return { ...given, recovery: Math.min(recovery, Math.max(LEAST_BOUND, usual)) };
}

/** The longest waits for service from each fault until the next, of those after which another leader was seen; ascending. */
function failoverWaits(service: ServiceRecord, faults: readonly FaultWindow[]): Nanoseconds[] {
  const changes = leadershipChanges(service.run.events);
  const fired = faults.map(({ from }) => from ?? Infinity).sort((a, b) => a - b);
  const spans = fired.map((from, index) => ({ from, to: fired[index + 1] ?? Infinity }));
  return spans
    .filter(({ from, to }) => changes.some((change) => change.to >= from && change.from <= to))
    .map((interval) => service.longestWait(interval))
    .sort((a, b) => a - b);
}

/** Operations of a kind that get no service while others do. */
function hangingKinds(run: RecordedRun, options: LivenessOptions): Anomaly[] {
  return options.each.flatMap((only) => {
    const service = new ServiceRecord(run, { ...options, only });
    const gap = service.quorumGap();
    return gap === null ? [] : [noServiceWithQuorum(service, gap)];
  });
}

function noServiceAfterHeal(
  service: ServiceRecord,
  faults: readonly FaultWindow[],
  healedAt: Nanoseconds,
  gap: Gap,
): Anomaly {
  const last = faults.find(({ to }) => to === healedAt);
  const since =
    last === undefined
      ? `From the beginning of the run at ${when(healedAt)}`
      : `After the last fault (${last.id}) was verified healed at ${when(healedAt)}`;
  return {
    name: 'no-service-after-heal',
    guarantee: `An operation begun after the last fault is healed gets service within ${span(service.options.recovery)}.`,
    explanation: `${since} there was no service for ${span(gap.to - gap.from)}: ${outcomesOf(gap)}.`,
    ...proof(service, gap),
  };
}

function noServiceWithQuorum(service: ServiceRecord, gap: QuorumGap): Anomaly {
  const { only } = service.options;
  return {
    name: 'no-service-with-quorum',
    guarantee: `While a quorum is alive and linked, an operation begun on it gets service within ${span(service.options.recovery)}.`,
    explanation:
      `From ${when(gap.from)} to ${when(gap.to)} the events prove ${gap.quorum.join(', ')} alive and linked, ` +
      `and there was no service${only === null ? '' : ` of ${only}`}: ${outcomesOf(gap)}.`,
    ...proof(service, gap),
  };
}

function proof(
  service: ServiceRecord,
  gap: Gap,
): Pick<Anomaly, 'operations' | 'faults' | 'from' | 'to'> {
  const shown = [...gap.attempts.slice(0, 5), ...gap.attempts.slice(-3)];
  const faults = activeFaults(service.run.faults, gap.from, gap.to);
  return { operations: indexesOf(shown), faults, from: gap.from, to: gap.to };
}

/** `14 operations were begun, 12 info deadline, 2 fail refused`. */
function outcomesOf({ attempts }: Gap): string {
  const counts = new Map<string, number>();
  for (const { completion } of attempts) {
    const outcome =
      completion === null
        ? 'never completed'
        : `${completion.type} ${completion.error?.kind ?? ''}`.trim();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  const outcomes = [...counts].map(([outcome, count]) => `${String(count)} ${outcome}`);
  return `${String(attempts.length)} operations were begun (${listOf(outcomes)})`;
}

function starved(stalls: readonly Stall[]): Verdict {
  const longest = Math.max(...stalls.map(({ durationNanos }) => durationNanos));
  const causes = [...new Set(stalls.map(({ cause }) => cause))];
  return {
    valid: 'unknown',
    reason: 'starved',
    summary:
      `the harness itself was held up ${String(stalls.length)} times, up to ${span(longest)} ` +
      `(${listOf(causes)}): liveness is not judged`,
  };
}

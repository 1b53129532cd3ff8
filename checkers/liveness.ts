/**
 * Service: after the last fault is verified healed, and whenever the events prove a quorum alive and linked, an
 * operation that is begun gets service within T. Service is `ok`, or the system's own rejection, of any operation.
 *
 * Accuses only when operations were begun in a time longer than T (prolonged by every stall of the event loop in it),
 * were still being tried at its end, and none of them, nor any other, got service.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Stall } from '../harness/event.ts';
import type { Nanoseconds, NodeName, Value } from '../harness/operation.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { numberOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { activeFaults, faultWindows } from './fault-windows.ts';
import type { FaultWindow } from './fault-windows.ts';
import { indexesOf, isService, pairOperations } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { quorumWindows } from './quorum-windows.ts';
import type { Interval } from './quorum-windows.ts';
import { listOf } from './value-text.ts';

/**
 * - `recoveryMs`: T. Default: the run's own, facts.recoveryMs.
 * - `stallBoundMs`: a stall of the harness so long excuses the time around it; when the event loop itself was held up
 *   so long, or the machine suspended, the run's liveness is not judged at all. Default: 750.
 * - `mainPhase`: the phase from whose beginning all nodes count as up. Default: 'drive'.
 */
interface LivenessOptions {
  readonly recovery: Nanoseconds;
  readonly stallBound: Nanoseconds;
  readonly mainPhase: Value;
}

/** A time in which operations were tried in vain. */
interface Gap extends Interval {
  readonly attempts: readonly OperationPair[];
}

export const checkLivenessAfterHeal: Check = (run, options): Verdict => {
  if (run.facts.cutOff === true) {
    const summary = 'the run was cut off: judged for safety only';
    return { valid: 'unknown', reason: 'interrupted', summary };
  }
  const service = new ServiceRecord(run, livenessOptions(run, options));
  const faults = faultWindows(run.faults).filter(({ from }) => from !== null);
  const unhealed = faults.filter(({ to }) => to === null);
  const healedAt = Math.max(service.begin, ...faults.map(({ to }) => to ?? Infinity));
  const afterHeal = unhealed.length === 0 ? service.gapFrom(healedAt) : null;
  const quiet = service.quorumGap();
  const anomalies = [
    ...(afterHeal === null ? [] : [noServiceAfterHeal(service, faults, healedAt, afterHeal)]),
    ...(quiet === null || afterHeal !== null ? [] : [noServiceWithQuorum(service, quiet)]),
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

function livenessOptions(run: RecordedRun, options: CheckOptions): LivenessOptions {
  return {
    recovery: numberOption(options, 'recoveryMs', run.facts.recoveryMs) * MILLISECOND,
    stallBound: numberOption(options, 'stallBoundMs', 750) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? 'drive',
  };
}

class ServiceRecord {
  readonly run: RecordedRun;
  readonly options: LivenessOptions;
  /** When the main phase began, or else the first operation. */
  readonly begin: Nanoseconds;
  private readonly end: Nanoseconds;
  private readonly pairs: readonly OperationPair[];
  /** When operations got service, ascending. */
  private readonly services: readonly Nanoseconds[];
  private readonly stalls: readonly Stall[];
  /** Stalls without which some time would have been held against the system. */
  private readonly excuses = new Set<Stall>();

  constructor(run: RecordedRun, options: LivenessOptions) {
    this.run = run;
    this.options = options;
    const phase = run.events.find(
      (event) => event.type === 'phase' && event.phase === options.mainPhase,
    );
    this.begin = phase?.notAfter ?? run.history[0]?.time ?? 0;
    this.end = run.history.at(-1)?.time ?? 0;
    this.pairs = pairOperations(run.history);
    this.services = run.history
      .filter((operation) => operation.type !== 'invoke' && isService(operation))
      .map(({ time }) => time);
    this.stalls = run.events.filter((event) => event.type === 'stall');
  }

  firstServiceFrom(time: Nanoseconds): Nanoseconds | null {
    return this.services.find((service) => service >= time) ?? null;
  }

  /** The time from `from` to the first service, when operations were tried in vain for longer than T in it. */
  gapFrom(from: Nanoseconds): Gap | null {
    const to = this.firstServiceFrom(from) ?? this.end;
    return this.gapIn({ from, to }, this.run.facts.nodes);
  }

  /** The first such time in which the events prove a quorum, and operations were tried on its nodes. */
  quorumGap(): (Gap & { readonly quorum: readonly NodeName[] }) | null {
    for (const { quorum, windows } of quorumWindows(this.run, this.begin, this.end)) {
      for (const window of windows) {
        const inside = this.services.filter((time) => time > window.from && time < window.to);
        const edges = [window.from, ...inside, window.to];
        for (const [index, from] of edges.entries()) {
          const gap = this.gapIn({ from, to: edges[index + 1] ?? from }, quorum);
          if (gap !== null) return { ...gap, quorum };
        }
      }
    }
    return null;
  }

  excessiveStalls(): Stall[] {
    return this.stalls.filter(
      ({ cause, durationNanos, notAfter }) =>
        notAfter >= this.begin &&
        (cause === 'suspended' || durationNanos >= this.options.stallBound),
    );
  }

  /** Pressure on the CPU makes answers late, never early: it matters only where an answer was late. */
  stallsThatMatter(): Stall[] {
    return this.excessiveStalls().filter(
      (stall) => stall.cause !== 'cpu' || this.excuses.has(stall),
    );
  }

  figures(healedAt: Nanoseconds | null): Record<string, Value> {
    const first = healedAt === null ? null : this.firstServiceFrom(healedAt);
    return {
      recoveryBoundMs: this.options.recovery / MILLISECOND,
      recoveredAfterMs:
        first === null || healedAt === null ? null : Math.round((first - healedAt) / MILLISECOND),
      longestWaitMs: Math.round(this.longestWait() / MILLISECOND),
    };
  }

  private longestWait(): Nanoseconds {
    let last = this.begin;
    let longest = 0;
    for (const time of this.services) {
      longest = Math.max(longest, time - last);
      last = time;
    }
    return longest;
  }

  private gapIn(interval: Interval, nodes: readonly NodeName[]): Gap | null {
    const bound = this.options.recovery + this.stalledIn(interval);
    if (interval.to - interval.from < bound) return null;
    const attempts = this.pairs.filter(
      ({ invoke }) =>
        invoke.time >= interval.from && invoke.time <= interval.to && nodes.includes(invoke.node),
    );
    if (attempts.length === 0) return null;
    const asked = this.firstAsked(interval, nodes);
    // Asked at the beginning, and T later still asking in vain. What got service itself must have waited for all of T.
    const stillAsking = attempts.some(({ invoke, completion }) => {
      const end = Math.min(completion?.time ?? this.end, interval.to);
      const served = completion !== null && isService(completion);
      return end - (served ? invoke.time : asked) >= bound;
    });
    if (!stillAsking) return null;
    const excuses = this.excessiveStalls().filter((stall) => overlaps(stall, interval));
    for (const stall of excuses) this.excuses.add(stall);
    return excuses.length === 0 ? { ...interval, attempts } : null;
  }

  /** Since when operations on these nodes were outstanding in an interval: from its beginning, or when one was begun. */
  private firstAsked({ from }: Interval, nodes: readonly NodeName[]): Nanoseconds {
    const first = this.pairs.find(
      ({ invoke, completion }) =>
        (completion?.time ?? this.end) >= from &&
        (completion === null || !isService(completion)) &&
        nodes.includes(invoke.node),
    );
    return Math.max(from, first?.invoke.time ?? Infinity);
  }

  private stalledIn(interval: Interval): Nanoseconds {
    return this.stalls
      .filter((stall) => stall.cause !== 'cpu' && overlaps(stall, interval))
      .reduce((sum, { durationNanos }) => sum + durationNanos, 0);
  }
}

function overlaps({ notBefore, notAfter, durationNanos }: Stall, { from, to }: Interval): boolean {
  return notAfter >= from && Math.min(notBefore, notAfter - durationNanos) <= to;
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

function noServiceWithQuorum(
  service: ServiceRecord,
  gap: Gap & { readonly quorum: readonly NodeName[] },
): Anomaly {
  return {
    name: 'no-service-with-quorum',
    guarantee: `While a quorum is alive and linked, an operation begun on it gets service within ${span(service.options.recovery)}.`,
    explanation:
      `From ${when(gap.from)} to ${when(gap.to)} the events prove ${gap.quorum.join(', ')} alive and linked, ` +
      `and there was no service: ${outcomesOf(gap)}.`,
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

function when(nanos: Nanoseconds): string {
  return `${(nanos / SECOND).toFixed(3)} s`;
}

function span(nanos: Nanoseconds): string {
  return nanos < SECOND ? `${String(Math.round(nanos / MILLISECOND))} ms` : when(nanos);
}

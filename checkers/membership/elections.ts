/**
 * Elections without a fault: a leadership that was established is lost again although no fault was in effect.
 *
 * Counted are leaderships that polls saw, not numbers of terms: terms also rise by split votes. Only losses whose whole
 * interval lies outside of every fault (from before it fired until `settleMs` after it was verified healed), of the
 * start of the run, and of every stall are held against the system. `perFault` bounds what faults may cost as well.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { Nanoseconds, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { flagOption, numberOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { faultWindows } from '../fault-windows.ts';
import type { FaultWindow } from '../fault-windows.ts';
import type { Interval } from '../quorum-windows.ts';
import { MAIN_PHASE, runBounds } from '../run-bounds.ts';
import { STALL_BOUND_MS, Stalls } from '../stalls.ts';
import { listOf } from '../value-text.ts';
import { leaderName, leadershipChanges } from './leaderships.ts';
import type { LeadershipChange } from './leaderships.ts';

/**
 * - `allowed`: elections without a fault that are not accused yet; default 0.
 * - `perFault`: elections that each fault may cost, counted from when it fired until `settleMs` after its heal; default:
 *   not bounded. 1 for systems in which one fault means one election at most, and a healed node disturbs nobody.
 * - `countTerms`: a leader seen in a term higher by k counts as k elections, for systems whose term rises only with an
 *   established leadership (ZooKeeper's epoch, not Raft's term); default false.
 * - `settleMs`: so long after the beginning and after each heal an election still counts as the fault's; default: the
 *   run's own, facts.recoveryMs.
 * - `accuse`: default true; false: only count, in the figures.
 * - `required`: a run in which no leader was seen is unknown; default true; false: it is valid.
 * - `stallBoundMs`: a stall of the harness so long excuses the time around it. Default: 750.
 * - `mainPhase`: the phase from whose beginning all nodes count as up. Default: 'drive'.
 */
interface ElectionOptions {
  readonly allowed: number;
  readonly perFault: number;
  readonly countTerms: boolean;
  readonly settle: Nanoseconds;
  readonly accuse: boolean;
  readonly required: boolean;
  readonly stallBound: Nanoseconds;
  readonly mainPhase: Value;
}

const MOST_TOLD = 10;

export const checkElections: Check = (run, options): Verdict => {
  const resolved = electionOptions(run, options);
  const changes = countedChanges(run, resolved);
  const faults = faultWindows(run.faults).filter(({ from }) => from !== null);
  const begin = runBounds(run, resolved.mainPhase).from;
  const without = changes.filter((change) => isWithoutFault(change, begin, faults, resolved));
  const anomalies = [
    ...(electionsIn(without, resolved) > resolved.allowed ? [unprovoked(run, without)] : []),
    ...tooMany(run, changes, faults, resolved),
  ];
  const figures = {
    elections: electionsIn(changes, resolved),
    electionsWithoutFault: electionsIn(without, resolved),
    faults: faults.length,
  };
  if (anomalies.length > 0 && resolved.accuse) {
    const summary = listOf(anomalies.map(({ explanation }) => explanation));
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (resolved.required && !run.events.some(({ type }) => type === 'leader-seen')) {
    return { valid: 'unknown', reason: 'vacuous', summary: 'no leader was seen', figures };
  }
  const summary = `${String(figures.elections)} elections, ${String(figures.electionsWithoutFault)} of them without a fault`;
  return { valid: 'valid', summary, figures };
};

function electionOptions(run: RecordedRun, options: CheckOptions): ElectionOptions {
  return {
    allowed: numberOption(options, 'allowed', 0),
    perFault: numberOption(options, 'perFault', Infinity),
    countTerms: flagOption(options, 'countTerms', false),
    settle: numberOption(options, 'settleMs', run.facts.recoveryMs) * MILLISECOND,
    accuse: flagOption(options, 'accuse', true),
    required: flagOption(options, 'required', true),
    stallBound: numberOption(options, 'stallBoundMs', STALL_BOUND_MS) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? MAIN_PHASE,
  };
}

/**
 * Changes of leadership in the judged part of the run, without those in which the harness was held up. The first
 * sightings of a new leader may tell the term before, so a later term of the same node is a new leadership only where
 * terms are counted.
 */
function countedChanges(run: RecordedRun, options: ElectionOptions): LeadershipChange[] {
  const bounds = runBounds(run, options.mainPhase);
  const stalls = new Stalls(run.events, options.stallBound);
  if (stalls.suspended) return [];
  return leadershipChanges(run.events)
    .filter(({ from, to }) => from >= bounds.from && to <= bounds.to)
    .filter(({ before, after }) => options.countTerms || before.node !== after.node)
    .filter(({ from, to }) => stalls.excessiveIn({ from: from - options.settle, to }).length === 0);
}

function electionsIn(
  changes: readonly LeadershipChange[],
  { countTerms }: ElectionOptions,
): number {
  if (!countTerms) return changes.length;
  return changes.reduce((sum, { before, after }) => {
    const rise = (after.term ?? 0) - (before.term ?? 0);
    return sum + Math.max(rise, 1);
  }, 0);
}

/** Whether no fault can have been the cause: the old leader was still seen `settle` after the last one's heal. */
function isWithoutFault(
  change: LeadershipChange,
  begin: Nanoseconds,
  faults: readonly FaultWindow[],
  { settle }: ElectionOptions,
): boolean {
  if (change.from < begin + settle) return false;
  return !faults.some((fault) => isIn(change, reach(fault, settle)));
}

/** Where the fault may be to blame. */
function reach({ from, to }: FaultWindow, settle: Nanoseconds): Interval {
  return { from: from ?? Infinity, to: (to ?? Infinity) + settle };
}

function isIn(change: LeadershipChange, { from, to }: Interval): boolean {
  return change.to >= from && change.from <= to;
}

function unprovoked(run: RecordedRun, changes: readonly LeadershipChange[]): Anomaly {
  return {
    name: 'election-without-fault',
    guarantee: 'A leadership that is established is lost only by a fault.',
    explanation: `Without a fault in effect ${told(changes)}.`,
    ...eventProofOf(
      run,
      changes.flatMap(({ before, after }) => [before, after]),
    ),
  };
}

/** `n1 (term 2) led at 3.1 s–3.2 s, and n2 (term 3) at 3.4 s–3.5 s; …` */
function told(changes: readonly LeadershipChange[]): string {
  const texts = changes.map(
    ({ before, after }) =>
      `${leaderName(before)} led at ${seenAt(before)}, and ${leaderName(after)} at ${seenAt(after)}`,
  );
  return listOf(texts, MOST_TOLD);
}

/** For each stretch of overlapping faults: k of them allow k times `perFault` elections. */
function tooMany(
  run: RecordedRun,
  changes: readonly LeadershipChange[],
  faults: readonly FaultWindow[],
  options: ElectionOptions,
): Anomaly[] {
  return stretches(faults, options.settle).flatMap(({ from, to, ids }) => {
    const during = changes.filter((change) => isIn(change, { from, to }));
    const count = electionsIn(during, options);
    if (count <= ids.length * options.perFault) return [];
    return [
      {
        name: 'more-elections-than-faults',
        guarantee: `A fault costs at most ${String(options.perFault)} elections.`,
        explanation:
          `Faults ${listOf(ids)} were followed by ${String(count)} elections, expected at most ` +
          `${String(ids.length * options.perFault)}: ${told(during)}.`,
        ...eventProofOf(
          run,
          during.flatMap(({ before, after }) => [before, after]),
        ),
      },
    ];
  });
}

function stretches(
  faults: readonly FaultWindow[],
  settle: Nanoseconds,
): (Interval & { readonly ids: string[] })[] {
  const merged: { from: number; to: number; ids: string[] }[] = [];
  const reaches = faults.map((fault) => ({ ...reach(fault, settle), id: fault.id }));
  reaches.sort((a, b) => a.from - b.from);
  for (const { from, to, id } of reaches) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) {
      last.to = Math.max(last.to, to);
      last.ids.push(id);
    } else merged.push({ from, to, ids: [id] });
  }
  return merged;
}

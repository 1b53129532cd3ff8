/**
 * The life cycle of jobs that a leader runs (a backup): the state of one only moves forward, a terminal state never
 * changes, at most one is active at a time, and a job that a leader knew it does not forget while it leads.
 *
 * Reports are operations that complete `ok` with {id, state} or a list of such, with `state` null for an id that is not
 * known, and `leader` (any name that changes with each leadership: `n1 in term 3`) where the answer tells who answered.
 * Reports whose operations overlap are compared in no order.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { namesOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { placeOf } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { isList, listOf, textOf } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';
import { jobReports } from './job-reports.ts';
import type { JobReport } from './job-reports.ts';

/**
 * - `reports`: default ['backup', 'backup-status'].
 * - `order`: the states from first to last; a list in it holds states of the same rank. Default: Alluxio's backups,
 *   ['Initiating', 'Transitioning', 'Running', ['Completed', 'Failed']]. Reports of other states are left out.
 * - `terminal`: states that never change; default ['Completed', 'Failed'].
 * - `active`: states of which at most one job may be in one; default: all that are not terminal.
 * - `activeAtOnce`: judged in one `leadership` (as told, else the node that answered), or in the whole `system`;
 *   default 'leadership'. Jobs of a deposed leader may go on beside those of its successor.
 */
interface LifeCycleOptions {
  readonly reports: ReadonlySet<string>;
  readonly ranks: ReadonlyMap<string, number>;
  readonly terminal: ReadonlySet<string>;
  readonly active: ReadonlySet<string>;
  readonly activeAtOnce: 'leadership' | 'system';
}

const ALLUXIO: Value = ['Initiating', 'Transitioning', 'Running', ['Completed', 'Failed']];
const MOST_TOLD = 10;

export const checkLifeCycle: Check = (run, options): Verdict => {
  const resolved = lifeCycleOptions(options);
  const reports = jobReports(run.history, resolved.reports).filter(
    ({ state }) => state === null || resolved.ranks.has(state),
  );
  const anomalies = [
    ...stepsBack(run, reports, resolved),
    ...forgotten(run, reports),
    ...activeTogether(run, reports, resolved),
  ];
  const jobs = new Set(reports.map(({ id }) => id)).size;
  const figures = { reports: reports.length, jobs, anomalies: anomalies.length };
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  if (!reports.some(({ state }) => state !== null)) {
    return vacuousVerdict('no report told the state of a job', figures);
  }
  return verdictOf(
    [],
    figures,
    `${String(jobs)} jobs moved forward in ${String(reports.length)} reports`,
  );
};

function lifeCycleOptions(options: CheckOptions): LifeCycleOptions {
  const ranks = ranksOf(options['order'] ?? ALLUXIO);
  const terminal = new Set(namesOption(options, 'terminal', ['Completed', 'Failed']));
  const others = [...ranks.keys()].filter((state) => !terminal.has(state));
  const activeAtOnce = options['activeAtOnce'] ?? 'leadership';
  if (activeAtOnce !== 'leadership' && activeAtOnce !== 'system') {
    throw new TypeError(
      `option activeAtOnce: expected leadership or system, got ${textOf(activeAtOnce)}`,
    );
  }
  return {
    reports: new Set(namesOption(options, 'reports', ['backup', 'backup-status'])),
    ranks,
    terminal,
    active: new Set(namesOption(options, 'active', others)),
    activeAtOnce,
  };
}

function ranksOf(order: Value): Map<string, number> {
  const ranks = new Map<string, number>();
  if (!isList(order)) throw new TypeError(`option order: expected a list, got ${textOf(order)}`);
  for (const [rank, states] of order.entries()) {
    for (const state of isList(states) ? states : [states]) {
      if (typeof state !== 'string') {
        throw new TypeError(`option order: expected names of states, got ${textOf(state)}`);
      }
      ranks.set(state, rank);
    }
  }
  return ranks;
}

/** For each job the first report of a state that an earlier one rules out. */
function stepsBack(
  run: RecordedRun,
  reports: readonly JobReport[],
  { ranks, terminal }: LifeCycleOptions,
): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const accused = new Set<string>();
  const rankOf = ({ state }: JobReport): number => ranks.get(state ?? '') ?? -1;
  for (const { later, known } of inOrder(reports, rankOf)) {
    if (later.state === null || accused.has(later.id)) continue;
    const ended = terminal.has(known.state ?? '') && later.state !== known.state;
    if (!ended && rankOf(later) >= rankOf(known)) continue;
    accused.add(later.id);
    anomalies.push({
      name: ended ? 'terminal-state-changed' : 'state-went-back',
      guarantee: ended ? 'A terminal state never changes.' : "A job's state only moves forward.",
      explanation: `Job ${later.id}: ${told(known)}, and then ${told(later)}.`,
      ...proofOf(run, [known.pair, later.pair]),
    });
  }
  return anomalies;
}

interface Comparison {
  readonly later: JobReport;
  /** Of the reports of the job that were complete before: the one that went furthest. */
  readonly known: JobReport;
}

function inOrder(
  reports: readonly JobReport[],
  rankOf: (report: JobReport) => number,
): Comparison[] {
  const comparisons: Comparison[] = [];
  for (const ofJob of byName(reports, ({ id }) => id)) {
    const complete = ofJob.toSorted((a, b) => a.to - b.to);
    let next = 0;
    let known: JobReport | null = null;
    for (const later of ofJob) {
      for (; (complete[next]?.to ?? Infinity) < later.from; next++) {
        const report = complete[next] as JobReport;
        if (report.state !== null && rankOf(report) > (known === null ? -1 : rankOf(known))) {
          known = report;
        }
      }
      if (known !== null) comparisons.push({ later, known });
    }
  }
  return comparisons;
}

/** Reports of one leadership that do not know a job which it had known. The first for each. */
function forgotten(run: RecordedRun, reports: readonly JobReport[]): Anomaly[] {
  const led = reports.filter(({ leadership }) => leadership !== null);
  return byName(led, ({ id, leadership }) => `${id} ${leadership ?? ''}`).flatMap((ofJob) => {
    const known = ofJob
      .filter(({ state }) => state !== null)
      .reduce<JobReport | null>((a, b) => (a === null || b.to < a.to ? b : a), null);
    if (known === null) return [];
    const lost = ofJob.find(({ state, from }) => state === null && from > known.to);
    if (lost === undefined) return [];
    return [
      {
        name: 'job-forgotten',
        guarantee: 'A job that a leader knew is known to it as long as it leads.',
        explanation: `Job ${lost.id} under leader ${lost.leadership ?? ''}: ${told(known)}, and then ${told(lost)}.`,
        ...proofOf(run, [known.pair, lost.pair]),
      },
    ];
  });
}

/** A time, as history indexes, in which a job was active for certain. */
interface ActiveTime {
  readonly reports: readonly JobReport[];
  readonly first: JobReport;
  readonly last: JobReport;
}

/** The first two jobs of each leadership that were active at one moment. */
function activeTogether(
  run: RecordedRun,
  reports: readonly JobReport[],
  { active, activeAtOnce }: LifeCycleOptions,
): Anomaly[] {
  const placeOfReport = ({ leadership, pair }: JobReport): string =>
    activeAtOnce === 'system' ? '' : (leadership ?? `on ${pair.invoke.node}`);
  return byName(reports, placeOfReport).flatMap((ofPlace) => {
    const times = byName(ofPlace, ({ id }) => id).flatMap((ofJob) => activeTimes(ofJob, active));
    for (const [index, one] of times.entries()) {
      const other = times
        .slice(index + 1)
        .find((time) => time.first.id !== one.first.id && overlap(one, time));
      if (other !== undefined) return [twoActive(run, one, other)];
    }
    return [];
  });
}

/** What was told of a job that ended and went on nevertheless (an anomaly of its own) is of several times. */
function activeTimes(ofJob: readonly JobReport[], active: ReadonlySet<string>): ActiveTime[] {
  const times: JobReport[][] = [];
  let open: JobReport[] | null = null;
  for (const report of ofJob.toSorted((a, b) => a.to - b.to)) {
    if (report.state === null || !active.has(report.state)) {
      open = null;
      continue;
    }
    if (open === null) times.push((open = []));
    open.push(report);
  }
  return times.map(activeTime);
}

/** As states only move forward, a job is active between any two reports that it is. */
function activeTime(reports: readonly JobReport[]): ActiveTime {
  const [report] = reports as readonly [JobReport];
  let [first, last] = [report, report];
  for (const other of reports) {
    if (other.to < first.to) first = other;
    if (other.from > last.from) last = other;
  }
  return { reports, first, last };
}

/** Whether both were active at some moment for certain; the reports of one answer are of one moment. */
function overlap(one: ActiveTime, other: ActiveTime): boolean {
  const from = Math.max(one.first.to, other.first.to);
  const to = Math.min(one.last.from, other.last.from);
  if (from <= to) return true;
  const answers = new Set(one.reports.map(({ pair }) => pair));
  if (other.reports.some(({ pair }) => answers.has(pair))) return true;
  return holds(one, other) || holds(other, one);
}

/** Whether some report of the other was asked and answered while this one was active. */
function holds({ first, last }: ActiveTime, other: ActiveTime): boolean {
  return other.reports.some(({ from, to }) => from >= first.to && to <= last.from);
}

function twoActive(run: RecordedRun, one: ActiveTime, other: ActiveTime): Anomaly {
  const texts = [one, other].map(
    ({ first, last }) =>
      `${first.id} from ${told(first)}` + (first === last ? '' : ` to ${told(last)}`),
  );
  return {
    name: 'two-active-jobs',
    guarantee: 'At most one job is active at a time.',
    explanation: `Two were at once: ${listOf(texts)}.`,
    ...proofOf(
      run,
      [one, other].flatMap(({ first, last }) => [first.pair, last.pair]),
    ),
  };
}

function told({ pair, state }: JobReport): string {
  return `${pair.invoke.f} ${placeOf(pair)} on ${pair.invoke.node} told ${state ?? 'that it is not known'}`;
}

/** Groups in the order of their first member. */
function byName(
  reports: readonly JobReport[],
  nameOf: (report: JobReport) => string,
): JobReport[][] {
  const groups = new Map<string, JobReport[]>();
  for (const report of reports) {
    const group = groups.get(nameOf(report));
    if (group === undefined) groups.set(nameOf(report), [report]);
    else group.push(report);
  }
  return [...groups.values()];
}

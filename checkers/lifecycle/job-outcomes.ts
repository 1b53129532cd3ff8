/**
 * The outcome of jobs and the nodes around them (a backup that a leader makes itself, or has another master make): one
 * that the leader makes itself does not fail because some other node is lost; one whose maker is lost ends within a
 * bound; and after a leader is lost, a new one begins within a bound.
 *
 * Reports as in life-cycle.ts, with `host`, the node that makes it, and `leader`, whose first word is the node that
 * answered. Only reports of a state after the first are believed of `host`: before, it is the leader.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { NodeDown, NodePaused, RunEvent } from '../../harness/event.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../../harness/operation.ts';
import { namesOption, numberOption } from '../check-options.ts';
import { seenAt } from '../event-proof.ts';
import { pairOperations, placeOf } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { span } from '../time-text.ts';
import { isRecord } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';
import { jobReports, type JobReport } from './job-reports.ts';

/** A report that tells who makes the job. */
interface MadeReport extends JobReport {
  readonly host: NodeName;
  readonly teller: NodeName;
}

interface OutcomeOptions {
  readonly terminal: readonly string[];
  readonly failed: string;
  /** States in which `host` is the leader's still. */
  readonly undecided: readonly string[];
  readonly lostWithin: Nanoseconds;
  readonly beginsWithin: Nanoseconds;
  readonly begin: string;
}

type Loss = NodeDown | NodePaused;

/**
 * Options:
 * - `reports`: default ['backup', 'backup-status']; `begin`: which of them begins a job; default 'backup'.
 * - `terminal`, `failed`: default ['Completed', 'Failed'], 'Failed'. `undecided`: default ['Initiating'].
 * - `lostWithinMs`: how long a job may go on being told active once its maker is lost; default 15,000.
 * - `beginsWithinMs`: how soon after a leader was lost a request for a new job must be granted; default 60,000.
 */
export const checkJobOutcomes: Check = (run, options): Verdict => {
  const resolved: OutcomeOptions = {
    terminal: namesOption(options, 'terminal', ['Completed', 'Failed']),
    failed: namesOption(options, 'failed', ['Failed'])[0] ?? 'Failed',
    undecided: namesOption(options, 'undecided', ['Initiating']),
    lostWithin: numberOption(options, 'lostWithinMs', 15_000) * MILLISECOND,
    beginsWithin: numberOption(options, 'beginsWithinMs', 60_000) * MILLISECOND,
    begin: namesOption(options, 'begin', ['backup'])[0] ?? 'backup',
  };
  const reports = new Set(namesOption(options, 'reports', ['backup', 'backup-status']));
  const told = jobReports(run.history, reports).flatMap((report) => madeReport(report) ?? []);
  const jobs = byJob(told);
  const losses = run.events.filter(isLoss);
  const anomalies = [
    ...jobs.flatMap((job) => failedWithBystander(run, job, losses, resolved) ?? []),
    ...jobs.flatMap((job) => outlivesItsMaker(run, job, losses, resolved) ?? []),
    ...notBegunAgain(run, told, losses, resolved),
  ];
  const figures = { jobs: jobs.length, reports: told.length, losses: losses.length };
  if (anomalies.length > 0) return verdictOf(anomalies, figures, '');
  if (jobs.length === 0) return vacuousVerdict('no report told who makes a job', figures);
  return verdictOf([], figures, `${String(jobs.length)} jobs ended as their makers allowed`);
};

function madeReport(report: JobReport): MadeReport | null {
  const value = report.pair.completion?.value ?? null;
  const host = isRecord(value) ? value['host'] : null;
  const [teller] = (report.leadership ?? '').split(' ');
  if (typeof host !== 'string' || teller === undefined || teller === '') return null;
  return { ...report, host, teller };
}

function byJob(reports: readonly MadeReport[]): (readonly MadeReport[])[] {
  const jobs = new Map<string, MadeReport[]>();
  for (const report of reports) {
    const job = jobs.get(report.id);
    if (job === undefined) jobs.set(report.id, [report]);
    else job.push(report);
  }
  return [...jobs.values()];
}

function isLoss(event: RunEvent): event is Loss {
  return event.type === 'node-down' || event.type === 'node-paused';
}

/** A job that its teller made itself, untouched all through, and that failed as another node was lost. */
function failedWithBystander(
  run: RecordedRun,
  job: readonly MadeReport[],
  losses: readonly Loss[],
  { failed, terminal, undecided }: OutcomeOptions,
): Anomaly | null {
  const end = job.find(({ state }) => state === failed);
  if (end === undefined) return null;
  const before = job
    .filter((report) => report.to < end.from && isUnderWay(report, terminal, undecided))
    .at(-1);
  if (before === undefined || before.host !== before.teller || end.teller !== before.teller) {
    return null;
  }
  const from = (job[0] ?? before).pair.invoke.time;
  const to = end.pair.completion?.time ?? Infinity;
  if (isTouched(run, before.host, from, to)) return null;
  // Not certainly before the job began, nor after it was told to have failed.
  const lost = losses.find(
    ({ node, notBefore, notAfter }) => node !== before.host && notAfter >= from && notBefore <= to,
  );
  if (lost === undefined) return null;
  return {
    name: 'failed-with-a-bystander',
    guarantee: 'A job that the leader makes itself does not fail because another node is lost.',
    explanation:
      `Job ${end.id} was made by ${before.host}, which nothing had happened to ` +
      `(${before.state ?? ''} ${placeOf(before.pair)}); ${lost.node} was lost at ${seenAt(lost)}, ` +
      `and then it was told ${failed} ${placeOf(end.pair)}.`,
    ...proofOf(run, [before.pair, end.pair]),
    node: before.host,
  };
}

function isUnderWay(
  { state }: MadeReport,
  terminal: readonly string[],
  undecided: readonly string[],
): boolean {
  return state !== null && !terminal.includes(state) && !undecided.includes(state);
}

/** Whether anything was done to a node, or to its links, in this time. */
function isTouched(run: RecordedRun, node: NodeName, from: Nanoseconds, to: Nanoseconds): boolean {
  return run.events.some((event) => {
    if (event.notBefore > to || event.notAfter < from) return false;
    if (isLoss(event)) return event.node === node;
    if (event.type !== 'link-cut' && event.type !== 'link-degraded') return false;
    return event.links.some((link) => link.from === node || link.to === node);
  });
}

/** A job that is told active, by the same leader, long after its maker was lost for good. */
function outlivesItsMaker(
  run: RecordedRun,
  job: readonly MadeReport[],
  losses: readonly Loss[],
  { terminal, undecided, lostWithin }: OutcomeOptions,
): Anomaly | null {
  for (const known of job.filter((report) => isUnderWay(report, terminal, undecided))) {
    if (known.host === known.teller) continue;
    const lost = losses.find(
      ({ node, notBefore }) => node === known.host && notBefore >= known.pair.invoke.time,
    );
    if (lost === undefined) continue;
    const back = run.events.find(
      (event) =>
        (event.type === 'node-up' || event.type === 'node-resumed') &&
        event.node === known.host &&
        event.notAfter > lost.notBefore,
    );
    const late = job.find(
      ({ state, pair, leadership }) =>
        state !== null &&
        !terminal.includes(state) &&
        leadership === known.leadership &&
        pair.invoke.time > lost.notAfter + lostWithin &&
        (pair.completion?.time ?? Infinity) < (back?.notBefore ?? Infinity),
    );
    if (late === undefined) continue;
    return {
      name: 'job-outlives-its-maker',
      guarantee: `A job whose maker is lost ends within ${span(lostWithin)}.`,
      explanation:
        `Job ${known.id} was made by ${known.host} (${placeOf(known.pair)}), which was lost at ` +
        `${seenAt(lost)}; it was still told ${late.state ?? ''} ${placeOf(late.pair)}.`,
      ...proofOf(run, [known.pair, late.pair]),
      node: known.host,
    };
  }
  return null;
}

/** The first leader after whose loss jobs were asked for beyond the bound, and none was granted. */
function notBegunAgain(
  run: RecordedRun,
  reports: readonly MadeReport[],
  losses: readonly Loss[],
  { begin, beginsWithin }: OutcomeOptions,
): Anomaly[] {
  const requests = pairOperations(run.history).filter(({ invoke }) => invoke.f === begin);
  for (const lost of losses) {
    const leads = reports
      .filter(({ pair }) => (pair.completion?.time ?? 0) < lost.notBefore)
      .at(-1);
    if (leads?.teller !== lost.node) continue;
    const after = requests.filter(({ invoke }) => invoke.time > lost.notAfter);
    const late = after.find(({ invoke }) => invoke.time > lost.notAfter + beginsWithin);
    const granted = after.some(
      ({ invoke, completion }) =>
        completion?.type === 'ok' && invoke.index <= (late?.invoke.index ?? Infinity),
    );
    if (late === undefined || granted) continue;
    return [
      {
        name: 'no-job-after-failover',
        guarantee: `A job can be begun within ${span(beginsWithin)} after a leader is lost.`,
        explanation: `${lost.node}, which led, was lost at ${seenAt(lost)}; ${String(after.length)} requests later none was granted.`,
        ...proofOf(run, after.slice(0, 5)),
        node: lost.node,
      },
    ];
  }
  return [];
}

/**
 * Known issues: anomalies that have been looked into and are a system's own. An anomaly is known only when its name, the
 * versions and the mechanism that is listed all fit; it stays an anomaly, and its run stays invalid, but it is told with
 * the issue, and does not stand before what nobody has seen yet.
 */
import { join } from 'node:path';
import { existsSync, readdirSync } from 'node:fs';
import { type Anomaly, type Validity, type Verdict, worst } from './checker.ts';
import { linesOf } from './file-lines.ts';
import type { FaultRecord } from './nemesis.ts';
import type { NodeName } from './operation.ts';

export interface KnownIssue {
  /** `ZOOKEEPER-4685`; where there is no ticket, a short name. */
  readonly issue: string;
  /** The ticket, or where it is written down. */
  readonly link: string;
  /** Versions that have it; one of these ranges. */
  readonly versions: readonly VersionRange[];
  /** Names of the anomalies that it shows as. */
  readonly anomalies: readonly string[];
  /** The checker that tells them. Default: any. */
  readonly checker?: string;
  readonly mechanism: Mechanism;
  /** What was seen, and why it is the system's own. */
  readonly note: string;
}

/** Versions from one to another, both included, as seen; an end that is left out is not known. */
export interface VersionRange {
  readonly from?: string;
  readonly to?: string;
}

/** What tells this issue from another with the same anomaly. All that are given must be seen; one at least is given. */
export interface Mechanism {
  /** Source of a regular expression that the anomaly's explanation matches. */
  readonly explanation?: string;
  /** Source of a regular expression that a line of a node's log matches: of the anomaly's node, where it has one. */
  readonly log?: string;
  /** Kinds of faults: one of them took effect before the anomaly's end. */
  readonly faults?: readonly string[];
}

/** What the anomalies of a run are held against. */
export interface KnownIssueContext {
  readonly issues: readonly KnownIssue[];
  /** All versions that nodes ran in this run. */
  readonly versions: readonly string[];
  readonly faults: readonly FaultRecord[];
  /** The run directory with the nodes' logs; null: nothing is known by a log line. */
  readonly directory: string | null;
}

/** The verdicts, with each anomaly that is listed marked as `known`. */
export function markKnown(
  verdicts: Readonly<Record<string, Verdict>>,
  context: KnownIssueContext,
): Record<string, Verdict> {
  const issues = context.issues.filter(({ versions }) =>
    context.versions.some((version) => versions.some((range) => isWithin(version, range))),
  );
  const marked = Object.entries(verdicts).map(([checker, verdict]): [string, Verdict] => {
    if (verdict.anomalies === undefined) return [checker, verdict];
    const anomalies = verdict.anomalies.map((anomaly) => {
      const found = issues.find((issue) => isOf(issue, checker, anomaly, context));
      return asKnown(anomaly, found ?? null);
    });
    return [checker, { ...verdict, anomalies }];
  });
  return Object.fromEntries(marked);
}

/** Marked; or not any more, where an earlier list said so. */
function asKnown(anomaly: Anomaly, issue: KnownIssue | null): Anomaly {
  const unmarked: { -readonly [K in keyof Anomaly]: Anomaly[K] } = { ...anomaly };
  delete unmarked.known;
  if (issue === null) return unmarked;
  return { ...unmarked, known: { issue: issue.issue, link: issue.link } };
}

/** The validity if nothing that is known counted. */
export function validityBesideKnown(verdicts: Readonly<Record<string, Verdict>>): Validity {
  return worst(
    Object.values(verdicts).map((verdict) => (isKnown(verdict) ? 'valid' : verdict.valid)),
  );
}

/** Whether all that an invalid verdict accuses is known. */
export function isKnown({ valid, anomalies = [] }: Verdict): boolean {
  return (
    valid === 'invalid' &&
    anomalies.length > 0 &&
    anomalies.every(({ known }) => known !== undefined)
  );
}

/** The issues that were met, each once. */
export function knownIssuesIn(verdicts: Readonly<Record<string, Verdict>>): readonly string[] {
  const all = Object.values(verdicts)
    .flatMap(({ anomalies = [] }) => anomalies)
    .flatMap(({ known }) => (known === undefined ? [] : [known.issue]));
  return [...new Set(all)];
}

function isOf(
  issue: KnownIssue,
  checker: string,
  anomaly: Anomaly,
  context: KnownIssueContext,
): boolean {
  if (issue.checker !== undefined && issue.checker !== checker) return false;
  if (!issue.anomalies.includes(anomaly.name)) return false;
  const { explanation, log, faults } = issue.mechanism;
  if (explanation === undefined && log === undefined && faults === undefined) return false;
  if (explanation !== undefined && !new RegExp(explanation).test(anomaly.explanation)) return false;
  if (faults !== undefined && !tookEffect(faults, anomaly, context.faults)) return false;
  return log === undefined || isLogged(new RegExp(log), anomaly.node, context.directory);
}

function tookEffect(
  kinds: readonly string[],
  { to = Infinity }: Anomaly,
  records: readonly FaultRecord[],
): boolean {
  const ids = records.flatMap((record) =>
    record.state === 'intended' && kinds.includes(record.step.kind) ? [record.step.id] : [],
  );
  return records.some(
    (record) => record.state === 'verified' && record.notBefore <= to && ids.includes(record.id),
  );
}

function isLogged(line: RegExp, node: NodeName | undefined, directory: string | null): boolean {
  const nodes = directory === null ? null : join(directory, 'nodes');
  if (nodes === null || !existsSync(nodes)) return false;
  return readdirSync(nodes)
    .filter((name) => node === undefined || name === node)
    .flatMap((name) =>
      readdirSync(join(nodes, name))
        .filter((file) => file.endsWith('.log'))
        .map((file) => join(nodes, name, file)),
    )
    .some((path) => anyLine(path, line));
}

function anyLine(path: string, wanted: RegExp): boolean {
  for (const line of linesOf(path)) if (wanted.test(line)) return true;
  return false;
}

/** Dotted numbers compare by their parts; versions of another form are within a range only as one of its ends. */
export function isWithin(version: string, { from, to }: VersionRange): boolean {
  if (version === from || version === to) return true;
  if (!isNumeric(version)) return from === undefined && to === undefined;
  const above = from === undefined || (isNumeric(from) && compare(from, version) <= 0);
  return above && (to === undefined || (isNumeric(to) && compare(version, to) <= 0));
}

function isNumeric(version: string): boolean {
  return /^\d+(\.\d+)*$/.test(version);
}

function compare(a: string, b: string): number {
  const [as, bs] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let index = 0; index < Math.max(as.length, bs.length); index++) {
    const difference = (as[index] ?? 0) - (bs[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

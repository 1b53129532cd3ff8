/** Nodes that die without a fault of ours, and lines in their logs that are a failure of their own. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { NodeDown } from '../harness/event.ts';
import { shapeOf } from '../harness/failure-signature.ts';
import { linesOf } from '../harness/file-lines.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';
import type { CheckOptions } from './check-options.ts';
import { activeFaults, faultWindows } from './fault-windows.ts';
import { isList, isRecord, listOf, textOf } from './value-text.ts';

interface Pattern {
  readonly name: string;
  readonly expression: RegExp;
  /** Told, but no proof by itself. */
  readonly suspicion: boolean;
  /** What a match is called. */
  readonly anomaly: string;
}

interface Match {
  readonly node: NodeName;
  readonly pattern: string;
  readonly anomaly: string;
  readonly file: string;
  readonly lineNumber: number;
  readonly line: string;
}

/** So many matches of a pattern on a node are quoted; the rest is counted. */
const MOST_QUOTED = 3;
const LONGEST_LINE = 300;
/** An engine that is stopped ends its containers first, and may take 15 s for it (dockerd --shutdown-timeout). */
const ENGINE_LOSS_MARGIN = 20 * SECOND;
/** A server that finds its files damaged ends some time after it was started with them. */
const AFTERMATH = 10 * SECOND;

/**
 * Options: `patterns`, a list of {name, pattern, suspicion?, anomaly?}: regular expressions looked for in
 * nodes/<node>/*.log; a match is a failure, by the name of the anomaly (default: `failure-in-log`), or only told where it
 * is a suspicion. Default: none.
 */
export const checkNodeFailures: Check = (run, options): Verdict => {
  const patterns = patternsOption(options);
  const accusing = patterns.filter(({ suspicion }) => !suspicion);
  const doubtful = patterns.filter(({ suspicion }) => suspicion);
  const excused = excusedNodes(run);
  const logged = loggedFailures(run, accusing);
  const anomalies = [
    ...unexplainedDeaths(run),
    ...logged.filter(({ node }) => !excused.has(node)).map(({ anomaly }) => anomaly),
  ];
  const suspicions = [
    ...logged.filter(({ node }) => excused.has(node)),
    ...loggedFailures(run, doubtful),
  ].map(({ anomaly }) => anomaly.explanation);
  const figures = { patterns: patterns.length, anomalies: anomalies.length, suspicions };
  if (anomalies.length === 0) {
    const told = suspicions.length === 0 ? '' : `; no proof, but told: ${suspicions.join('; ')}`;
    return { valid: 'valid', summary: `no unexplained death, no failure in a log${told}`, figures };
  }
  const names = [...new Set(anomalies.map(({ name }) => name))];
  const summary = `${String(anomalies.length)} failures of nodes: ${listOf(names)}`;
  return { valid: 'invalid', summary, anomalies, figures };
};

function patternsOption(options: CheckOptions): Pattern[] {
  const list = options['patterns'] ?? [];
  if (!isList(list)) throw new TypeError(`option patterns: expected a list, got ${textOf(list)}`);
  return list.map((item: Value) => {
    const name = isRecord(item) ? item['name'] : undefined;
    const pattern = isRecord(item) ? item['pattern'] : undefined;
    if (typeof name !== 'string' || typeof pattern !== 'string') {
      throw new TypeError(`option patterns: expected {name, pattern}, got ${textOf(item)}`);
    }
    const suspicion = isRecord(item) && item['suspicion'] === true;
    const anomaly = isRecord(item) ? item['anomaly'] : undefined;
    return {
      name,
      expression: new RegExp(pattern),
      suspicion,
      anomaly: typeof anomaly === 'string' ? anomaly : 'failure-in-log',
    };
  });
}

/**
 * Deaths from the main phase on. Before it set-up fails, and says so itself; and when the engine that the nodes live in
 * is lost, what is seen of them last says nothing.
 */
function unexplainedDeaths(run: RecordedRun): Anomaly[] {
  const main = run.events.find((event) => event.type === 'phase' && event.phase === 'drive');
  const phases = run.events.some((event) => event.type === 'phase');
  const from = main?.notBefore ?? (phases ? Infinity : 0);
  const lost = run.events.find((event) => event.type === 'noted' && event.name === 'engine-lost');
  const to = lost === undefined ? Infinity : lost.notAfter - ENGINE_LOSS_MARGIN;
  return run.events.flatMap((event): Anomaly[] => {
    if (event.type !== 'node-down' || event.expected) return [];
    if (event.notAfter < from || event.notAfter > to) return [];
    if (isOfAFault(event, run)) return [];
    const { node, cause, exitCode, notBefore, notAfter } = event;
    const how = exitCode === undefined ? cause : `${cause} with status ${String(exitCode)}`;
    return [
      {
        name: 'unexplained-death',
        guarantee: 'A server dies only when a fault of ours ends it.',
        explanation: `${node} ${how} at ${seconds(notAfter)}; no fault of ours did that.`,
        operations: [],
        faults: activeFaults(run.faults, notBefore, notAfter),
        node,
        from: notBefore,
        to: notAfter,
      },
    ];
  });
}

/**
 * A member that is taken out of its cluster ends in good order; a server whose disk fails it, or whose memory is taken
 * away, in any: the kernel may end the whole node.
 */
function isOfAFault({ node, exitCode, notBefore, notAfter }: NodeDown, run: RecordedRun): boolean {
  return faultWindows(run.faults).some(({ from, to, targets }) => {
    if (targets?.nodes.includes(node) !== true || from === null || from > notAfter) return false;
    if (targets.endsServers === true) return to === null || to + AFTERMATH >= notBefore;
    const membership = targets.claims.some(({ resource }) => resource === 'membership');
    return membership && exitCode === 0 && (to === null || to >= notBefore);
  });
}

/** Nodes whose servers may have ended by a fault: what they log then is no proof against the system. */
function excusedNodes(run: RecordedRun): ReadonlySet<NodeName> {
  const windows = faultWindows(run.faults).filter(
    ({ from, targets }) => from !== null && targets?.endsServers === true,
  );
  return new Set(windows.flatMap(({ targets }) => targets?.nodes ?? []));
}

interface Logged {
  readonly node: NodeName;
  readonly anomaly: Anomaly;
}

function loggedFailures(run: RecordedRun, patterns: readonly Pattern[]): Logged[] {
  const { directory } = run.facts;
  if (directory === null || patterns.length === 0) return [];
  const groups = new Map<string, Match[]>();
  for (const match of matchesUnder(join(directory, 'nodes'), patterns)) {
    // What looks different may be another failure, and is one anomaly more.
    const group = `${match.node} ${match.pattern} ${shapeOf(match.line)}`;
    groups.set(group, [...(groups.get(group) ?? []), match]);
  }
  return [...groups.values()].map((matches) => ({
    node: (matches[0] as Match).node,
    anomaly: failureInLog(run, matches),
  }));
}

function failureInLog(run: RecordedRun, matches: readonly Match[]): Anomaly {
  const { node, pattern, anomaly } = matches[0] as Match;
  // A log's own time is a foreign clock; the run's time is known where the line was also seen as it appeared.
  const seen = run.events.find(
    (event) =>
      event.type === 'log-matched' &&
      event.node === node &&
      matches.some(({ line }) => line.startsWith(event.line.trim().slice(0, LONGEST_LINE))),
  );
  const quoted = matches
    .slice(0, MOST_QUOTED)
    .map(({ file, lineNumber, line }) => `${file}:${String(lineNumber)}: ${line}`);
  const when = seen === undefined ? '' : ` at ${seconds(seen.notAfter)}`;
  const count = `${String(matches.length)} ${matches.length === 1 ? 'line' : 'lines'}`;
  return {
    name: anomaly,
    guarantee: `No server logs ${pattern}.`,
    explanation: `${node} logged ${pattern}${when}, ${count}: ${quoted.join(' | ')}`,
    operations: [],
    faults: seen === undefined ? [] : activeFaults(run.faults, seen.notBefore, seen.notAfter),
    node,
    ...(seen === undefined ? {} : { from: seen.notBefore, to: seen.notAfter }),
  };
}

function* matchesUnder(directory: string, patterns: readonly Pattern[]): Generator<Match> {
  if (!existsSync(directory)) return;
  const entries = readdirSync(directory, { withFileTypes: true });
  const nodes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const node of nodes.sort()) {
    const files = readdirSync(join(directory, node)).filter((name) => name.endsWith('.log'));
    for (const file of files.sort()) {
      let lineNumber = 0;
      for (const line of linesOf(join(directory, node, file))) {
        lineNumber++;
        for (const { name, expression, anomaly } of patterns) {
          if (!expression.test(line)) continue;
          const text = line.trim().slice(0, LONGEST_LINE);
          yield {
            node,
            pattern: name,
            anomaly,
            file: `nodes/${node}/${file}`,
            lineNumber,
            line: text,
          };
        }
      }
    }
  }
}

function seconds(nanos: number): string {
  return `${(nanos / SECOND).toFixed(3)} s`;
}

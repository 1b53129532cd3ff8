/**
 * What the page draws: the history as compact rows, fault bands, node states, and where to look first. Plain data, so
 * that it can be inlined as JSON.
 */
import type { RunEvent } from '../harness/event.ts';
import type { FaultRecord } from '../harness/nemesis.ts';
import type { Operation } from '../harness/operation.ts';
import type { Results } from './report.ts';

/** `[thread, f, begin µs, end µs, outcome, index, text]`; f and outcome are positions in their lists. */
export type OperationRow = readonly [number, number, number, number, number, number, string];

export interface Band {
  readonly id: string;
  readonly kind: string;
  readonly nodes: readonly string[];
  readonly from: number;
  readonly to: number;
}

export interface NodeMark {
  readonly node: string;
  readonly at: number;
  readonly kind: string;
  readonly text: string;
}

export interface Drawing {
  readonly functions: readonly string[];
  readonly outcomes: readonly string[];
  readonly threads: number;
  readonly nodes: readonly string[];
  readonly operations: readonly OperationRow[];
  readonly bands: readonly Band[];
  readonly marks: readonly NodeMark[];
  /** Indexes of operations that prove an anomaly. */
  readonly evidence: readonly number[];
  /** Where to look first, in microseconds: the failure, or the whole run. */
  readonly focus: { readonly from: number; readonly to: number; readonly failure: boolean };
  readonly end: number;
}

export interface DrawnRun {
  readonly history: readonly Operation[];
  readonly events: readonly RunEvent[];
  readonly faults: readonly FaultRecord[];
  readonly spec: Readonly<Record<string, unknown>>;
}

const OUTCOMES = ['ok', 'fail', 'info'] as const;
const TEXT_LIMIT = 120;

/** Everything that the page shows of a run. */
export function drawingOf(run: DrawnRun, results: Results): Drawing {
  const facts = run.spec['facts'] as { nodes?: string[]; concurrency?: number } | undefined;
  const threads = facts?.concurrency ?? 1;
  const functions = [...new Set(run.history.map((operation) => operation.f))];
  const operations = operationRows(run.history, threads, functions);
  const end = endOf(run);
  const anomalies = Object.values(results.verdicts).flatMap((verdict) => verdict.anomalies ?? []);
  const evidence = [...new Set(anomalies.flatMap((anomaly) => anomaly.operations))];
  return {
    functions,
    outcomes: OUTCOMES,
    threads,
    nodes: facts?.nodes ?? [],
    operations,
    bands: faultBands(run.faults, end),
    marks: nodeMarks(run.events),
    evidence,
    focus: focusOn(run.history, evidence, end),
    end,
  };
}

function endOf({ history, events }: DrawnRun): number {
  const last = history[history.length - 1]?.time ?? 0;
  return micros(events.reduce((latest, event) => Math.max(latest, event.notAfter), last));
}

function operationRows(
  history: readonly Operation[],
  threads: number,
  functions: readonly string[],
): OperationRow[] {
  const open = new Map<number, Operation>();
  const rows: OperationRow[] = [];
  const last = history[history.length - 1]?.time ?? 0;
  const row = (begun: Operation, ended: Operation | undefined): void => {
    const outcome = ended === undefined ? 2 : OUTCOMES.indexOf(ended.type as 'ok');
    const thread = begun.process % threads;
    const f = functions.indexOf(begun.f);
    const from = micros(begun.time);
    const to = micros(ended?.time ?? last);
    rows.push([thread, f, from, to, outcome, begun.index, textOf(begun, ended)]);
  };
  for (const operation of history) {
    if (operation.type === 'invoke') open.set(operation.process, operation);
    else {
      const begun = open.get(operation.process);
      if (begun !== undefined) row(begun, operation);
      open.delete(operation.process);
    }
  }
  for (const begun of open.values()) row(begun, undefined);
  return rows;
}

/** `p3 n1 write 5 -> ok 5`. */
function textOf(begun: Operation, ended: Operation | undefined): string {
  const answer =
    ended === undefined
      ? 'no completion'
      : `${ended.type} ${JSON.stringify(ended.error?.message ?? ended.value)} #${ended.index}`;
  const asked = `p${begun.process} ${begun.node} ${begun.f} ${JSON.stringify(begun.value)}`;
  return `${asked} -> ${answer}`.slice(0, TEXT_LIMIT);
}

/** From the pessimistic beginning (may be in effect) to the pessimistic end of each fault. */
export function faultBands(faults: readonly FaultRecord[], end: number): Band[] {
  const kinds = new Map<string, string>();
  const bands = new Map<string, { from: number; to: number; nodes: readonly string[] }>();
  for (const record of faults) {
    if (record.state === 'intended') kinds.set(record.step.id, record.step.kind);
    else if (record.state === 'fired') {
      const nodes = record.targets?.nodes ?? [];
      bands.set(record.id, { from: micros(record.notBefore), to: end, nodes });
    } else if (record.state === 'healed') {
      const band = bands.get(record.id);
      if (band !== undefined) band.to = micros(record.notAfter);
    }
  }
  return [...bands].map(([id, band]) => ({ id, kind: kinds.get(id) ?? id, ...band }));
}

function nodeMarks(events: readonly RunEvent[]): NodeMark[] {
  const marks: NodeMark[] = [];
  let leader = '';
  for (const event of events) {
    const at = micros(event.notAfter);
    if (event.type === 'node-down') {
      const text = `${event.cause}${event.expected ? '' : ' UNEXPECTEDLY'}`;
      marks.push({ node: event.node, at, kind: 'down', text });
    } else if (event.type === 'node-up') {
      marks.push({ node: event.node, at, kind: 'up', text: 'started' });
    } else if (event.type === 'node-paused' || event.type === 'node-resumed') {
      const kind = event.type === 'node-paused' ? 'paused' : 'up';
      marks.push({ node: event.node, at, kind, text: kind === 'up' ? 'resumed' : 'paused' });
    } else if (event.type === 'leader-seen' && `${event.node} ${event.term ?? ''}` !== leader) {
      leader = `${event.node} ${event.term ?? ''}`;
      marks.push({
        node: event.node,
        at,
        kind: 'leader',
        text: `leads, term ${event.term ?? '?'}`,
      });
    } else if (event.type === 'log-matched') {
      marks.push({ node: event.node, at, kind: 'log', text: event.line.slice(0, TEXT_LIMIT) });
    }
  }
  return marks;
}

function focusOn(
  history: readonly Operation[],
  evidence: readonly number[],
  end: number,
): Drawing['focus'] {
  const times = evidence.flatMap((index) => {
    const operation = history[index]?.index === index ? history[index] : undefined;
    return operation === undefined ? [] : [micros(operation.time)];
  });
  if (times.length === 0) return { from: 0, to: Math.max(1, end), failure: false };
  const from = Math.min(...times);
  const to = Math.max(...times);
  const margin = Math.max(500_000, (to - from) * 0.1);
  return { from: Math.max(0, from - margin), to: to + margin, failure: true };
}

function micros(nanos: number): number {
  return Math.round(nanos / 1000);
}

/** Histories written by hand or by chance, for tests: one letter a process, in the order of the lines. */
import type { RecordedRun, RunFacts } from '../harness/checker.ts';
import type { RunEvent } from '../harness/event.ts';
import type { FaultRecord, FaultStep } from '../harness/nemesis.ts';
import type { Nanoseconds, Operation, OperationType, Value } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';

/** `[process, type, f, value, more]`: one line of history. Index and time follow from the place in the list. */
export type Line = readonly [number, OperationType, string, Value, Partial<Operation>?];

/** A history of lines, one a millisecond. */
export function historyOf(lines: readonly Line[]): Operation[] {
  return lines.map(([process, type, f, value, more], index) => ({
    index,
    time: index * MILLISECOND,
    process,
    type,
    f,
    value,
    node: `n${String((process % 3) + 1)}`,
    ...more,
  }));
}

const FACTS: RunFacts = {
  nodes: ['n1', 'n2', 'n3'],
  concurrency: 3,
  reads: ['read'],
  directory: null,
  recoveryMs: 10_000,
};

export interface MicroRun {
  readonly events?: readonly RunEvent[];
  readonly faults?: readonly FaultRecord[];
  readonly facts?: Partial<RunFacts>;
}

/** A run of this history on nodes n1 to n3, without events and faults unless given. */
export function runOf(history: readonly Operation[], more: MicroRun = {}): RecordedRun {
  return {
    history,
    events: more.events ?? [],
    faults: more.faults ?? [],
    facts: { ...FACTS, ...more.facts },
  };
}

/** The records of a kill of `node` that was fired, seen to work and healed. `to` null: never healed. */
export function killRecords(
  id: string,
  node: string,
  from: Nanoseconds,
  to: Nanoseconds | null,
): FaultRecord[] {
  const step: FaultStep = {
    id,
    lane: 'kill',
    kind: 'kill',
    selector: [node],
    trigger: { at: from },
    heal: { at: to ?? from },
    draw: 0,
  };
  const targets = { nodes: [node], claims: [{ node, resource: 'process' as const }] };
  const at = (state: 'fired' | 'verified' | 'healed', time: Nanoseconds): FaultRecord => ({
    state,
    id,
    notBefore: time,
    notAfter: time,
    targets,
  });
  const records = [{ state: 'intended' as const, step }, at('fired', from), at('verified', from)];
  return to === null ? records : [...records, at('healed', to)];
}

/** The ddl workloads in virtual time, against a catalog in memory, judged by their own checkers. */
import { describe, expect, it } from 'vitest';
import { checkCompletion } from '../../../checkers/availability/completion.ts';
import { checkExactlyOnce } from '../../../checkers/availability/exactly-once.ts';
import type { Check, Verdict } from '../../../harness/checker.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { MILLISECOND, type Operation, SECOND, type Value } from '../../../harness/operation.ts';
import { type Latency, type SimulatedEnd, simulate } from '../../../harness/simulate.ts';
import type { Workload } from '../../../harness/workload.ts';
import { ddl } from './ddl.ts';

const CHECKS: Readonly<Record<string, Check>> = { checkCompletion, checkExactlyOnce };
const options = { nodes: ['m1', 'm2', 'm3'], concurrency: 4, rate: 40 };

const REJECTED = { kind: 'rejected', message: 'no such table' } as const;

interface Defect {
  /** Alterations are done so long after their acknowledgement. Default: at once. */
  readonly lateNanos?: number;
  /** Every so many-th deletion is done and answered with an error. Default: none. */
  readonly deniedEvery?: number;
}

/** Tables by name, each with its columns and since when they are there. */
function catalog({ lateNanos = 0, deniedEvery = Infinity }: Defect): Latency {
  const tables = new Map<string, Map<string, number>>();
  let deletions = 0;
  const answer = ({ f, value, time }: Operation): Partial<SimulatedEnd> => {
    const asked = (value ?? {}) as { id: string; table?: string; column?: string; was?: string };
    const columns = tables.get(asked.table ?? asked.was ?? asked.id);
    if (f === 'create') tables.set(asked.id, new Map());
    else if (f === 'list' || f === 'final-list') return { value: listed() };
    else if (columns === undefined) return { type: 'fail' };
    else if (f === 'alter') columns.set(asked.column ?? '', time + lateNanos);
    else if (f === 'look') {
      const done = asked.column === undefined || (columns.get(asked.column) ?? Infinity) <= time;
      return { value: { id: asked.id, done, by: 'm1' } };
    } else {
      tables.delete(asked.was ?? asked.id);
      if (f === 'rename') tables.set(asked.id, columns);
      else if (++deletions % deniedEvery === 0) return { type: 'fail' };
    }
    return {};
  };
  const listed = (): Value =>
    [...tables].flatMap(([name, columns]) => [
      name,
      ...[...columns.keys()].map((column) => `${name}.${column}`),
    ]);
  return (operation) => ({ nanos: 5 * MILLISECOND, type: 'ok', ...answer(operation) });
}

/** 20 s of it, and the verdicts by the checkers' names. */
function judge(defect: Defect): Record<string, Verdict> {
  const { generator, finalGenerator = [], checkers }: Workload = ddl.make(options);
  const { history } = simulate({
    generator: [timeLimit(20 * SECOND, generator), finalGenerator],
    concurrency: options.concurrency,
    seed: 1n,
    latency: catalog(defect),
  });
  const named = history.map((operation) => ({
    ...operation,
    node: 'm1',
    ...(operation.type === 'fail' ? { error: REJECTED } : {}),
  }));
  const facts = {
    ...{ nodes: options.nodes, concurrency: options.concurrency, reads: [], directory: null },
    recoveryMs: 30_000,
  };
  const run = { history: named, events: [], faults: [], facts };
  return Object.fromEntries(
    checkers.flatMap(({ name, export: check, options: plain = {} }) => {
      const judged = CHECKS[check]?.(run, plain, { timeMs: 1000 });
      return judged === undefined ? [] : [[name, judged]];
    }),
  );
}

describe('ddl', () => {
  it('accepts a catalog that does as it says', () => {
    const verdicts = judge({});
    expect(Object.values(verdicts).map(({ valid }) => valid)).toEqual(Array(4).fill('valid'));
    expect(verdicts['exactly-once']?.figures?.['effects']).toBeGreaterThan(100);
  });

  it('accuses alterations that are acknowledged and not done', () => {
    const { anomalies } = judge({ lateNanos: 17 * SECOND })['alterations-complete'] as Verdict;
    expect(anomalies?.[0]?.name).toBe('not-completed-in-time');
  });

  it('accuses deletions that are done and answered with an error', () => {
    const { anomalies } = judge({ deniedEvery: 20 })['exactly-once'] as Verdict;
    expect(anomalies?.[0]?.name).toBe('applied-but-failed');
  });
});

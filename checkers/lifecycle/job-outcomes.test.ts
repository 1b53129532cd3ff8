import { describe, expect, it } from 'vitest';

import type { RunEvent } from '../../harness/event.ts';
import { MILLISECOND, type Value } from '../../harness/operation.ts';
import { historyOf, type Line, runOf } from '../micro-history.ts';
import { checkJobOutcomes } from './job-outcomes.ts';

/** `[state, host]` of one job, told by the leader m1. */
const status = (...reports: readonly (readonly [Value, string])[]): Line[] =>
  reports.flatMap(([state, host]): Line[] => [
    [0, 'invoke', 'backup-status', 'a'],
    [0, 'ok', 'backup-status', { id: 'a', state, host, leader: 'm1 on connection 1' }],
  ]);
/** At the line of this index. */
const lost = (node: string, line: number): RunEvent => ({
  ...{ type: 'node-down', node, cause: 'killed', expected: true },
  ...{ notBefore: line * MILLISECOND, notAfter: line * MILLISECOND },
});
const names = (
  lines: readonly Line[],
  events: readonly RunEvent[],
  options: Readonly<Record<string, Value>> = {},
): string[] => {
  const run = runOf(historyOf(lines), { events });
  const verdict = checkJobOutcomes(run, options, { timeMs: 1_000 });
  return verdict.anomalies?.map(({ name }) => name) ?? [];
};

const LOCAL = status(['Initiating', 'm1'], ['Running', 'm1'], ['Failed', 'm1']);

describe('a job that the leader makes itself', () => {
  it('must not fail with another node', () => {
    expect(names(LOCAL, [lost('m2', 4)])).toEqual(['failed-with-a-bystander']);
  });

  it('may fail with the leader, without any loss, or with one afterwards', () => {
    expect(names(LOCAL, [lost('m1', 4), lost('m2', 4)])).toEqual([]);
    expect(names(LOCAL, [])).toEqual([]);
    expect(names(LOCAL, [lost('m2', 6)])).toEqual([]);
  });

  it('is not one that is made elsewhere, or that was never seen to run', () => {
    const elsewhere = status(['Initiating', 'm1'], ['Running', 'm2'], ['Failed', 'm2']);
    expect(names(elsewhere, [lost('m3', 4)])).toEqual([]);
    expect(names(status(['Initiating', 'm1'], ['Failed', 'm1']), [lost('m2', 2)])).toEqual([]);
  });
});

describe('a job that another node makes', () => {
  const going = status(['Running', 'm2'], ['Running', 'm2'], ['Running', 'm2'], ['Failed', 'm2']);

  it('ends within the bound when that node is lost', () => {
    expect(names(going, [lost('m2', 2)], { lostWithinMs: 1 })).toEqual(['job-outlives-its-maker']);
    expect(names(going, [lost('m2', 2)], { lostWithinMs: 5 })).toEqual([]);
  });

  it('may go on when the node comes back', () => {
    const up: RunEvent = {
      type: 'node-up',
      node: 'm2',
      notBefore: 3 * MILLISECOND,
      notAfter: 3 * MILLISECOND,
    };
    expect(names(going, [lost('m2', 2), up], { lostWithinMs: 0 })).toEqual([]);
  });
});

describe('after a leader is lost', () => {
  const refused: Line[] = [
    [1, 'invoke', 'backup', 'local'],
    [1, 'fail', 'backup', 'local'],
  ];
  const granted: Line[] = [
    [1, 'invoke', 'backup', 'local'],
    [1, 'ok', 'backup', { id: 'b', state: 'Initiating', host: 'm2', leader: 'm2 on connection 2' }],
  ];
  const before = status(['Completed', 'm1']);

  it('a new job begins within the bound', () => {
    const never = [...before, ...refused, ...refused, ...refused];
    expect(names(never, [lost('m1', 1.5)], { beginsWithinMs: 2 })).toEqual([
      'no-job-after-failover',
    ]);
    const soon = [...before, ...refused, ...granted, ...refused];
    expect(names(soon, [lost('m1', 1.5)], { beginsWithinMs: 2 })).toEqual([]);
  });

  it('is not judged when nobody asked beyond the bound, or another node was lost', () => {
    const never = [...before, ...refused, ...refused];
    expect(names(never, [lost('m1', 1.5)], { beginsWithinMs: 9 })).toEqual([]);
    expect(names(never, [lost('m3', 1.5)], { beginsWithinMs: 0 })).toEqual([]);
  });
});

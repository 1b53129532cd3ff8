import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Operation, Value } from '../../harness/operation.ts';
import { SECOND } from '../../harness/operation.ts';
import { down, leader, links, stall, up } from '../micro-events.ts';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line, MicroRun } from '../micro-history.ts';
import { checkCompletion } from './completion.ts';

const T = 10;

/** `[second, f, value, answer]`: operations of a moment each, on n1. */
type Moment = readonly [number, string, Value, Value?, Partial<Operation>?];

function judge(
  moments: readonly Moment[],
  { events = [], faults = [] }: MicroRun = {},
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  const lines = moments.flatMap(([at, f, value, answer, more]): Line[] => [
    [0, 'invoke', f, value, { time: at * SECOND }],
    [0, 'ok', f, answer ?? value, { time: at * SECOND, ...more }],
  ]);
  const run = runOf(historyOf(lines), { events: [leader('n1', 0, 1), ...events], faults });
  return checkCompletion(run, { completionMs: T * 1_000, ...options }, { timeMs: 1_000 });
}
const alter = (at: number): Moment => [at, 'alter', { id: 't.c' }];
const look = (at: number, done: boolean, by = 'n1'): Moment => [
  at,
  'look',
  { id: 't.c' },
  { id: 't.c', done, by },
];
const names = (moments: readonly Moment[], events: readonly RunEvent[] = []): string[] =>
  judge(moments, { events }).anomalies?.map(({ name }) => name) ?? [];

describe('accepts', () => {
  it('what is done within T, and what was not looked at later', () => {
    const verdict = judge([alter(1), look(2, false), look(10.9, true), look(30, true)]);
    expect(verdict).toMatchObject({ valid: 'valid', figures: { seenDone: 1, longestMs: 9900 } });
    expect(names([alter(1), look(10.9, false)])).toEqual([]);
  });

  it('what had to begin anew with another leader, or with a node that died outside of the quorum', () => {
    expect(names([alter(1), look(12, false)], [leader('n2', 4, 2)])).toEqual([]);
    expect(names([alter(1), look(12, false)], [down('n3', 4)])).toEqual([]);
    expect(names([alter(1), look(12, false)], [down('n3', 0), up('n3', 4)])).toEqual([]);
  });

  it('what a node tells that is not in the quorum, and what nobody but it tells', () => {
    const cut = links('link-cut', 'n1', ['n2', 'n3'], 0);
    expect(names([alter(1), look(30, false)], [cut])).toEqual([]);
    expect(names([alter(1), look(30, false, 'w1')])).toEqual([]);
  });

  it('what was not acknowledged', () => {
    expect(judge([look(30, false)])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });

  it('what was held up by the harness itself', () => {
    expect(
      names(
        [alter(1), look(12, false)],
        [stall(3, 0.5, 'event-loop'), stall(5, 0.6, 'event-loop')],
      ),
    ).toEqual([]);
    const late = [alter(1), look(20, false)];
    expect(judge(late, { events: [stall(3, 2, 'cpu')] }).reason).toBe('starved');
    expect(judge([...late, look(40, false)], { events: [stall(3, 2, 'cpu')] }).reason).toBe(
      'starved',
    );
    expect(judge([alter(1), look(12, false)], { events: [stall(3, 2, 'suspended')] }).reason).toBe(
      'starved',
    );
  });
});

describe('rejects', () => {
  it('what is not done a whole T later, and tells when it was', () => {
    const verdict = judge([alter(1), look(11.1, false), look(40, true)]);
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'not-completed-in-time',
      operations: [0, 1, 2, 3, 4, 5],
    });
    expect(verdict.anomalies?.[0]?.explanation).toContain('first seen done at 40.000 s');
  });

  it('what the surviving quorum does not finish', () => {
    const events = [down('n3', 2), leader('n2', 4, 2)];
    expect(names([alter(1), look(13, false), look(14.1, false)], events)).toEqual([
      'not-completed-in-time',
    ]);
  });

  it('by the nodes that are told to be asked alone', () => {
    const cut = links('link-cut', 'n3', ['n1', 'n2'], 2);
    const moments = [alter(1), look(13, false)];
    expect(judge(moments, { events: [cut] }, { quorumOf: ['n1'] }).valid).toBe('invalid');
  });
});

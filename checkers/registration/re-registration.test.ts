import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { SECOND } from '../../harness/operation.ts';
import { down, interval, leader, links, stall, up, view, worker } from '../micro-events.ts';
import { killRecords, runOf } from '../micro-history.ts';
import { checkReRegistration } from './re-registration.ts';

const STATE = { id: 7, resources: 4 };
const FACTS = { nodes: ['n1', 'n2', 'n3', 'w1'] };
/** n1 leads and dies at 10; n2 leads from 12 on; n1 is back at 14. */
const FAILOVER: readonly RunEvent[] = [
  leader('n1', 1, 1),
  leader('n1', 9, 1),
  down('n1', 10),
  leader('n2', 12, 2),
  up('n1', 14),
];
const FAULTS = killRecords('kill-1', 'n1', 10 * SECOND, 14 * SECOND);
const OPTIONS = { recoveryMs: 5_000, masters: ['n1', 'n2', 'n3'] };

/** The events, in order of time, until 60 s. */
function judge(
  events: readonly RunEvent[],
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  const all = [...FAILOVER, ...events, view('n3', 60, 'end', [])];
  const sorted = all.sort((a, b) => a.notAfter - b.notAfter);
  return checkReRegistration(
    runOf([], { events: sorted, faults: FAULTS, facts: FACTS }),
    { ...OPTIONS, ...options },
    { timeMs: 1_000 },
  );
}
/** Polls each second of [from, to): what n2 shows of w1. */
const polls = (from: number, to: number, shown: Parameters<typeof worker>[4] = STATE): RunEvent[] =>
  Array.from({ length: to - from }, (_, at) => worker('n2', 'w1', from + at, STATE, shown));

/** As above, of nodes that are one process group. */
const judgeGroup = (events: readonly RunEvent[]): Verdict => judge(events, { oneGroup: true });

describe('accepts', () => {
  it('a worker that is back within T of the new leader', () => {
    const events = [...polls(12, 16, null), ...polls(16, 30)];
    expect(judge(events)).toMatchObject({ valid: 'valid', figures: { judged: 13 } });
  });

  it('a worker that was down, or cut off from one of the quorum, in between', () => {
    expect(judge([down('w1', 13), up('w1', 27), ...polls(12, 30, null)]).valid).toBe('unknown');
    const cut = [links('link-cut', 'w1', ['n1', 'n3'], 13), links('link-healed', 'w1', ['n1'], 27)];
    expect(judge([...cut, ...polls(12, 30, null)]).valid).toBe('unknown');
  });

  it('in one group, a worker that a paused process may hold up; not one that a dead one does', () => {
    const paused: RunEvent = { type: 'node-paused', node: 'n3', ...interval(13) };
    expect(judgeGroup([paused, ...polls(12, 30, null)]).valid).toBe('unknown');
    expect(judge([paused, ...polls(12, 30, null)]).valid).toBe('invalid');
    expect(judgeGroup([down('n3', 13), ...polls(12, 30, null)]).valid).toBe('invalid');
    expect(judgeGroup([paused, up('n3', 15), ...polls(12, 30, null)]).valid).toBe('invalid');
  });

  it('in one group, a worker that is not linked with all that its quorum is linked with', () => {
    const half = links('link-cut', 'n3', ['w1'], 13);
    expect(judgeGroup([half, ...polls(12, 30, null)]).valid).toBe('unknown');
    expect(judge([half, ...polls(12, 30, null)]).valid).toBe('invalid');
    const whole = links('link-cut', 'n3', ['n1', 'n2', 'w1'], 14);
    expect(judgeGroup([whole, ...polls(12, 21, null)]).valid).toBe('invalid');
    const healed = links('link-healed', 'n3', ['n1', 'n2', 'w1'], 16);
    expect(judgeGroup([whole, healed, ...polls(12, 21, null)]).valid).toBe('unknown');
    expect(judgeGroup([whole, healed, ...polls(12, 22, null)]).valid).toBe('invalid');
  });

  it('in one group, T that begins anew when a host is lost, and when it is back', () => {
    const lost = [{ ...down('n3', 20), cause: 'crashed' } as RunEvent, up('n3', 23)];
    expect(judgeGroup([...lost, ...polls(12, 20), ...polls(20, 28, null)]).valid).toBe('valid');
    expect(judgeGroup([...lost, ...polls(12, 20), ...polls(20, 29, null)]).valid).toBe('invalid');
    expect(judge([...lost, ...polls(12, 20), ...polls(20, 28, null)]).valid).toBe('invalid');
  });

  it('a worker that a failed poll tells nothing of', () => {
    const failed = Array.from({ length: 20 }, (_, at): RunEvent => ({
      ...{ type: 'poll-failed', observer: 'workers', node: 'n2', message: 'refused' },
      ...interval(12 + at),
    }));
    expect(judge(failed)).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });

  it('values that the worker changed within T', () => {
    const declares = (resources: number, from: number, to: number): RunEvent[] =>
      Array.from({ length: to - from }, (_, at) =>
        worker('n2', 'w1', from + at, { id: 7, resources }, STATE),
      );
    expect(judge([...declares(4, 12, 20), ...declares(5, 20, 23)]).valid).toBe('valid');
    expect(judge([...declares(4, 12, 20), ...declares(5, 20, 30)]).anomalies?.[0]).toMatchObject({
      name: 'soft-state-lost',
    });
  });

  it('T that begins anew with another leader, even one that is seen only after the poll', () => {
    const events = [leader('n2', 19, 2), ...polls(20, 24, null), leader('n2', 25, 3)];
    expect(judge(events).valid).toBe('unknown');
  });
});

describe('rejects', () => {
  it('a worker that a new leader never lists', () => {
    const verdict = judge(polls(12, 30, null));
    expect(verdict.anomalies).toHaveLength(1);
    expect(verdict.anomalies?.[0]).toMatchObject({ name: 'worker-lost', to: 17 * SECOND });
    expect(verdict.anomalies?.[0]?.explanation).toContain('n2 did not list w1');
  });

  it('one that it lists without its soft state, and one that it lists twice', () => {
    const partial = judge(polls(12, 30, { id: 7 }));
    expect(partial.anomalies?.[0]).toMatchObject({ name: 'soft-state-lost' });
    expect(partial.anomalies?.[0]?.explanation).toContain('resources: absent instead of 4');
    const twice = worker('n2', 'w1', 20, STATE, STATE, { entries: 2 });
    expect(judge([twice]).anomalies?.[0]).toMatchObject({ name: 'worker-duplicated' });
  });

  it('one that it drops later, with no fault', () => {
    const verdict = judge([...polls(12, 40), ...polls(40, 42, null)]);
    expect(verdict.anomalies?.[0]?.name).toBe('worker-lost');
  });
});

describe('does not judge', () => {
  it('around a stall of the harness, or when the machine was suspended', () => {
    const stalled = [stall(15, 1, 'event-loop'), ...polls(12, 30, null)];
    expect(judge(stalled).valid).toBe('unknown');
    expect(judge([stall(30, 2, 'suspended'), ...polls(12, 29, null)])).toMatchObject({
      valid: 'unknown',
      reason: 'starved',
    });
    const short = [stall(15, 0.5, 'event-loop')];
    expect(judge([...short, ...polls(12, 18, null)]).valid).toBe('unknown');
    expect(judge([...short, ...polls(12, 19, null)]).valid).toBe('invalid');
  });

  it('what took longer than T from the start of a process for want of a processor', () => {
    const waits = [27, 28, 29].map((at) => stall(at, 0.7, 'cpu'));
    const started = [down('w1', 20), up('w1', 26), ...waits];
    expect(judge([...started, ...polls(26, 34, null)])).toMatchObject({
      valid: 'unknown',
      reason: 'starved',
    });
    expect(judge([...started, ...polls(26, 35, null)]).valid).toBe('invalid');
    // Where nothing started, a new leader has T.
    const elected = [leader('n2', 25, 2), leader('n3', 26, 3), ...waits];
    expect(judge([...elected, ...polls(26, 32, null)]).valid).toBe('invalid');
  });

  it('a run that was cut off', () => {
    const run = runOf([], { events: polls(12, 30, null), facts: { ...FACTS, cutOff: true } });
    expect(checkReRegistration(run, OPTIONS, { timeMs: 1 })).toMatchObject({
      reason: 'interrupted',
    });
  });
});

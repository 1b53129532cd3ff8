import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { SECOND } from '../../harness/operation.ts';
import { leader, role, stall } from '../micro-events.ts';
import { killRecords, runOf } from '../micro-history.ts';
import { checkElections } from './elections.ts';
import { leadershipChanges } from './leaderships.ts';

const FAULTS = killRecords('kill-1', 'n1', 20 * SECOND, 25 * SECOND);
const OPTIONS = { settleMs: 5_000 };

function judge(
  events: readonly RunEvent[],
  options: Readonly<Record<string, Value>> = {},
  faults = FAULTS,
): Verdict {
  const ends = [role('n3', 0, 'follower'), role('n3', 60, 'follower')];
  const all = [...ends, ...events].sort((a, b) => a.notAfter - b.notAfter);
  const phase: RunEvent = { type: 'phase', phase: 'drive', notBefore: 0, notAfter: 0 };
  const run = runOf([], { events: [phase, ...all], faults });
  return checkElections(run, { ...OPTIONS, ...options }, { timeMs: 1_000 });
}

describe('accepts', () => {
  it('an election after a fault', () => {
    const events = [leader('n1', 19, 1), leader('n2', 22, 2), leader('n2', 50, 2)];
    expect(judge(events, { perFault: 1 })).toMatchObject({
      valid: 'valid',
      figures: { elections: 1, electionsWithoutFault: 0 },
    });
  });

  it('terms that rose by split votes, and a leader that knows its term a little later', () => {
    const events = [leader('n1', 19, 1), leader('n2', 22, 1), leader('n2', 22.2, 9)];
    expect(judge(events, { perFault: 1 }).figures).toMatchObject({ elections: 1 });
    const later = [leader('n2', 40, 2), leader('n2', 41, 9)];
    expect(judge(later, {}, []).valid).toBe('valid');
  });

  it('a deposed leader that goes on saying that it leads', () => {
    const termed = [
      leader('n1', 19, 1),
      leader('n2', 22, 2),
      leader('n1', 40, 1),
      leader('n2', 41, 2),
    ];
    expect(judge(termed, { perFault: 1 }).valid).toBe('valid');
    const plain = [leader('n1', 19), leader('n2', 22), leader('n1', 40), leader('n2', 41)];
    expect(judge(plain, { perFault: 1 }).valid).toBe('valid');
  });

  it('elections at the beginning, and while a fault settles', () => {
    expect(judge([leader('n1', 1, 1), leader('n2', 4, 2)]).valid).toBe('valid');
    expect(judge([leader('n1', 29, 1), leader('n2', 33, 2)]).valid).toBe('valid');
  });

  it('elections around a stall of the harness', () => {
    const events = [leader('n1', 40, 1), leader('n2', 43, 2), stall(38, 1, 'cpu')];
    expect(judge(events).valid).toBe('valid');
  });

  it('as many as are allowed', () => {
    const events = [leader('n1', 40, 1), leader('n2', 43, 2)];
    expect(judge(events, { allowed: 1 }).valid).toBe('valid');
    expect(judge(events, { accuse: false })).toMatchObject({
      valid: 'valid',
      figures: { electionsWithoutFault: 1 },
    });
  });
});

describe('rejects', () => {
  it('a leadership lost without a fault', () => {
    const verdict = judge([leader('n1', 40, 1), leader('n2', 43, 2)]);
    expect(verdict.anomalies?.[0]?.name).toBe('election-without-fault');
    expect(verdict.anomalies?.[0]?.explanation).toContain(
      'n1 (term 1) led at 40.000 s, and n2 (term 2) at 43.000 s',
    );
  });

  it('more elections than faults', () => {
    const events = [leader('n1', 19, 1), leader('n2', 22, 2), leader('n3', 24, 3)];
    expect(judge(events).valid).toBe('valid');
    const verdict = judge(events, { perFault: 1 });
    expect(verdict.anomalies?.[0]?.name).toBe('more-elections-than-faults');
    const two = [...FAULTS, ...killRecords('kill-2', 'n2', 23 * SECOND, 26 * SECOND)];
    expect(judge(events, { perFault: 1 }, two).valid).toBe('valid');
  });

  it('epochs that rose by more than one, where terms count', () => {
    const events = [leader('n3', 19, 1), leader('n3', 28, 4)];
    expect(judge(events, { perFault: 1 }).valid).toBe('valid');
    const verdict = judge(events, { perFault: 1, countTerms: true });
    expect(verdict.anomalies?.[0]?.explanation).toContain('kill-1 were followed by 3 elections');
  });
});

it('does not judge a run in which no leader was seen', () => {
  expect(judge([])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

it('without terms, a node that was seen in another role may lead again', () => {
  const events = [leader('n1', 1), leader('n2', 2), role('n1', 3, 'follower'), leader('n1', 4)];
  expect(leadershipChanges(events)).toHaveLength(2);
  expect(leadershipChanges(events.filter(({ type }) => type === 'leader-seen'))).toHaveLength(1);
});

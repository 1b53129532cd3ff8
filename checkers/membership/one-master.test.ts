import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { down, leader, role } from '../micro-events.ts';
import { runOf } from '../micro-history.ts';
import { checkOneMaster } from './one-master.ts';

function judge(
  events: readonly RunEvent[],
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  return checkOneMaster(runOf([], { events }), options, { timeMs: 1_000 });
}

describe('accepts', () => {
  it('one leader after another, and a deposed one that goes on in its own term', () => {
    const events = [
      ...[leader('n1', 1, 1), leader('n1', 2, 1), leader('n2', 3, 2)],
      ...[leader('n1', 3.1, 1), leader('n2', 3.2, 2), leader('n1', 3.3, 1)],
    ];
    expect(judge(events)).toMatchObject({ valid: 'valid', figures: { leaderships: 2 } });
  });

  it('a new leader that first tells the term before: etcd tells the term it has applied', () => {
    const events = [
      ...[leader('n1', 1, 1), leader('n1', 2, 1), leader('n2', 2.1, 1), leader('n2', 2.3, 1)],
      ...[leader('n1', 2.4, 1), leader('n2', 2.5, 2), leader('n2', 2.6, 2)],
    ];
    expect(judge(events).valid).toBe('valid');
  });

  it('two that were seen in one term, but not at one moment for certain', () => {
    const apart = [leader('n1', 1, 1), leader('n1', 2, 1), leader('n2', 3, 1), leader('n2', 4, 1)];
    expect(judge(apart).valid).toBe('valid');
    const wide = [
      leader('n1', 1, 1, 3.5),
      leader('n1', 4, 1),
      leader('n2', 2, 1),
      leader('n2', 3, 1),
    ];
    expect(judge(wide).valid).toBe('valid');
    const once = [leader('n1', 1, 1), leader('n1', 5, 1), leader('n2', 3, 1)];
    expect(judge(once).valid).toBe('valid');
  });

  it('one that was seen in another role, or died, in between', () => {
    const between = (event: RunEvent): RunEvent[] => [
      ...[leader('n1', 1, 1), event, leader('n2', 3, 1), leader('n2', 4, 1), leader('n1', 5, 1)],
    ];
    expect(judge(between(role('n1', 2, 'follower', 1))).valid).toBe('valid');
    expect(judge(between(down('n1', 2))).valid).toBe('valid');
    // One poll tells both the role and that it is to lead.
    expect(judge(between(role('n1', 1, 'leader', 1))).valid).toBe('invalid');
  });
});

describe('rejects', () => {
  const events = [leader('n1', 1, 7), leader('n2', 2, 7), leader('n2', 4, 7), leader('n1', 5, 7)];

  it('two nodes that lead in one term at once', () => {
    const verdict = judge(events);
    expect(verdict.anomalies?.[0]?.name).toBe('two-masters-in-one-term');
    expect(verdict.anomalies?.[0]?.explanation).toContain('from 2.000 s to 4.000 s at least');
  });

  it('only when it lasts longer than a deposed leader may go on', () => {
    expect(judge(events, { overlapMs: 1_999 }).valid).toBe('invalid');
    expect(judge(events, { overlapMs: 2_000 }).valid).toBe('valid');
  });
});

it('does not judge terms that nobody told', () => {
  expect(judge([leader('n1', 1), leader('n1', 2), leader('n2', 1.5)])).toMatchObject({
    valid: 'unknown',
    reason: 'vacuous',
  });
});

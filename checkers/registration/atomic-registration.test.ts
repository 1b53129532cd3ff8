import { describe, expect, it } from 'vitest';

import type { RunEvent } from '../../harness/event.ts';
import type { Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { worker } from '../micro-events.ts';
import { runOf } from '../micro-history.ts';
import { checkAtomicRegistration } from './atomic-registration.ts';

const STATE = { tiers: ['MEM'], used: { MEM: 5 } };

function judge(
  events: readonly RunEvent[],
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  return checkAtomicRegistration(runOf([], { events }), options, { timeMs: 1_000 });
}

describe('accepts', () => {
  it('workers that are listed with all they declare, or not at all', () => {
    const events = [
      worker('n1', 'w1', 1, STATE, null),
      worker('n1', 'w1', 2, STATE),
      worker('n1', 'w1', 3, STATE, { ...STATE, more: 1 }),
    ];
    expect(judge(events)).toMatchObject({ valid: 'valid', figures: { views: 2 } });
  });

  it('values that are still those of an earlier heartbeat', () => {
    const late = worker('n1', 'w1', 2, STATE, { tiers: ['MEM'], used: { MEM: 4 } });
    expect(judge([late]).valid).toBe('valid');
    expect(judge([late], { values: true }).anomalies?.[0]?.explanation).toContain(
      'used: {"MEM":4} instead of {"MEM":5}',
    );
  });

  it('soft state that may come later, when told so', () => {
    const partial = worker('n1', 'w1', 2, STATE, { tiers: ['MEM'] });
    expect(judge([partial], { except: ['used'] }).valid).toBe('valid');
  });
});

describe('rejects', () => {
  it('a worker that is listed between the two steps of its registration', () => {
    const events = [
      worker('n2', 'w1', 2, STATE, {}),
      worker('n2', 'w1', 2.2, STATE, { tiers: null, used: null }),
      worker('n2', 'w1', 2.4, STATE),
    ];
    const verdict = judge(events);
    expect(verdict.anomalies).toHaveLength(1);
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'partial-registration',
      from: 2_000_000_000,
      to: 2_200_000_000,
    });
    expect(verdict.anomalies?.[0]?.explanation).toContain('tiers: absent instead of ["MEM"]');
  });
});

describe('does not judge', () => {
  it('polls that failed, or workers that declare nothing', () => {
    const failed: RunEvent = {
      ...{ type: 'poll-failed', observer: 'workers', node: 'n1', message: 'refused' },
      ...{ notBefore: 0, notAfter: 1 },
    };
    expect(judge([failed])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
    expect(judge([worker('n1', 'w1', 2, {})]).valid).toBe('unknown');
  });
});

/**
 * Claims: a correct cluster is never accused of its registrations, membership and elections, whatever happened to it; a
 * violation under proven conditions is found; and as soon as the proof has a gap it is held against nobody.
 * Method: event logs of a virtual cluster, by chance (test/support/event-log.ts), as they are and with violations put in.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkAgreement } from '../../checkers/membership/agreement.ts';
import { checkElections } from '../../checkers/membership/elections.ts';
import { checkOneMaster } from '../../checkers/membership/one-master.ts';
import { interval, leader, links, stall, view } from '../../checkers/micro-events.ts';
import { runOf } from '../../checkers/micro-history.ts';
import { checkAtomicRegistration } from '../../checkers/registration/atomic-registration.ts';
import { checkReRegistration } from '../../checkers/registration/re-registration.ts';
import type { Check, Verdict } from '../../harness/checker.ts';
import type { LeaderSeen, RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { SECOND } from '../../harness/operation.ts';
import { ALL, BOUND_MS, correctLog, END, MASTERS, QUIET } from '../support/event-log.ts';
import type { EventLog } from '../support/event-log.ts';

const BUDGET = { timeMs: 1_000 };
const FACTS = { nodes: ALL };
/** From here on T has long passed since the last fault. */
const SETTLED = QUIET + 15;

const CHECKS: readonly (readonly [string, Check, Readonly<Record<string, Value>>])[] = [
  ['atomic registration', checkAtomicRegistration, {}],
  ['re-registration', checkReRegistration, { recoveryMs: BOUND_MS, masters: MASTERS }],
  ['agreement', checkAgreement, { recoveryMs: BOUND_MS }],
  ['one master', checkOneMaster, {}],
  ['elections', checkElections, { settleMs: BOUND_MS }],
];

function judge(name: string, { events, faults }: EventLog): Verdict {
  const [, check, options] = CHECKS.find(([known]) => known === name)!;
  const sorted = events.toSorted((a, b) => a.notAfter - b.notAfter);
  return check(runOf([], { events: sorted, faults, facts: FACTS }), options, BUDGET);
}
const found = (name: string, log: EventLog): string[] =>
  judge(name, log).anomalies?.map((anomaly) => anomaly.name) ?? [];

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });
const seconds = ({ notBefore }: RunEvent): number => notBefore / SECOND;
const replaced = (log: EventLog, change: (event: RunEvent) => RunEvent): EventLog => ({
  ...log,
  events: log.events.map(change),
});
const withEvents = (log: EventLog, ...more: readonly RunEvent[]): EventLog => ({
  ...log,
  events: [...log.events, ...more],
});
const lastLeader = ({ events }: EventLog): LeaderSeen =>
  events.filter((event) => event.type === 'leader-seen').at(-1)!;

/** Views of w1 from `from` on do not list it. */
const withoutWorker = (log: EventLog, from = SETTLED): EventLog =>
  replaced(log, (event) =>
    event.type === 'worker-state' && event.worker === 'w1' && seconds(event) >= from
      ? { ...event, registered: false, shown: {} }
      : event,
  );

describe('a correct cluster', () => {
  it('is not accused, whatever happened to it', () => {
    const judged = new Map<string, number>();
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = correctLog(seed);
        for (const [name] of CHECKS) {
          const verdict = judge(name, log);
          expect(verdict.valid, `${name}, seed ${String(seed)}: ${verdict.summary}`).toBe('valid');
          judged.set(name, (judged.get(name) ?? 0) + 1);
        }
      }),
      // Links that two faults had cut at once.
      { numRuns: 150, examples: [[899_727_624], [852_033_994], [888_818_388]] },
    );
    expect([...judged.values()]).toEqual(CHECKS.map(() => 150));
  });

  it('is not accused when terms rise by split votes alone', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 50 }), (seed, rise) => {
        const higher = replaced(correctLog(seed), (event) =>
          event.type === 'leader-seen' && seconds(event) >= SETTLED
            ? { ...event, term: (event.term ?? 0) + rise }
            : event,
        );
        for (const name of ['elections', 'one master']) expect(found(name, higher)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a violation under proven conditions is found', () => {
  const each = (test: (log: EventLog) => void): void => {
    fc.assert(
      fc.property(seeds, (seed) => {
        test(correctLog(seed));
      }),
      { numRuns: 40 },
    );
  };

  it('a worker that is never listed again', () => {
    each((log) => {
      expect(found('re-registration', withoutWorker(log))).toEqual(['worker-lost']);
    });
  });

  it('a worker without some of its state', () => {
    each((log) => {
      const partial = replaced(log, (event) =>
        event.type === 'worker-state' && event.registered && seconds(event) >= SETTLED
          ? { ...event, shown: { id: 7 } }
          : event,
      );
      expect(found('atomic registration', partial)).toContain('partial-registration');
      expect(found('re-registration', partial)).toContain('soft-state-lost');
    });
  });

  it('two masters in one term', () => {
    each((log) => {
      const { node, term } = lastLeader(log);
      const other = MASTERS.find((name) => name !== node)!;
      const quiet = { ...log, events: log.events.filter((event) => !isOf(event, other)) };
      const claims = [0, 2, 4].map((at) => leader(other, SETTLED + at, term));
      expect(found('one master', withEvents(quiet, ...claims))).toEqual([
        'two-masters-in-one-term',
      ]);
    });
  });

  it('an election without a fault', () => {
    each((log) => {
      const { node, term = 0 } = lastLeader(log);
      const other = MASTERS.find((name) => name !== node)!;
      const changed = replaced(log, (event) =>
        event.type === 'leader-seen' && seconds(event) >= SETTLED
          ? { ...event, node: other, term: term + 1 }
          : event,
      );
      expect(found('elections', changed)).toEqual(['election-without-fault']);
    });
  });

  it('two member lists of one configuration, and observers that stay apart', () => {
    each((log) => {
      const views = log.events.filter((event) => event.type === 'membership-view');
      const last = views.at(-1)!;
      const other = { ...last, ...interval(END), members: ['n9'] };
      expect(found('agreement', withEvents(log, other))).toEqual(['two-memberships']);
      const apart = replaced(log, (event) =>
        event.type === 'membership-view' && event.observer === 'n2' && seconds(event) >= QUIET
          ? { ...event, configuration: '1000', members: ['n2'] }
          : event,
      );
      expect(found('agreement', apart)).toEqual(['lasting-disagreement']);
    });
  });

  it('a configuration that goes back', () => {
    each((log) => {
      const back = [view('n1', END, '5000', ['n1']), view('n1', END + 1, '4999', ['n1'])];
      expect(found('agreement', withEvents(log, ...back))).toEqual(['configuration-went-back']);
    });
  });

  function isOf(event: RunEvent, node: string): boolean {
    return 'node' in event && event.node === node && seconds(event) >= QUIET;
  }
});

describe('the same violation is not held against the cluster', () => {
  /** At moments less than T apart, from before the violation on. */
  const moments = (apart: number): number[] =>
    Array.from({ length: Math.ceil((END - QUIET) / apart) }, (_, at) => QUIET + 1 + at * apart);
  const gaps = fc.double({ min: 0.5, max: BOUND_MS / 1000 - 0.5, noNaN: true });

  it('when the recorded quorum window has a gap', () => {
    fc.assert(
      fc.property(seeds, gaps, (seed, apart) => {
        const log = withoutWorker(correctLog(seed));
        const { node } = lastLeader(log);
        for (const cut of [node, 'w1']) {
          const others = ALL.filter((other) => other !== cut);
          const gap = moments(apart).flatMap((at) => [
            links('link-cut', cut, others, at),
            links('link-healed', cut, others, at + 0.01),
          ]);
          expect(found('re-registration', withEvents(log, ...gap))).toEqual([]);
        }
        const paused = moments(apart).flatMap((at): RunEvent[] => [
          { type: 'node-paused', node: 'w1', ...interval(at) },
          { type: 'node-resumed', node: 'w1', ...interval(at + 0.01) },
        ]);
        expect(found('re-registration', withEvents(log, ...paused))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('when the harness was starved', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('cpu', 'event-loop'), (seed, cause) => {
        const stalls = moments(3).map((at) => stall(at, 0.8, cause));
        const log = withoutWorker(correctLog(seed));
        expect(found('re-registration', withEvents(log, ...stalls))).toEqual([]);
        const { node, term = 0 } = lastLeader(log);
        const other = MASTERS.find((name) => name !== node)!;
        const election = leader(other, END, term + 1);
        expect(found('elections', withEvents(log, ...stalls, election))).toEqual([]);
        expect(found('elections', withEvents(log, election))).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });

  it('when the polls that show it failed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const failed = replaced(withoutWorker(correctLog(seed)), (event) => {
          if (event.type !== 'worker-state' || seconds(event) < SETTLED) return event;
          const { notBefore, notAfter, observer: node } = event;
          const at = { notBefore, notAfter };
          return { type: 'poll-failed', observer: 'workers', node, message: 'no answer', ...at };
        });
        expect(found('re-registration', failed)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('when the intervals are too wide to tell', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = correctLog(seed);
        const { node, term } = lastLeader(log);
        const other = MASTERS.find((name) => name !== node)!;
        const claims = [leader(other, SETTLED, term, END), leader(other, SETTLED, term, END)];
        expect(found('one master', withEvents(log, ...claims))).toEqual([]);
        const wide = replaced(withoutWorker(log), (event) =>
          event.type === 'worker-state' && seconds(event) >= SETTLED
            ? { ...event, notBefore: 0 }
            : event,
        );
        expect(found('re-registration', wide)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

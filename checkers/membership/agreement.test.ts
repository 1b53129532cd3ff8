import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { SECOND } from '../../harness/operation.ts';
import { down, interval, links, stall, up, view } from '../micro-events.ts';
import { killRecords, runOf } from '../micro-history.ts';
import type { MicroRun } from '../micro-history.ts';
import { checkAgreement } from './agreement.ts';

const ALL = ['n1', 'n2', 'n3'];

function judge(
  events: readonly RunEvent[],
  more: MicroRun = {},
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  return checkAgreement(runOf([], { ...more, events }), options, { timeMs: 1_000 });
}
const names = (events: readonly RunEvent[], more: MicroRun = {}): string[] =>
  judge(events, more).anomalies?.map(({ name }) => name) ?? [];

describe('one configuration', () => {
  it('has one member list, in whatever order it is told', () => {
    expect(names([view('n1', 1, '4', ALL), view('n2', 2, '4', ['n3', 'n1', 'n2'])])).toEqual([]);
    expect(names([view('n1', 1, '4', ALL), view('n2', 9, '4', ['n1', 'n2'])])).toEqual([
      'two-memberships',
    ]);
  });

  it('has one master, or none yet', () => {
    const [one, none, other] = [{ master: 'n1' }, { master: null }, { master: 'n2' }];
    expect(names([view('n1', 1, '4', ALL, one), view('n2', 2, '4', ALL, none)])).toEqual([]);
    expect(
      names([
        view('n2', 1, '4', ALL, none),
        view('n1', 1, '4', ALL, one),
        view('n2', 2, '4', ALL, other),
      ]),
    ).toEqual(['two-masters']);
  });

  it('is not a term: other members under another ring are no conflict', () => {
    const events = [
      view('n1', 1, '1.11', ['n1', 'n2']),
      view('n3', 1, '3.11', ['n3']),
      view('n3', 2, '1.15', ALL),
      view('n1', 2, '1.15', ALL),
    ];
    expect(names(events)).toEqual([]);
  });
});

describe('the configuration of an observer', () => {
  it('goes forward', () => {
    expect(names([view('n1', 1, '9', ALL), view('n1', 2, '10', ALL)])).toEqual([]);
    expect(names([view('n1', 1, '10', ALL), view('n1', 2, '9', ALL)])).toEqual([
      'configuration-went-back',
    ]);
    expect(names([view('n1', 1, '1.15', ALL), view('n1', 2, '3.11', ['n3'])])).toEqual([
      'configuration-went-back',
    ]);
  });

  it('is never one that it had left, whatever its name', () => {
    const back = ['a', 'b', 'a'].map((name, at) => view('n1', at, name, ALL));
    expect(names(back)).toEqual(['configuration-went-back']);
    const others = ['a', 'b', 'a'].map((name, at) => view(`n${String(at + 1)}`, at, name, ALL));
    expect(names(others)).toEqual([]);
  });

  it('may go back with a restart, unless it is durable', () => {
    const events = [view('n1', 1, '10', ALL), down('n1', 2), up('n1', 3), view('n1', 4, '9', ALL)];
    expect(names(events)).toEqual([]);
    expect(judge(events, {}, { durable: true }).valid).toBe('invalid');
  });

  it('is not compared where the intervals of two polls overlap', () => {
    const slow = view('n1', 1, '10', ALL, interval(1, 3));
    expect(names([slow, view('n1', 2, '9', ALL, interval(2, 4))])).toEqual([]);
    expect(names([slow, view('n1', 3, '9', ALL, interval(3, 4))])).toHaveLength(1);
  });
});

describe('at quiescence', () => {
  const faults = killRecords('kill-1', 'n1', 5 * SECOND, 10 * SECOND);
  const each = (observer: string, from: number, to: number, name: string): RunEvent[] =>
    Array.from({ length: to - from }, (_, at) => view(observer, from + at, name, [observer]));
  const kill = [down('n1', 5), up('n1', 10)];

  it('observers come to the same configuration within T', () => {
    const events = [...kill, ...each('n1', 10, 18, 'a'), ...each('n1', 18, 40, 'b')];
    expect(names([...events, ...each('n2', 10, 40, 'b').map(sameMembers)], { faults })).toEqual([]);
  });

  it('observers that stay apart for longer disagree', () => {
    const events = [...kill, ...each('n1', 10, 30, 'a'), ...each('n2', 0, 40, 'b')];
    const verdict = judge(events, { faults });
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual(['lasting-disagreement']);
    expect(verdict.anomalies?.[0]?.explanation).toContain('From 10.000 s to 29.000 s no fault');
    expect(judge(events, { faults }, { recoveryMs: 20_000 }).valid).toBe('valid');
  });

  it('those that stay apart are found among many that do not, the first of them told', () => {
    const short = Array.from({ length: 300 }, (_, at) =>
      ['n1', 'n2', 'n3'].map((node) => view(node, at / 10, `quick-${String(at)}`, [node])),
    );
    const once = each('n1', 40, 60, 'a');
    const twice = [...each('n2', 40, 60, 'b'), ...each('n3', 40, 60, 'c')];
    const same = short.flat().map(sameMembers);
    expect(names([...same, ...once])).toEqual([]);
    const verdict = judge([...same, ...once, ...twice]);
    expect(verdict.anomalies?.map(({ name }) => name)).toEqual(['lasting-disagreement']);
    expect(verdict.anomalies?.[0]?.explanation).toContain('n1 was in a with n1');
    expect(verdict.anomalies?.[0]?.explanation).toContain('and n2 was in b with n2');
  });

  it('nothing is said of observers that were cut off, of a starved harness, or of a fault that stays', () => {
    const events = [...kill, ...each('n1', 10, 30, 'a'), ...each('n2', 0, 40, 'b')];
    const cut = links('link-cut', 'n1', ['n2'], 12);
    expect(names([...events, cut], { faults })).toEqual([]);
    expect(names([...events, stall(20, 1, 'cpu')], { faults })).toEqual([]);
    expect(names(events, { faults: killRecords('kill-1', 'n1', 5 * SECOND, null) })).toEqual([]);
    expect(names(events, { faults, facts: { cutOff: true } })).toEqual([]);
  });

  function sameMembers(event: RunEvent): RunEvent {
    return event.type === 'membership-view' ? { ...event, members: ['n1'] } : event;
  }
});

it('does not judge a run without views', () => {
  expect(judge([])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

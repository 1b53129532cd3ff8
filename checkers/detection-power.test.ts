import { describe, expect, test } from 'vitest';
import { checkDetectionPower } from './detection-power.ts';
import { shareOf } from './detection-power/interval.ts';
import type { RunEvent } from '../harness/event.ts';
import { leader, view } from './micro-events.ts';
import { historyOf, type Line, runOf } from './micro-history.ts';

const BUDGET = { timeMs: 10_000 };

function judge(lines: readonly Line[], options: Parameters<typeof checkDetectionPower>[1]) {
  return checkDetectionPower(runOf(historyOf(lines)), options, BUDGET);
}

const REGISTER = { of: 'linearizable-register' };

const sequential: readonly Line[] = [
  [0, 'invoke', 'write', 1],
  [0, 'ok', 'write', 1],
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', 1],
  [0, 'invoke', 'write', 2],
  [0, 'ok', 'write', 2],
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', 2],
];

describe('registers', () => {
  test('where every write is read before the next one, every lost write and stale read shows', () => {
    expect(judge(sequential, REGISTER).figures).toMatchObject({
      'lost-write': { places: 2, tried: 2, seen: 2, low: 1, high: 1 },
      'stale-read': { places: 2, tried: 2, seen: 2 },
    });
  });

  test('a write that nobody reads can be lost unseen, and a read beside a write may be stale', () => {
    const { figures, summary } = judge(
      [
        [0, 'invoke', 'write', 1],
        [0, 'ok', 'write', 1],
        [0, 'invoke', 'write', 2],
        [1, 'invoke', 'read', null],
        [0, 'ok', 'write', 2],
        [1, 'ok', 'read', 2],
      ],
      REGISTER,
    );
    expect(figures).toMatchObject({
      // Losing 2 changes the read to 1, which is legal beside it; losing 1 changes nothing.
      'lost-write': { tried: 2, seen: 0 },
      'stale-read': { tried: 1, seen: 0 },
    });
    expect(summary).toContain('0 % of single lost writes would have been seen');
  });

  test('a compare-and-set after a lost write is refused in the mutant', () => {
    const { figures } = judge(
      [
        [0, 'invoke', 'write', 1],
        [0, 'ok', 'write', 1],
        [0, 'invoke', 'cas', [1, 2]],
        [0, 'ok', 'cas', { swapped: true }],
      ],
      REGISTER,
    );
    expect(figures).toMatchObject({ 'lost-write': { tried: 2, seen: 1 } });
  });

  test('a smaller share than asked for makes the run unknown', () => {
    expect(judge(sequential, { ...REGISTER, minimum: 0.9 }).valid).toBe('valid');
    const unread = sequential.slice(0, 2);
    expect(
      judge(
        [
          ...unread,
          [1, 'invoke', 'read', null],
          [1, 'ok', 'read', 1],
          [0, 'invoke', 'write', 3],
          [0, 'ok', 'write', 3],
        ],
        { ...REGISTER, minimum: 0.9 },
      ),
    ).toMatchObject({
      valid: 'unknown',
      reason: 'vacuous',
    });
  });

  test('nothing is said of a run that is not valid', () => {
    const lines: readonly Line[] = [
      ...sequential,
      [1, 'invoke', 'read', null],
      [1, 'ok', 'read', 1],
    ];
    expect(judge(lines, REGISTER)).toMatchObject({ valid: 'valid', figures: {} });
  });
});

test('sets: a lost element, a stale read and a duplicate show where a later read tells', () => {
  const { figures } = judge(
    [
      [0, 'invoke', 'add', 1],
      [0, 'ok', 'add', 1],
      [0, 'invoke', 'add', 2],
      [0, 'ok', 'add', 2],
      [1, 'invoke', 'read', null],
      [1, 'ok', 'read', [1, 2]],
    ],
    { of: 'set' },
  );
  expect(figures).toMatchObject({
    'lost-element': { places: 2, seen: 2 },
    'stale-read': { places: 1, seen: 1 },
    'duplicated-element': { places: 1, seen: 1 },
  });
});

test('lists: a lost, stale, reordered or duplicated element shows where another read tells', () => {
  const { figures } = judge(
    [
      [0, 'invoke', 'txn', [['append', 'x', 1]]],
      [0, 'ok', 'txn', [['append', 'x', 1]]],
      [0, 'invoke', 'txn', [['append', 'x', 2]]],
      [0, 'ok', 'txn', [['append', 'x', 2]]],
      [1, 'invoke', 'txn', [['r', 'x', null]]],
      [1, 'ok', 'txn', [['r', 'x', [1, 2]]]],
      [1, 'invoke', 'txn', [['r', 'x', null]]],
      [1, 'ok', 'txn', [['r', 'x', [1, 2]]]],
    ],
    { of: 'list-append' },
  );
  expect(figures).toMatchObject({
    'lost-append': { places: 2, tried: 2 },
    'stale-read': { places: 2, seen: 2 },
    'reordered-element': { places: 2, seen: 2 },
    'duplicated-element': { places: 2, seen: 2 },
  });
});

describe('epochs', () => {
  const judgeEvents = (
    events: readonly RunEvent[],
    options: Parameters<typeof checkDetectionPower>[1],
  ) => checkDetectionPower(runOf([], { events }), options, BUDGET);

  test('a swap that shows two masters in one term is seen, for as long as it must last', () => {
    // With n3's, or n2's first, exchanged for n1's last: n1 leads in term 7 from 1 to 5, and n2 from 2 or 2.5 to 4.
    const events = [
      ...[leader('n1', 1, 7), leader('n2', 2, 7), leader('n2', 2.5, 7), leader('n3', 3, 7)],
      ...[leader('n2', 4, 7), leader('n1', 5, 8)],
    ];
    const { figures } = judgeEvents(events, { of: 'one-master' });
    expect(figures).toMatchObject({ 'swapped-epochs': { places: 4, tried: 4, seen: 2 } });
    const bounded = judgeEvents(events, { of: 'one-master', options: { overlapMs: 5_000 } });
    expect(bounded.figures).toMatchObject({ 'swapped-epochs': { tried: 4, seen: 0 } });
  });

  test('single sightings of leaders that follow each other prove nothing', () => {
    const events = [1, 2, 3, 4, 5, 6].map((at) =>
      at < 4 ? leader('n1', at, 1) : leader('n2', at, 2),
    );
    const { figures, summary } = judgeEvents(events, { of: 'one-master' });
    expect(figures).toMatchObject({ 'swapped-epochs': { places: 3, tried: 3, seen: 0 } });
    expect(summary).toContain('0 % of single swaps of two epochs would have been seen');
  });

  test('configurations: a swap shows where members differ, or the observer goes back', () => {
    const events = ['1', '2', '3'].flatMap((configuration, at) =>
      ['n1', 'n2'].map((node, late) =>
        view(node, at * 2 + late, configuration, ['n1', 'n2', 'n3'].slice(0, at + 1)),
      ),
    );
    expect(judgeEvents(events, { of: 'agreement' }).figures).toMatchObject({
      'swapped-configurations': { places: 4, tried: 4, seen: 4 },
    });
    // Two views of one member list, and each observer tells one only: any names will do.
    const alike = [view('n1', 1, 'a', ['n1']), view('n2', 2, 'b', ['n1'])];
    expect(judgeEvents(alike, { of: 'agreement' }).figures).toMatchObject({
      'swapped-configurations': { places: 1, tried: 1, seen: 0 },
    });
  });

  test('a run in which nobody told epochs has no places', () => {
    const options = { of: 'one-master', options: { required: false } };
    for (const events of [[], [leader('n1', 1), leader('n2', 2)]]) {
      const verdict = judgeEvents(events, options);
      expect(verdict.figures).toMatchObject({ 'swapped-epochs': { places: 0, tried: 0 } });
      expect(verdict.summary).toContain('no place');
    }
  });
});

test('an unknown checker is named with those that there are', () => {
  expect(() => judge(sequential, { of: 'sett' })).toThrow(
    /expected one of linearizable-register, set/,
  );
});

test('intervals: Wilson by sampling, none when every place was tried', () => {
  expect(shareOf(93, 100, true)).toMatchObject({ low: 0.93, high: 0.93 });
  const { low, high } = shareOf(93, 100, false);
  expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.863', '0.966']);
  expect(shareOf(0, 0, true)).toMatchObject({ low: 0, high: 1 });
});

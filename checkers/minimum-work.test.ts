import { expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { FaultRecord } from '../harness/nemesis.ts';
import type { OperationType, Value } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { checkMinimumWork } from './minimum-work.ts';
import { historyOf, killRecords, runOf } from './micro-history.ts';
import type { Line, MicroRun } from './micro-history.ts';

function judge(
  lines: readonly Line[],
  more: MicroRun,
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  return checkMinimumWork(runOf(historyOf(lines), more), options, { timeMs: 1_000 });
}

/** So many reads, two milliseconds each. */
const reads = (count: number, type: OperationType = 'ok'): Line[] =>
  Array.from({ length: count }, (): Line[] => [
    [0, 'invoke', 'read', null],
    [0, type, 'read', 1],
  ]).flat();

const at = (operations: number): number => operations * 2 * MILLISECOND;

it('accepts enough service before and after a fault that took effect', () => {
  const lines = [...reads(10), ...reads(5, 'info'), ...reads(10)];
  const faults = killRecords('kill-1', 'n1', at(10) - 1, at(15));
  const verdict = judge(lines, { faults }, { faultsIntended: 1 });
  expect(verdict).toMatchObject({
    valid: 'valid',
    figures: { serviceBefore: 10, serviceDuring: 0, serviceAfter: 10, faultsVerified: 1 },
  });
});

it('counts rejections by the system as service, refusals not', () => {
  const ended = (kind: 'rejected' | 'refused'): Line[] =>
    Array.from({ length: 10 }, (): Line[] => [
      [0, 'invoke', 'read', null],
      [0, 'fail', 'read', null, { error: { kind, message: '' } }],
    ]).flat();
  expect(judge(ended('rejected'), {}).valid).toBe('valid');
  expect(judge(ended('refused'), {})).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

const vacuous: Record<string, [RegExp, Line[], FaultRecord[], Readonly<Record<string, Value>>?]> = {
  'no operation at all': [/no operation was invoked/, [], []],
  'too little before the first fault': [
    /9 services before/,
    reads(30),
    killRecords('k', 'n1', at(9), at(12)),
  ],
  'too little after the last fault': [
    /9 services after/,
    reads(30),
    killRecords('k', 'n1', at(15), at(21)),
  ],
  'nothing after a fault that stays': [
    /0 services after/,
    reads(30),
    killRecords('k', 'n1', at(15), null),
  ],
  'too little during faults, where that is asked': [
    /2 services during the faults, expected at least 3/,
    reads(30),
    killRecords('k', 'n1', at(12), at(14)),
    { during: 3 },
  ],
  'a fault that never fired': [
    /fault k did not take effect \(never fired\)/,
    reads(30),
    killRecords('k', 'n1', 0, 0).slice(0, 1),
  ],
  'a fault that was not verified': [
    /fault k did not take effect \(not verified\)/,
    reads(30),
    killRecords('k', 'n1', at(12), at(14)).filter(({ state }) => state !== 'verified'),
  ],
  'fewer faults than the schedule has': [
    /0 faults intended, expected 2/,
    reads(30),
    [],
    { faultsIntended: 2 },
  ],
  'only skipped faults': [
    /all faults were skipped: no leader/,
    reads(30),
    [
      ...killRecords('k', 'n1', 0, 0).slice(0, 1),
      { state: 'skipped', id: 'k', notBefore: 0, notAfter: 0, reason: 'no leader' },
    ],
  ],
  'a fault that nobody felt': [
    /nobody felt any fault \(k\)/,
    reads(30),
    killRecords('k', 'n1', at(12), at(14)),
  ],
  'fewer faults felt than asked for': [
    /1 faults felt, expected at least 2/,
    [...reads(13), ...reads(1, 'fail'), ...reads(16)],
    killRecords('k', 'n1', at(12), at(14)),
    { felt: 2 },
  ],
  'a kind of operation that never got service': [
    /write: 0 of 1 got service/,
    [...reads(30), [1, 'invoke', 'write', 1], [1, 'info', 'write', 1]],
    [],
  ],
};
it.each(Object.entries(vacuous))('does not accept %s', (_, [summary, lines, faults, options]) => {
  const verdict = judge(lines, { faults }, options);
  expect(verdict).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  expect(verdict.summary).toMatch(summary);
});

it('names skipped faults beside others that took effect', () => {
  const skipped: FaultRecord[] = [
    ...killRecords('pause-1', 'n1', 0, 0).slice(0, 1),
    { state: 'skipped', id: 'pause-1', notBefore: 0, notAfter: 0, reason: 'no cgroup' },
  ];
  const faults = [...killRecords('kill-1', 'n1', at(12), at(14)), ...skipped];
  const lines = [...reads(13), ...reads(1, 'fail'), ...reads(16)];
  const verdict = judge(lines, { faults }, { faultsIntended: 2 });
  expect(verdict.valid).toBe('valid');
  expect(verdict.figures?.['faultsSkipped']).toEqual(['pause-1: no cgroup']);
});

it('accepts faults that are meant to be masked, where that is said', () => {
  const faults = killRecords('kill-1', 'n1', at(12), at(14));
  const verdict = judge(reads(30), { faults }, { felt: 0 });
  expect(verdict).toMatchObject({ valid: 'valid', figures: { faultsFelt: 0 } });
  expect(verdict.summary).toMatch(/1 faults verified, 0 felt \(not kill-1\)/);
});

it('tells of each fault what verified it and what was felt of it', () => {
  const faults = [
    ...killRecords('kill-1', 'n1', at(12), at(14)),
    ...killRecords('kill-2', 'n1', at(17), at(18)),
  ];
  const lines = [...reads(13), ...reads(1, 'info'), ...reads(16)];
  const { summary, figures } = judge(lines, { faults }, { faultsIntended: 2 });
  expect(summary).toBe('29 services, 2 faults verified, 1 felt (not kill-2)');
  expect(figures?.['faultsNotFelt']).toEqual(['kill-2']);
  expect(figures?.['effects']).toMatchObject([
    { id: 'kill-1', nodes: ['n1'], felt: { leaderChanges: 0, failed: 0, indefinite: 1 } },
    { id: 'kill-2', felt: { indefinite: 0 } },
  ]);
});

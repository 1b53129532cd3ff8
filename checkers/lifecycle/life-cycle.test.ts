import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import { checkLifeCycle } from './life-cycle.ts';

/** One report after another: `[id, state, leader]`. */
const status = (...reports: readonly (readonly [string, Value, string?])[]): Line[] =>
  reports.flatMap(([id, state, leader = 'n1 in term 1']): Line[] => [
    [0, 'invoke', 'backup-status', id],
    [0, 'ok', 'backup-status', { id, state, leader }],
  ]);

function judge(lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): Verdict {
  return checkLifeCycle(runOf(historyOf(lines)), options, { timeMs: 1_000 });
}
const names = (lines: readonly Line[], options: Readonly<Record<string, Value>> = {}): string[] =>
  judge(lines, options).anomalies?.map(({ name }) => name) ?? [];

describe('accepts', () => {
  it('a job that moves forward, and stays at its end', () => {
    const steps = ['Initiating', 'Running', 'Running', 'Completed', 'Completed'];
    expect(judge(status(...steps.map((state) => ['a', state] as const))).valid).toBe('valid');
  });

  it('jobs one after another', () => {
    expect(
      names(status(['a', 'Running'], ['a', 'Failed'], ['b', 'Initiating'], ['b', 'Completed'])),
    ).toEqual([]);
  });

  it('reports that overlap, in either order', () => {
    const lines: Line[] = [
      [0, 'invoke', 'backup-status', 'a'],
      [1, 'invoke', 'backup-status', 'a'],
      [0, 'ok', 'backup-status', { id: 'a', state: 'Completed' }],
      [1, 'ok', 'backup-status', { id: 'a', state: 'Running' }],
    ];
    expect(names(lines)).toEqual([]);
  });

  it('a job that the next leader does not know, and one that goes on under a deposed one', () => {
    const lost = status(['a', 'Running'], ['a', null, 'n2 in term 2']);
    expect(names(lost)).toEqual([]);
    const both = status(['a', 'Running'], ['b', 'Running', 'n2 in term 2'], ['a', 'Running']);
    expect(names(both)).toEqual([]);
  });

  it('one that ended and went on, beside one that was active in between', () => {
    const lines = status(['a', 'Running'], ['a', 'Failed'], ['b', 'Running'], ['b', 'Completed']);
    const revived = [...lines, ...status(['a', 'Running'], ['a', 'Completed'])];
    expect(names(revived)).toEqual(['terminal-state-changed']);
  });

  it('two that were each seen active once, at moments of their own', () => {
    expect(names(status(['a', 'Running'], ['b', 'Running']))).toEqual([]);
  });

  it('states that it was told of', () => {
    const options = { order: ['new', ['done', 'gone']], terminal: ['done', 'gone'] };
    expect(names(status(['a', 'new'], ['a', 'done']), options)).toEqual([]);
    expect(names(status(['a', 'new'], ['a', 'odd'], ['a', 'done']), options)).toEqual([]);
  });
});

describe('rejects', () => {
  it('a state that goes back', () => {
    const verdict = judge(status(['a', 'Running'], ['a', 'Initiating']));
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'state-went-back',
      operations: [0, 1, 2, 3],
    });
    expect(verdict.anomalies?.[0]?.explanation).toContain('Job a: backup-status #0–#1');
    expect(names(status(['a', 'Running'], ['a', 'Initiating', 'n2 in term 2']))).toEqual([
      'state-went-back',
    ]);
  });

  it('a terminal state that changes', () => {
    expect(names(status(['a', 'Completed'], ['a', 'Failed']))).toEqual(['terminal-state-changed']);
    expect(names(status(['a', 'Failed'], ['a', 'Running']))).toEqual(['terminal-state-changed']);
  });

  it('a job forgotten under one leader', () => {
    expect(names(status(['a', 'Running'], ['a', null]))).toEqual(['job-forgotten']);
  });

  it('two jobs active at once', () => {
    const between = status(['a', 'Running'], ['b', 'Running'], ['a', 'Running']);
    expect(names(between)).toEqual(['two-active-jobs']);
    const crossed = status(
      ['a', 'Running'],
      ['b', 'Initiating'],
      ['a', 'Running'],
      ['b', 'Running'],
    );
    expect(names(crossed)).toEqual(['two-active-jobs']);
    const listed: Line[] = [
      [0, 'invoke', 'backup-status', null],
      [
        0,
        'ok',
        'backup-status',
        [
          { id: 'a', state: 'Running' },
          { id: 'b', state: 'Initiating' },
        ],
      ],
    ];
    expect(names(listed)).toEqual(['two-active-jobs']);
  });

  it('two under two leaders, where there is to be one in the system', () => {
    const [one, two] = ['n1 in term 1', 'n2 in term 2'];
    const lines = status(['a', 'Running', one], ['b', 'Running', two], ['a', 'Running', one]);
    expect(names(lines, { activeAtOnce: 'system' })).toEqual(['two-active-jobs']);
    expect(names(lines)).toEqual([]);
  });
});

describe('what cannot be judged', () => {
  it('is unknown without a state, and an error without an id', () => {
    expect(judge(status(['a', null]))).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
    const bad: Line[] = [
      [0, 'invoke', 'backup', null],
      [0, 'ok', 'backup', { state: 'Running' }],
    ];
    expect(() => judge(bad)).toThrow(/line 1: .*expected \{id, state\}/);
    expect(() => judge([], { activeAtOnce: 'node' })).toThrow(/expected leadership or system/);
  });
});

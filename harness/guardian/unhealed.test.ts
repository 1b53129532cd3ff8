import { describe, expect, test } from 'vitest';
import type { FaultRecord, FaultState } from '../nemesis.ts';
import type { Undo } from '../undo.ts';
import { overdueFaults, undoOf, unhealedFaults } from './unhealed.ts';

const START: Undo = [{ act: 'start', node: 'n1' }];

function record(
  id: string,
  state: Exclude<FaultState, 'intended'>,
  more: Partial<Extract<FaultRecord, { id: string }>> = {},
): FaultRecord {
  return { notBefore: 0, notAfter: 0, ...more, id, state };
}

function armed(id: string, undo: Undo = START, deadline?: number): FaultRecord {
  return record(id, 'armed', { undo, ...(deadline === undefined ? {} : { deadline }) });
}

const ids = (faults: readonly { id: string }[]): readonly string[] => faults.map(({ id }) => id);

describe('which faults are not healed', () => {
  test('one that was armed may have fired, whatever was written since', () => {
    expect(unhealedFaults([armed('a')])).toEqual([{ id: 'a', undo: START, deadline: null }]);
    for (const state of ['fired', 'verified', 'healing', 'failed'] as const) {
      expect(ids(unhealedFaults([armed('a'), record('a', state)]))).toEqual(['a']);
    }
  });

  test('not those that were healed, by whomever, that never fired, or that were never armed', () => {
    expect(unhealedFaults([armed('a'), record('a', 'fired'), record('a', 'healed')])).toEqual([]);
    const by = { by: 'guardian' } as const;
    expect(unhealedFaults([armed('a'), record('a', 'healed', by)])).toEqual([]);
    expect(unhealedFaults([armed('a'), record('a', 'skipped')])).toEqual([]);
    expect(unhealedFaults([record('a', 'skipped'), record('b', 'failed')])).toEqual([]);
  });

  test('one that was healed and is armed again is not healed', () => {
    const records = [armed('a'), record('a', 'healed'), armed('a')];
    expect(ids(unhealedFaults(records))).toEqual(['a']);
  });
});

describe('which are overdue', () => {
  test('those whose deadline is over; the last one given counts', () => {
    const records = [armed('a', START, 10), armed('b', [{ act: 'resume', node: 'n2' }], 20)];
    expect(ids(overdueFaults(records, 9))).toEqual([]);
    expect(ids(overdueFaults(records, 10))).toEqual(['a']);
    expect(ids(overdueFaults(records, 20))).toEqual(['a', 'b']);
    const later = [...records, record('a', 'fired', { deadline: 30 })];
    expect(ids(overdueFaults(later, 20))).toEqual(['b']);
  });

  test('and with them all that their undoing undoes too', () => {
    const rules = (node: string, links: string): Undo => [{ act: 'clear-rules', node, links }];
    const records = [
      armed('a', rules('n1', 'n1->n2'), 10),
      armed('b', [...rules('n1', 'n1->n3'), ...rules('n3', 'n1->n3')], 99),
      armed('c', rules('n3', 'n3->n4'), 99),
      armed('d', rules('n5', 'n5->n4'), 99),
    ];
    expect(ids(overdueFaults(records, 10))).toEqual(['a', 'b', 'c']);
  });
});

test('undo data of several faults: each act once, however it is written down', () => {
  const faults = unhealedFaults([
    armed('a', [{ act: 'start', node: 'n1' }]),
    armed('b', [
      { node: 'n1', act: 'start' },
      { act: 'start', node: 'n2' },
    ]),
  ]);
  expect(undoOf(faults)).toHaveLength(2);
});

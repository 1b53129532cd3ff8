import { expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkUniqueIds } from './unique-ids.ts';

function judge(...ids: (readonly ['ok' | 'info', Value])[]): Verdict {
  const lines = ids.flatMap(([type, id], process): Line[] => [
    [process, 'invoke', 'generate', null],
    [process, type, 'generate', id],
  ]);
  return checkUniqueIds(runOf(historyOf(lines)), {}, { timeMs: 1_000 });
}

it('accepts ids that differ, and repeats that nobody was given', () => {
  expect(judge(['ok', 1], ['ok', 2], ['ok', '1']).valid).toBe('valid');
  expect(judge(['ok', 1], ['info', 1]).valid).toBe('valid');
});

it('rejects an id given twice, and names both', () => {
  const verdict = judge(['ok', 'a'], ['ok', 'b'], ['ok', 'a']);
  expect(verdict.valid).toBe('invalid');
  expect(verdict.anomalies?.[0]).toMatchObject({
    name: 'duplicated-id',
    explanation: 'Given more than once: "a" at #0–#1, #4–#5.',
    operations: [0, 1, 4, 5],
  });
  expect(verdict.figures).toEqual({ attempted: 3, acknowledged: 3, duplicated: 1 });
});

it('rejects composed ids that are equal', () => {
  expect(judge(['ok', [1, 2]], ['ok', [1, 2]]).valid).toBe('invalid');
});

it('does not judge what it did not see', () => {
  expect(judge(['info', 1])).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
});

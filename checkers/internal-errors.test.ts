import { describe, expect, it } from 'vitest';

import { historyOf, runOf } from './micro-history.ts';
import type { Line } from './micro-history.ts';
import { checkInternalErrors } from './internal-errors.ts';

const ended = (code: string): Line[] => [
  [0, 'invoke', 'commit', 1],
  [0, 'info', 'commit', 1, { error: { kind: 'indefinite', message: 'no capacity', code } }],
];

describe('internal errors', () => {
  it('are accused by their code, with the operations that met them', () => {
    const verdict = checkInternalErrors(runOf(historyOf(ended('INTERNAL'))), {}, { timeMs: 1_000 });
    expect(verdict.anomalies?.[0]).toMatchObject({ name: 'internal-error', operations: [0, 1] });
    expect(verdict.anomalies?.[0]?.explanation).toContain('INTERNAL: no capacity');
  });

  it('are only those of the codes that are named', () => {
    const run = runOf(historyOf(ended('NOT_FOUND')));
    expect(checkInternalErrors(run, {}, { timeMs: 1_000 }).valid).toBe('valid');
    const options = { codes: ['NOT_FOUND'] };
    expect(checkInternalErrors(run, options, { timeMs: 1_000 }).valid).toBe('invalid');
  });
});

import { describe, expect, it } from 'vitest';

import type { JudgingOptions } from '../judging/history-judge.ts';
import { ISOLATION_JUDGES } from '../transactions/isolation-judges.ts';
import { validateCertificate } from '../validator/validate.ts';
import { levelsOf } from './levels.ts';
import { columnsOfTransactions, historyOfTransactions } from './micro-transactions.ts';
import type { MicroTransaction } from './micro-transactions.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: false,
  versionOrders: [],
  verify: false,
};

/** The strongest level that holds, and the anomaly by which the next one is violated. */
const histories: Record<string, [MicroTransaction[], string, string?]> = {
  'one after the other': [
    [
      [0, 'w x 1, w y 1'],
      [1, 'r x 1, w x 2'],
      [2, 'r x 2, r y 1'],
    ],
    'causal',
  ],
  'a long fork': [
    [
      [0, 'w x 1'],
      [1, 'w y 1'],
      [2, 'r x 1, r y nil'],
      [3, 'r x nil, r y 1'],
    ],
    'causal',
  ],
  'lost updates': [
    [
      [0, 'r x nil, w x 1'],
      [1, 'r x nil, w x 2'],
    ],
    'causal',
  ],
  'a transaction that is read and not committed by its answer': [
    [
      [0, 'w x 1', 'info'],
      [1, 'r x 1'],
    ],
    'causal',
  ],
  'a reply seen without what it answers': [
    [
      [0, 'w x 1'],
      [1, 'r x 1, w y 1'],
      [2, 'r y 1, r x nil'],
    ],
    'read-atomic',
    'G-single-item',
  ],
  'a session that goes back behind what it has seen': [
    [
      [0, 'w x 1'],
      [1, 'r x 1'],
      [1, 'r x nil'],
    ],
    'read-atomic',
    'G-single-item-process',
  ],
  'half of a transaction': [
    [
      [0, 'w x 1, w y 1'],
      [1, 'r x nil, r y 1'],
    ],
    'read-committed',
    'G-single-item',
  ],
  'a session that does not see its own write': [
    [
      [0, 'w x 1'],
      [0, 'r x nil'],
    ],
    'read-committed',
    'G-single-item-process',
  ],
  'two values of one key': [
    [
      [0, 'w x 1'],
      [1, 'w x 2'],
      [2, 'r x 1, r x 2'],
    ],
    'read-committed',
    'G0',
  ],
  'what was read turns older': [
    [
      [0, 'w x 1, w y 1'],
      [1, 'r x 1, r y nil'],
    ],
    'none',
    'G-single-item',
  ],
  'two that read from each other': [
    [
      [0, 'r y 1, w x 1'],
      [1, 'r x 1, w y 1'],
    ],
    'none',
    'G1c',
  ],
  'a read of what a failed one wrote': [
    [
      [0, 'w x 1', 'fail'],
      [1, 'r x 1'],
    ],
    'none',
    'G1a',
  ],
  'a read of what nobody wrote': [[[0, 'r x 7']], 'none', 'unproduced-read'],
  'a read of what was overwritten at once': [
    [
      [0, 'w x 1, w x 2'],
      [1, 'r x 1'],
    ],
    'none',
    'G1b',
  ],
  'a read of what is written later': [[[0, 'r x 1, w x 1']], 'none', 'future-read'],
  'a read that passes over an own write': [
    [
      [0, 'w x 1'],
      [1, 'w x 2, r x 1'],
    ],
    'none',
    'internal',
  ],
};

const STRENGTH = ['read-committed', 'read-atomic', 'causal'] as const;

describe('levels', () => {
  it.each(Object.entries(histories))('%s', (_, [transactions, strongest, anomaly]) => {
    const { levels, violations } = levelsOf(columnsOfTransactions(transactions));
    const held = STRENGTH.filter((level) => levels[level] === true);
    expect(held.at(-1) ?? 'none').toBe(strongest);
    expect(held).toEqual(STRENGTH.slice(0, held.length));
    expect(violations).toHaveLength(STRENGTH.length - held.length);
    const by = violations[0]?.by;
    expect(by !== undefined && 'anomaly' in by ? by.anomaly : undefined).toBe(anomaly);
  });

  it.each(Object.entries(histories))(
    'evidence is what an independent validator accepts: %s',
    (_, [transactions]) => {
      const history = historyOfTransactions(transactions);
      for (const { by } of levelsOf(columnsOfTransactions(transactions)).violations) {
        expect(validateCertificate(history, 'rw-register', OPTIONS, by)).toBeNull();
      }
    },
  );

  it('know the value at the beginning', () => {
    const columns = columnsOfTransactions([[0, 'r x 0']]);
    expect(levelsOf(columns).levels.causal).toBe(false);
    expect(levelsOf(columns, [null, 0]).levels.causal).toBe(true);
  });

  it('are not judged where a value is written twice', () => {
    const { levels, unjudgeable } = levelsOf(
      columnsOfTransactions([
        [0, 'w x 1'],
        [1, 'w x 1'],
        [2, 'r x 1'],
      ]),
    );
    expect(levels).toEqual({});
    expect(unjudgeable).toContain('values must be written once');
  });

  it('that took too long are not told', () => {
    const columns = columnsOfTransactions([
      [0, 'w x 1'],
      [1, 'r x 1'],
    ]);
    const { levels } = levelsOf(columns, [null], { timeMs: 0 });
    expect(levels).toEqual({ 'read-committed': true, 'read-atomic': true });
  });
});

describe('the judge of levels', () => {
  const judge = (transactions: MicroTransaction[], consistency: string[] = []) => {
    const model = ISOLATION_JUDGES.find(({ name }) => name === 'rw-register-levels');
    const one = model?.create({ ...OPTIONS, consistency });
    for (const operation of historyOfTransactions(transactions)) one?.add(operation);
    return one?.finish({ timeMs: 1_000 });
  };

  it('tells the levels, what is ruled out, and by whom', () => {
    const verdict = judge([
      [0, 'w x 1, w y 1'],
      [1, 'r x nil, r y 1'],
    ]);
    expect(verdict?.levels).toEqual({
      'read-committed': true,
      'read-atomic': false,
      causal: false,
    });
    expect(verdict).toMatchObject({
      not: ['read-atomic'],
      alsoNot: ['causal'],
      anomalyTypes: ['G-single-item'],
    });
    expect(verdict?.verdict.valid).toBe('invalid');
    expect(verdict?.verdict.anomalies?.map(({ operations }) => operations)).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  it('holds only the levels asked for against the history', () => {
    const half: MicroTransaction[] = [
      [0, 'w x 1, w y 1'],
      [1, 'r x nil, r y 1'],
    ];
    expect(judge(half, ['read-committed'])?.verdict.valid).toBe('valid');
    expect(judge(half, ['read-committed'])?.levels).toMatchObject({ causal: false });
    expect(judge(half, ['causal'])?.verdict.valid).toBe('invalid');
    expect(() => judge(half, ['serializable'])).toThrow(/expected one of read-committed/);
  });

  it('accepts', () => {
    expect(
      judge([
        [0, 'w x 1'],
        [1, 'r x 1'],
      ])?.verdict.valid,
    ).toBe('valid');
    expect(
      judge([
        [0, 'w x 1'],
        [1, 'w x 1'],
      ])?.verdict,
    ).toMatchObject({ valid: 'unknown' });
  });
});

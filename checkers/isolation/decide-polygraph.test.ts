import { describe, expect, it } from 'vitest';

import type { JudgingOptions } from '../judging/history-judge.ts';
import { validateCertificate } from '../validator/validate.ts';
import { decideByPolygraph } from './decide-polygraph.ts';
import { columnsOfTransactions, historyOfTransactions } from './micro-transactions.ts';
import type { MicroTransaction } from './micro-transactions.ts';
import { decidesByPolygraph, judgeByPolygraph } from './polygraph-judge.ts';
import type { PolygraphModel, RespectedOrder } from './polygraph.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: false,
};
const BUDGET = { timeMs: 1_000 };

function decide(
  transactions: readonly MicroTransaction[],
  model: PolygraphModel = 'serializable',
  respects: RespectedOrder = 'nothing',
) {
  return decideByPolygraph(columnsOfTransactions(transactions), { model, respects }, BUDGET);
}

const SKEW: MicroTransaction[] = [
  [0, 'r x nil, r y nil, w x 1'],
  [1, 'r x nil, r y nil, w y 1'],
];
const FORK: MicroTransaction[] = [
  [0, 'w x 1'],
  [1, 'w y 1'],
  [2, 'r x 1, r y nil'],
  [3, 'r x nil, r y 1'],
];
const STALE: MicroTransaction[] = [
  [0, 'w x 1'],
  [1, 'r x nil'],
];
/** Blind writers of both keys: each reader says which of two comes later, and they disagree. */
const TORN: MicroTransaction[] = [
  [0, 'w x 1, w y 1'],
  [1, 'w x 2, w y 2'],
  [2, 'r x 1, r y 2'],
];

describe('accepts', () => {
  const accepted: Record<string, [MicroTransaction[], PolygraphModel, RespectedOrder]> = {
    'a stale read without real time': [STALE, 'serializable', 'process'],
    'blind writes read in any order': [
      [
        [0, 'w x 1, w y 1'],
        [1, 'w x 2, w y 2'],
        [2, 'r x 1, r y 1'],
        [3, 'r x 2, r y 2'],
      ],
      'serializable',
      'nothing',
    ],
    'write skew as snapshots': [SKEW, 'snapshot-isolation', 'process'],
    'a write that may have happened': [
      [
        [0, 'w x 1', 'info'],
        [1, 'r x nil'],
        [2, 'r x 1'],
      ],
      'serializable',
      'realtime',
    ],
    'a write that may have happened and was not seen': [
      [
        [0, 'w x 1', 'info'],
        [1, 'r x nil'],
      ],
      'serializable',
      'realtime',
    ],
  };
  it.each(Object.entries(accepted))('%s', (_, [transactions, model, respects]) => {
    const { outcome, certificate } = decide(transactions, model, respects);
    expect(outcome).toBe('valid');
    if (model === 'snapshot-isolation') return;
    const history = historyOfTransactions(transactions);
    expect(
      certificate && validateCertificate(history, 'rw-register', OPTIONS, certificate),
    ).toBeNull();
    expect(certificate).toMatchObject({ kind: 'serial-order', respects });
  });
});

describe('rejects', () => {
  const rejected: Record<string, [MicroTransaction[], PolygraphModel, RespectedOrder, string]> = {
    'write skew': [SKEW, 'serializable', 'nothing', 'G2-item'],
    'a long fork': [FORK, 'serializable', 'nothing', 'G-nonadjacent-item'],
    'a long fork of snapshots': [FORK, 'snapshot-isolation', 'nothing', 'G-nonadjacent-item'],
    'a torn read': [TORN, 'serializable', 'nothing', 'G-single-item'],
    'a torn read of a snapshot': [TORN, 'snapshot-isolation', 'nothing', 'G-single-item'],
    'a stale read in real time': [STALE, 'serializable', 'realtime', 'G-single-item-realtime'],
    'a stale read in one session': [
      [
        [0, 'w x 1'],
        [0, 'r x nil'],
      ],
      'serializable',
      'process',
      'G-single-item-process',
    ],
    'a lost update': [
      [
        [0, 'r x nil, w x 1'],
        [1, 'r x nil, w x 2'],
      ],
      'snapshot-isolation',
      'nothing',
      'lost-update',
    ],
    'two that read from each other': [
      [
        [0, 'r y 1, w x 1'],
        [1, 'r x 1, w y 1'],
      ],
      'serializable',
      'nothing',
      'G1c',
    ],
    'a read that does not repeat': [
      [
        [0, 'w x 1'],
        [1, 'r x nil, r x 1'],
      ],
      'serializable',
      'nothing',
      'internal',
    ],
  };
  it.each(Object.entries(rejected))('%s', (_, [transactions, model, respects, anomaly]) => {
    const { outcome, certificate } = decide(transactions, model, respects);
    expect(outcome).toBe('invalid');
    expect(certificate).toMatchObject({ anomaly });
    const history = historyOfTransactions(transactions);
    expect(
      certificate && validateCertificate(history, 'rw-register', OPTIONS, certificate),
    ).toBeNull();
  });
});

it('gives up within its budget, and does not guess who was read', () => {
  const columns = columnsOfTransactions(FORK);
  const options = { model: 'serializable', respects: 'nothing' } as const;
  expect(decideByPolygraph(columns, options, { timeMs: 0 }).outcome).toBe('exhausted');
  expect(
    decide([
      [0, 'w x 1'],
      [1, 'w x 1'],
      [2, 'r x 1'],
    ]).outcome,
  ).toBe('unjudgeable');
});

describe('judging by the names of models', () => {
  const judge = (transactions: MicroTransaction[], consistency: string[], realtime = true) =>
    judgeByPolygraph(
      columnsOfTransactions(transactions),
      { ...OPTIONS, consistency, realtime },
      BUDGET,
    );

  it('holds each model against the history', () => {
    const verdict = judge(SKEW, ['snapshot-isolation', 'serializable']);
    expect(verdict).toMatchObject({ not: ['serializable'], anomalyTypes: ['G2-item'] });
    expect(verdict.verdict).toMatchObject({ valid: 'invalid', summary: 'not serializable' });
    expect(verdict.verdict.anomalies?.[0]?.operations).toEqual([0, 2]);
  });

  it('demands real time only where the history tells it', () => {
    expect(judge(STALE, []).verdict.valid).toBe('invalid');
    expect(judge(STALE, ['strict-serializable'], false).verdict.valid).toBe('valid');
    expect(judge(STALE, [], false).verdict.valid).toBe('valid');
  });

  it('says which models it knows', () => {
    expect(decidesByPolygraph(['serializable', 'snapshot-isolation'])).toBe(true);
    expect(decidesByPolygraph(['causal'])).toBe(false);
    expect(() => judge(STALE, ['causal'])).toThrow(/expected one of snapshot-isolation/);
  });
});

import { describe, expect, it } from 'vitest';

import type { OperationType, Value } from '../../harness/operation.ts';
import type { Certificate, DependencyEdge } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { historyOf, type Line } from '../micro-history.ts';
import { validateCertificate } from './validate.ts';

const OPTIONS: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: false,
};

/** One after another unless told: `[process, type, micro-operations]`. Transaction n is invoked at line 2n. */
function serially(...transactions: readonly (readonly [number, OperationType, Value])[]): Line[] {
  return transactions.flatMap(([process, type, value]): Line[] => [
    [process, 'invoke', 'txn', value],
    [process, type, 'txn', value],
  ]);
}

/** All at the same time. Transaction n is invoked at line n. */
function together(...transactions: readonly Value[]): Line[] {
  return [
    ...transactions.map((value, process): Line => [process, 'invoke', 'txn', value]),
    ...transactions.map((value, process): Line => [process, 'ok', 'txn', value]),
  ];
}

function validate(
  model: string,
  lines: readonly Line[],
  certificate: Certificate,
  options: Partial<JudgingOptions> = {},
): string | null {
  return validateCertificate(historyOf(lines), model, { ...OPTIONS, ...options }, certificate);
}

describe('serial-order', () => {
  const lines = together(
    [['r', 'x', [1]]],
    [
      ['append', 'x', 1],
      ['r', 'y', null],
    ],
  );
  const order = (indexes: readonly number[], history = lines): string | null =>
    validate('list-append', history, {
      kind: 'serial-order',
      order: indexes,
      respects: 'realtime',
    });

  it('accepts an order that gives every answer', () => expect(order([1, 0])).toBeNull());
  it('rejects one that does not, forgets one, or names one twice', () => {
    expect(order([0, 1])).toMatch(/transaction 0: read/);
    expect(order([1])).toMatch(/transaction 0 is not in the order/);
    expect(order([1, 1, 0])).toMatch(/twice/);
    expect(order([3, 1, 0])).toMatch(/did not happen/);
  });
  it('respects what it says it respects', () => {
    const history = serially([0, 'ok', [['r', 'x', 1]]], [1, 'ok', [['w', 'x', 1]]]);
    const of = (respects: 'realtime' | 'process' | 'nothing', process = history): string | null =>
      validate('rw-register', process, { kind: 'serial-order', order: [2, 0], respects });
    expect(of('realtime')).toMatch(/comes after 2, which it precedes/);
    expect(of('process')).toBeNull();
    expect(of('nothing')).toBeNull();
    const one = serially([0, 'ok', [['r', 'x', 1]]], [0, 'ok', [['w', 'x', 1]]]);
    expect(of('process', one)).toMatch(/comes after 2/);
  });
});

describe('transaction-cycle', () => {
  const cycle = (
    model: string,
    lines: readonly Line[],
    anomaly: string,
    edges: readonly DependencyEdge[],
    options: Partial<JudgingOptions> = {},
  ): string | null =>
    validate(model, lines, { kind: 'transaction-cycle', anomaly, edges }, options);

  const skew = together(
    [
      ['r', 'x', null],
      ['append', 'y', 1],
    ],
    [
      ['r', 'y', null],
      ['append', 'x', 1],
    ],
  );
  const skewEdges: readonly DependencyEdge[] = [
    { from: 0, to: 1, type: 'rw', key: 'x', value: null, next: 1 },
    { from: 1, to: 0, type: 'rw', key: 'y', value: null, next: 1 },
  ];

  it('accepts write skew as G2-item, and as nothing else', () => {
    expect(cycle('list-append', skew, 'G2-item', skewEdges)).toBeNull();
    expect(cycle('list-append', skew, 'G-single-item', skewEdges)).toMatch(/make G2-item, not/);
    expect(cycle('list-append', skew, 'G2-item-realtime', skewEdges)).toMatch(/make G2-item, not/);
  });
  it('rejects edges that do not close, or have no reason', () => {
    const [one, two] = skewEdges as [DependencyEdge, DependencyEdge];
    expect(cycle('list-append', skew, 'G2-item', [one, one])).toMatch(/is followed by one from/);
    expect(cycle('list-append', skew, 'G2-item', [one])).toMatch(/two edges/);
    expect(cycle('list-append', skew, 'G2-item', [one, { ...two, next: 2 }])).toMatch(
      /did not write 2/,
    );
    expect(cycle('list-append', skew, 'G2-item', [one, { ...two, key: 'x' }])).toMatch(
      /did not write/,
    );
    expect(
      cycle('list-append', skew, 'G1c', [one, { ...two, type: 'wr', key: 'x', value: 1 }]),
    ).toMatch(/did not read 1/);
    expect(cycle('list-append', skew, 'x', [one, { ...two, type: 'realtime' }])).toMatch(
      /had not ended/,
    );
    expect(cycle('list-append', skew, 'x', [one, { ...two, type: 'process' }])).toMatch(
      /two processes/,
    );
  });
  it('accepts ww by a witness and rejects the reverse', () => {
    const lines = together(
      [
        ['append', 'x', 1],
        ['append', 'y', 1],
      ],
      [
        ['append', 'x', 2],
        ['append', 'y', 2],
      ],
      [
        ['r', 'x', [1, 2]],
        ['r', 'y', [2, 1]],
      ],
    );
    const edges: readonly DependencyEdge[] = [
      { from: 0, to: 1, type: 'ww', key: 'x', value: 1, next: 2, witness: 2 },
      { from: 1, to: 0, type: 'ww', key: 'y', value: 2, next: 1, witness: 2 },
    ];
    expect(cycle('list-append', lines, 'G0', edges)).toBeNull();
    const reversed = {
      from: 1,
      to: 0,
      type: 'ww',
      key: 'x',
      value: 2,
      next: 1,
      witness: 2,
    } as const;
    expect(cycle('list-append', lines, 'G0', [edges[0]!, reversed])).toMatch(/shows the order/);
    expect(cycle('list-append', lines, 'G0', [edges[0]!, { ...edges[1]!, witness: 0 }])).toMatch(
      /shows the order/,
    );
  });
  it('names time: process and realtime edges', () => {
    const lines = serially([0, 'ok', [['append', 'x', 1]]], [1, 'ok', [['r', 'x', null]]]);
    const edges: readonly DependencyEdge[] = [
      { from: 0, to: 2, type: 'realtime' },
      { from: 2, to: 0, type: 'rw', key: 'x', value: null, next: 1 },
    ];
    expect(cycle('list-append', lines, 'G-single-item-realtime', edges)).toBeNull();
    expect(cycle('list-append', lines, 'G-single-item', edges)).toMatch(
      /make G-single-item-realtime/,
    );
    expect(
      cycle('list-append', lines, 'G-single-item-realtime', edges, { realtime: false }),
    ).toMatch(/no real time/);
  });
  it('rejects what does not have to have happened', () => {
    const lines = serially([0, 'info', [['append', 'x', 1]]], [1, 'ok', [['r', 'x', null]]]);
    expect(
      cycle('list-append', lines, 'G-single-item-realtime', [
        { from: 0, to: 2, type: 'realtime' },
        { from: 2, to: 0, type: 'rw', key: 'x', value: null, next: 1 },
      ]),
    ).toMatch(/had not ended/);
  });
  it('takes version orders of registers for reasons that hold', () => {
    const lines = together(
      [
        ['r', 'x', 1],
        ['w', 'x', 2],
      ],
      [
        ['r', 'x', 1],
        ['w', 'x', 3],
      ],
      [['w', 'x', 1]],
    );
    const edge = (from: number, to: number, next: number, witness: number): DependencyEdge => ({
      from,
      to,
      type: 'rw',
      key: 'x',
      value: 1,
      next,
      witness,
      because: 'writes-follow-reads',
    });
    expect(cycle('rw-register', lines, 'G2-item', [edge(0, 1, 3, 1), edge(1, 0, 2, 0)])).toBeNull();
    expect(cycle('rw-register', lines, 'G2-item', [edge(0, 1, 3, 0), edge(1, 0, 2, 0)])).toMatch(
      /did not read the one and write the other/,
    );
    const unfounded: DependencyEdge = { from: 0, to: 1, type: 'rw', key: 'x', value: 1, next: 3 };
    expect(cycle('rw-register', lines, 'G2-item', [unfounded, edge(1, 0, 2, 0)])).toMatch(
      /no reason/,
    );
    const initial = { ...unfounded, because: 'initial' } as const;
    expect(cycle('rw-register', lines, 'G2-item', [initial, edge(1, 0, 2, 0)])).toMatch(
      /beginning/,
    );
  });
});

describe('transaction-fault', () => {
  const fault = (
    model: string,
    lines: readonly Line[],
    anomaly: string,
    transactions: readonly number[],
    key?: Value,
    value?: Value,
    options: Partial<JudgingOptions> = {},
  ): string | null =>
    validate(
      model,
      lines,
      {
        kind: 'transaction-fault',
        anomaly,
        transactions,
        ...(key === undefined ? {} : { key }),
        ...(value === undefined ? {} : { value }),
      },
      options,
    );

  it('G1a: the writer failed', () => {
    const of = (type: OperationType): string | null =>
      fault(
        'list-append',
        serially([0, type, [['append', 'x', 1]]], [1, 'ok', [['r', 'x', [1]]]]),
        'G1a',
        [0, 2],
        'x',
        1,
      );
    expect(of('fail')).toBeNull();
    expect(of('info')).toMatch(/did not fail/);
    expect(of('ok')).toMatch(/did not fail/);
  });
  it('G1b: the writer wrote again', () => {
    const of = (read: readonly number[], writer = 0): string | null =>
      fault(
        'list-append',
        serially(
          [
            0,
            'ok',
            [
              ['append', 'x', 1],
              ['append', 'x', 2],
            ],
          ],
          [1, 'ok', [['r', 'x', read]]],
        ),
        'G1b',
        [writer, 2],
        'x',
        1,
      );
    expect(of([1])).toBeNull();
    expect(of([1, 2])).toMatch(/ended with 1/);
    expect(of([1], 2)).toMatch(/are two/);
  });
  it('internal', () => {
    const of = (model: string, ...micro: Value[]): string | null =>
      fault(model, serially([0, 'ok', micro]), 'internal', [0]);
    expect(of('rw-register', ['w', 'x', 1], ['r', 'x', 2])).toBeNull();
    expect(of('rw-register', ['w', 'x', 1], ['r', 'x', 1])).toMatch(/agree/);
    expect(of('list-append', ['r', 'x', [1]], ['append', 'x', 2], ['r', 'x', [1]])).toBeNull();
    expect(of('list-append', ['r', 'x', [1]], ['append', 'x', 2], ['r', 'x', [1, 2]])).toMatch(
      /agree/,
    );
    expect(of('list-append', ['append', 'x', 2], ['r', 'x', [1, 3]])).toBeNull();
    expect(of('list-append', ['append', 'x', 2], ['r', 'x', [1, 2]])).toMatch(/agree/);
  });
  it('lost-update', () => {
    const lines = (second: Value): Line[] =>
      together(
        [
          ['r', 'x', [1]],
          ['append', 'x', 2],
        ],
        [
          ['r', 'x', second],
          ['append', 'x', 3],
        ],
      );
    expect(fault('list-append', lines([1]), 'lost-update', [0, 1], 'x')).toBeNull();
    expect(fault('list-append', lines([1, 2]), 'lost-update', [0, 1], 'x')).toMatch(/several/);
    expect(fault('list-append', lines([1]), 'lost-update', [0], 'x')).toMatch(/two/);
    expect(fault('list-append', lines([1]), 'lost-update', [0, 1], 'y')).toMatch(/did not read/);
  });
  it('duplicate-elements and incompatible-order', () => {
    const lines = together([['r', 'x', [1, 2, 1]]], [['r', 'x', [2, 1]]], [['r', 'x', [2]]]);
    expect(fault('list-append', lines, 'duplicate-elements', [0], 'x', 1)).toBeNull();
    expect(fault('list-append', lines, 'duplicate-elements', [0], 'x', 2)).toMatch(/twice/);
    expect(fault('list-append', lines, 'duplicate-elements', [1], 'x')).toMatch(/twice/);
    expect(fault('list-append', lines, 'incompatible-order', [0, 1], 'x')).toBeNull();
    expect(fault('list-append', lines, 'incompatible-order', [1, 2], 'x')).toMatch(/prefix/);
  });
  it('dirty-update and future-read', () => {
    const lines = serially(
      [0, 'fail', [['append', 'x', 1]]],
      [1, 'ok', [['append', 'x', 2]]],
      [1, 'ok', [['r', 'x', [1, 2]]]],
      [1, 'ok', [['r', 'x', [1, 2, 3]], ['append', 'x', 3]]], // prettier-ignore
    );
    expect(fault('list-append', lines, 'dirty-update', [0, 2], 'x')).toBeNull();
    expect(fault('list-append', lines, 'dirty-update', [2, 0], 'x')).toMatch(/first failed/);
    expect(fault('list-append', lines, 'future-read', [6], 'x')).toBeNull();
    expect(fault('list-append', lines, 'future-read', [4], 'x')).toMatch(/wrote afterwards/);
  });
  it('cyclic-versions: by the assumptions named', () => {
    const lines = serially(
      [0, 'ok', [['w', 'x', 1]]],
      [0, 'ok', [['w', 'x', 2]]],
      [0, 'ok', [['r', 'x', 1]]],
    );
    const of = (versionOrders: JudgingOptions['versionOrders']): string | null =>
      fault('rw-register', lines, 'cyclic-versions', [0, 2, 4], 'x', undefined, { versionOrders });
    expect(of(['sequential-keys'])).toBeNull();
    expect(of(['linearizable-keys'])).toBeNull();
    expect(of(['wfr-keys'])).toMatch(/circle/);
  });
  it('rejects an anomaly that it does not know', () =>
    expect(fault('rw-register', [], 'G9', [])).toMatch(/no definition/));
});

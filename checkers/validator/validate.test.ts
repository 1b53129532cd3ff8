import { describe, expect, it } from 'vitest';

import type { Certificate } from '../certificate.ts';
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

function validate(
  lines: readonly Line[],
  model: string,
  certificate: Certificate,
  options: Partial<JudgingOptions> = {},
): string | null {
  return validateCertificate(historyOf(lines), model, { ...OPTIONS, ...options }, certificate);
}

/** write 1, then a read of 1 beside a write of 2 that was never answered. */
const LEGAL: Line[] = [
  [0, 'invoke', 'write', 1],
  [0, 'ok', 'write', 1],
  [1, 'invoke', 'write', 2],
  [0, 'invoke', 'read', null],
  [0, 'ok', 'read', 1],
  [0, 'invoke', 'read', null],
  [0, 'ok', 'read', 2],
];

describe('linearization-order', () => {
  const order = (indexes: readonly number[], lines = LEGAL): string | null =>
    validate(lines, 'register', { kind: 'linearization-order', partition: null, order: indexes });

  it('accepts an order that the register accepts', () => expect(order([0, 3, 2, 5])).toBeNull());
  it('rejects an answer that is not possible there', () =>
    expect(order([0, 2, 3, 5])).toMatch(/operation 3 .*not possible in 2/));
  it('rejects one that forgets a completed operation', () =>
    expect(order([0, 3])).toMatch(/5 completed, and is not in the order/));
  it('rejects an operation twice', () => expect(order([0, 3, 3, 2, 5])).toMatch(/twice/));
  it('rejects an index that is no invocation', () =>
    expect(order([0, 1, 3, 2, 5])).toMatch(/operation 1 is not one/));
  it('rejects an order that real time forbids', () => {
    const swapped: Line[] = [
      [0, 'invoke', 'write', 1],
      [0, 'ok', 'write', 1],
      [1, 'invoke', 'read', null],
      [1, 'ok', 'read', null],
    ];
    expect(order([2, 0], swapped)).toMatch(/operation 0 ended before 2 began/);
  });
  it('rejects an operation that failed', () => {
    const failed: Line[] = [
      [0, 'invoke', 'write', 1],
      [0, 'fail', 'write', 1],
    ];
    expect(order([0], failed)).toMatch(/not one that may have happened/);
    expect(order([], failed)).toBeNull();
  });
  it('executes compare-and-set, refused ones and failed ones that were compared', () => {
    const lines: Line[] = [
      [0, 'invoke', 'cas', [null, 1]],
      [0, 'ok', 'cas', { swapped: true }],
      [0, 'invoke', 'cas', [2, 3]],
      [0, 'fail', 'cas', [2, 3]],
      [0, 'invoke', 'cas', [1, 4]],
      [0, 'ok', 'cas', { swapped: false }],
    ];
    const certificate = (indexes: readonly number[]): Certificate => ({
      kind: 'linearization-order',
      partition: null,
      order: indexes,
    });
    expect(validate(lines.slice(0, 4), 'cas-register', certificate([0]))).toBeNull();
    const compared = { failedCas: 'compared' } as const;
    expect(validate(lines.slice(0, 4), 'cas-register', certificate([0]), compared)).toMatch(
      /2 comp/,
    );
    expect(validate(lines.slice(0, 4), 'cas-register', certificate([0, 2]), compared)).toBeNull();
    expect(validate(lines, 'cas-register', certificate([0, 4]))).toMatch(/4 .*not possible/);
  });
  it('judges a key of pairs for itself', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', ['x', 1]],
      [0, 'ok', 'write', ['x', 1]],
      [0, 'invoke', 'read', ['y', null]],
      [0, 'ok', 'read', ['y', null]],
    ];
    const of = (partition: string, indexes: readonly number[]): string | null =>
      validate(lines, 'register', { kind: 'linearization-order', partition, order: indexes });
    expect(of('x', [0])).toBeNull();
    expect(of('y', [2])).toBeNull();
    expect(of('x', [0, 2])).toMatch(/operation 2 is not one/);
  });
  it('may leave out reads that say nothing', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', 1],
      [0, 'ok', 'write', 1],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', null],
    ];
    const certificate: Certificate = { kind: 'linearization-order', partition: null, order: [0] };
    expect(validate(lines, 'register', certificate, { nilReads: 'any' })).toBeNull();
    expect(validate(lines, 'register', certificate)).toMatch(/2 completed/);
  });
  it('is linear: 30,000 operations at once', () => {
    const lines: Line[] = [];
    for (let n = 0; n < 30_000; n++) lines.push([0, 'invoke', 'write', n], [0, 'ok', 'write', n]);
    expect(
      order(
        lines.flatMap(([, type], at) => (type === 'invoke' ? [at] : [])),
        lines,
      ),
    ).toBeNull();
  });
});

/** A read of 1 after a read of 2, which was written after it. */
const STALE: Line[] = [
  [0, 'invoke', 'write', 1],
  [0, 'ok', 'write', 1],
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', 1],
  [0, 'invoke', 'write', 2],
  [0, 'ok', 'write', 2],
  [1, 'invoke', 'read', null],
  [1, 'ok', 'read', 1],
];

describe('small-illegal-history', () => {
  type Part = readonly [operation: number, call: number, end: number | null, optional: boolean];
  const small = (parts: readonly Part[], lines = STALE): string | null =>
    validate(lines, 'register', {
      kind: 'small-illegal-history',
      partition: null,
      operations: parts.map(([operation, call, end, optional]) => ({
        operation,
        call,
        end,
        optional,
      })),
    });

  it('accepts operations of which no order exists', () =>
    expect(
      small([
        [0, 0, 1, false],
        [4, 4, 5, false],
        [6, 6, 7, false],
      ]),
    ).toBeNull());
  it('accepts wider intervals where no order exists even so', () =>
    expect(
      small([
        [0, 0, 1, true],
        [4, 4, 5, false],
        [6, 6, null, false],
      ]),
    ).toBeNull());
  it('rejects wider intervals in which an order exists', () =>
    expect(
      small([
        [0, 0, null, false],
        [4, 4, 5, false],
        [6, 6, 7, false],
      ]),
    ).toMatch(/there is an order/));
  it('rejects a narrowed interval', () => {
    expect(small([[0, 1, 1, false]])).toMatch(/called at 0/);
    expect(small([[0, 0, 0, false]])).toMatch(/had until 1/);
  });
  it('rejects a write left out', () =>
    expect(
      small([
        [4, 4, 5, false],
        [6, 6, 7, false],
      ]),
    ).toMatch(/operation 0 is left out/));
  it('rejects an open operation made necessary, and operations named twice or unknown', () => {
    expect(small([[2, 2, null, false]], LEGAL)).toMatch(/need not have happened/);
    expect(small([[0, 0, 1, false], [0, 0, 1, false]])).toMatch(/twice/); // prettier-ignore
    expect(small([[1, 1, 2, false]])).toMatch(/not one that may have happened/);
  });
  it('may leave out what is called after the end, and values that nothing looks for', () => {
    const lines: Line[] = [
      [2, 'invoke', 'write', 9],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 5],
      [1, 'invoke', 'write', 5],
      [1, 'ok', 'write', 5],
    ];
    expect(small([[1, 1, 2, false]], lines)).toBeNull();
    expect(small([[1, 1, 4, false]], lines)).toMatch(/operation 3 is left out/);
  });
  it('rejects a legal history', () =>
    expect(
      small([
        [0, 0, 1, false],
        [4, 4, 5, false],
      ]),
    ).toMatch(/there is an order/));
});

describe('unproduced-read and conflicting-zones', () => {
  const unproduced = (read: number, lines: readonly Line[]): string | null =>
    validate(lines, 'register', { kind: 'unproduced-read', partition: null, read });

  it('accepts a read of what was written only later', () => {
    const lines: Line[] = [
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 5],
      [0, 'invoke', 'write', 5],
    ];
    expect(unproduced(0, lines)).toBeNull();
  });
  it('rejects a read that a crashed write explains, the initial value, and writes', () => {
    const lines: Line[] = [
      [1, 'invoke', 'write', 5],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 5],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', null],
      [0, 'invoke', 'write', 7],
      [0, 'ok', 'write', 7],
    ];
    expect(unproduced(1, lines)).toMatch(/operation 0 may have written 5/);
    expect(unproduced(3, lines)).toMatch(/value at the beginning/);
    expect(unproduced(5, lines)).toMatch(/shows nothing/);
    expect(unproduced(0, lines)).toMatch(/completed/);
  });

  const zones = (
    forward: readonly [number, number],
    other: readonly [number, number],
    lines = STALE,
  ): string | null =>
    validate(lines, 'register', { kind: 'conflicting-zones', partition: null, forward, other });

  it('accepts a backward zone inside a forward one', () =>
    expect(zones([0, 6], [4, 4])).toBeNull());
  it('accepts two forward zones that overlap', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', 1],
      [0, 'ok', 'write', 1],
      [0, 'invoke', 'write', 2],
      [0, 'ok', 'write', 2],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 1],
      [0, 'invoke', 'read', null],
      [0, 'ok', 'read', 2],
    ];
    expect(zones([0, 4], [2, 6], lines)).toBeNull();
    expect(zones([0, 4], [6, 6], lines)).toMatch(/may lie after/);
  });
  it('rejects zones that do not conflict', () => {
    expect(zones([0, 2], [4, 4])).toMatch(/may lie after/);
    expect(zones([6, 0], [4, 4])).toMatch(/not forward/);
    expect(zones([0, 6], [2, 2])).toMatch(/one value/);
    expect(zones([0, 4], [4, 4])).toMatch(/of one value/);
  });
  it('rejects values that may have come up twice', () => {
    const twice: Line[] = [...STALE, [2, 'invoke', 'write', 1]];
    expect(zones([0, 6], [4, 4], twice)).toMatch(/2 times/);
  });
  it('rejects an operation that need not have happened as the one called last', () => {
    const lines: Line[] = [
      [0, 'invoke', 'write', 1],
      [0, 'ok', 'write', 1],
      [0, 'invoke', 'write', 2],
      [0, 'ok', 'write', 2],
      [1, 'invoke', 'cas', [1, 3]],
    ];
    expect(zones([0, 4], [2, 2], lines)).toMatch(/need not have happened/);
  });
});

it('knows no unknown type', () =>
  expect(
    validate(LEGAL, 'blackboard', { kind: 'unproduced-read', partition: null, read: 3 }),
  ).toMatch(/no type/));

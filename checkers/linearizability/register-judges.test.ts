import { describe, expect, it } from 'vitest';

import type { OperationType, Value } from '../../harness/operation.ts';
import type { HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import { historyOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import { REGISTER_JUDGES } from './register-judges.ts';

const STANDARD: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: 'cheap',
};

function judge(lines: readonly Line[], options: Partial<JudgingOptions> = {}): HistoryVerdict {
  const judge = REGISTER_JUDGES.find(({ name }) => name === 'cas-register')?.create({
    ...STANDARD,
    ...options,
  });
  if (judge === undefined) throw new Error('cas-register is not among the judges');
  for (const line of historyOf(lines)) judge.add(line);
  return judge.finish({ timeMs: 5_000 });
}

const done = (
  process: number,
  f: string,
  value: Value,
  answer: Value,
  type: OperationType = 'ok',
): Line[] => [
  [process, 'invoke', f, value],
  [process, type, f, answer],
];

describe('certificates', () => {
  it('an order', () => {
    const { verdict, certificates } = judge([
      ...done(0, 'write', 1, 1),
      ...done(1, 'read', null, 1),
    ]);
    expect(verdict.valid).toBe('valid');
    expect(certificates).toEqual([{ kind: 'linearization-order', partition: null, order: [0, 2] }]);
  });

  it('a read of what nothing wrote', () => {
    const { verdict, certificates } = judge(done(1, 'read', null, 5));
    expect(verdict.valid).toBe('invalid');
    expect(certificates).toEqual([{ kind: 'unproduced-read', partition: null, read: 0 }]);
    expect(verdict.anomalies?.[0]?.operations).toEqual([0, 1]);
    expect(verdict.figures?.['legalPrefix']).toBe(1);
  });

  it('an overtaken read, small', () => {
    const noise = Array.from({ length: 30 }, (_, n) => done(3, 'write', n + 10, n + 10)).flat();
    const { certificates } = judge([
      ...done(0, 'write', 1, 1),
      ...noise,
      ...done(0, 'write', 2, 2),
      ...done(1, 'read', null, 1),
    ]);
    const [small] = certificates;
    expect(small?.kind).toBe('small-illegal-history');
    if (small?.kind === 'small-illegal-history') {
      expect(small.operations.length).toBeLessThanOrEqual(3);
      expect(small.operations.map(({ operation }) => operation)).toContain(0);
    }
  });

  it('zones that cannot be ordered', () => {
    const { certificates, verdict } = judge([
      [0, 'invoke', 'write', 1],
      [1, 'invoke', 'write', 2],
      ...done(2, 'read', null, 1),
      ...done(3, 'read', null, 2),
      ...done(2, 'read', null, 1),
      [0, 'ok', 'write', 1],
      [1, 'ok', 'write', 2],
    ]);
    expect(verdict.valid).toBe('invalid');
    expect(certificates[0]).toMatchObject({ kind: 'conflicting-zones', forward: [2, 6] });
  });
});

it('keys are told by the first line that can tell', () => {
  const lines: Line[] = [
    ...done(0, 'write', ['a', 1], ['a', 1]),
    ...done(0, 'write', ['b', 2], ['b', 2]),
    ...done(1, 'read', ['a', null], ['a', 1]),
    ...done(1, 'cas', ['b', [2, 3]], ['b', [2, 3]]),
  ];
  const { verdict, certificates } = judge(lines);
  expect(verdict.valid).toBe('valid');
  expect(
    certificates.map((one) => (one.kind === 'linearization-order' ? one.partition : null)),
  ).toEqual(['a', 'b']);
  expect(judge([...lines, ...done(1, 'read', ['b', null], ['b', 2])]).verdict.valid).toBe(
    'invalid',
  );
});

it('options say what answers mean', () => {
  const unset = [...done(0, 'write', 1, 1), ...done(1, 'read', null, null)];
  expect(judge(unset).verdict.valid).toBe('invalid');
  expect(judge(unset, { nilReads: 'any' }).verdict.valid).toBe('valid');
  const failed = [...done(0, 'write', 1, 1), ...done(1, 'cas', [1, 2], [1, 2], 'fail')];
  expect(judge(failed).verdict.valid).toBe('valid');
  expect(judge(failed, { failedCas: 'compared' }).verdict.valid).toBe('invalid');
  expect(judge(done(0, 'read', null, 4), { initial: 4 }).verdict.valid).toBe('valid');
});

it('what does not pair is refused, with its line', () => {
  expect(() => judge([[0, 'ok', 'read', 1]])).toThrow(/line 0.*nothing outstanding/);
  expect(() =>
    judge([
      [0, 'invoke', 'read', null],
      [0, 'invoke', 'read', null],
    ]),
  ).toThrow(/line 1/);
  expect(() => judge([[0, 'invoke', 'cas', 7]])).toThrow(/line 0.*\[from, to\]/);
});

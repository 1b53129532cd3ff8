import { describe, expect, test } from 'vitest';
import type { Anomaly, Verdict } from './checker.ts';
import { FailureGroups, failureSignature, shapeOf } from './failure-signature.ts';

const anomaly = (explanation: string, name = 'lost'): Anomaly => ({
  name,
  guarantee: 'What was acknowledged is kept.',
  explanation,
  operations: [],
  faults: [],
});
const invalid = (...anomalies: Anomaly[]): Verdict => ({
  valid: 'invalid',
  summary: 'lost',
  anomalies,
});

describe('a shape', () => {
  test('is the same whatever the numbers, nodes and values', () => {
    const one = shapeOf('key "k0": element 17 of n1 (#28–#32) at 9.259 s, 0xdeadbeef');
    expect(shapeOf('key "k11": element 4 of m3 (#1–#2) at 120.1 s, 0x17')).toBe(one);
  });
  test('is the same whatever the length of a list', () => {
    expect(shapeOf('lost 1, 2, 3 of them')).toBe(shapeOf('lost 1, 2, 3, 4, 5 of them'));
  });
  test('is another where words differ', () => {
    expect(shapeOf('panic: index out of range [5]')).not.toBe(shapeOf('panic: nil map [5]'));
  });
});

test('equal failures of many runs are one group; the unlisted come first', () => {
  const groups = new FailureGroups();
  const known = { ...anomaly('n1 died', 'death'), known: { issue: 'S-1', link: 'https://x.y' } };
  groups.add('a', { set: invalid(anomaly('lost 1')), nodes: invalid(known) });
  groups.add('b', { set: invalid(anomaly('lost 2'), anomaly('lost 9')), nodes: invalid(known) });
  groups.add('c', { set: { valid: 'valid', summary: '' }, nodes: invalid(known) });
  expect(groups.all().map(({ runs, known: issue, first }) => [runs, issue, first])).toEqual([
    [2, null, 'a'],
    [3, 'S-1', 'a'],
  ]);
});

test('a signature tells checkers and anomalies apart', () => {
  expect(failureSignature('set', anomaly('x'))).not.toBe(failureSignature('bank', anomaly('x')));
  expect(failureSignature('set', anomaly('x'))).not.toBe(
    failureSignature('set', anomaly('x', 'stale')),
  );
});

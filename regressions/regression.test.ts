import { describe, expect, test } from 'vitest';
import { atMost, judgeClaim } from './regression.ts';

const affected = { row: '1.0', expected: 'hit', unknown: 0, accused: 0 } as const;
const clean = { row: '1.1', expected: 'clean', unknown: 0, accused: 0 } as const;

describe('the binomial tail', () => {
  test('agrees with sums by hand', () => {
    expect(atMost(0, 3, 0.5)).toBeCloseTo(0.125);
    expect(atMost(1, 3, 0.5)).toBeCloseTo(0.5);
    expect(atMost(3, 3, 0.5)).toBeCloseTo(1);
    expect(atMost(2, 3, 1)).toBe(0);
    expect(atMost(3, 3, 1)).toBe(1);
  });
});

describe('a claim', () => {
  test('of an affected version fails without a hit', () => {
    expect(judgeClaim({ ...affected, attempts: 1, hits: 0 }, 0.5).holds).toBe(false);
  });
  test('of an affected version holds when the hits fit the rate', () => {
    expect(judgeClaim({ ...affected, attempts: 5, hits: 4 }, 0.9).holds).toBe(true);
  });
  test('of an affected version fails when the hits contradict the rate', () => {
    const verdict = judgeClaim({ ...affected, attempts: 10, hits: 3 }, 0.9);
    expect(verdict.holds).toBe(false);
    expect(verdict.why).toContain('3 of 10 attempts hit on 1.0');
  });
  test('of a clean version fails on one hit', () => {
    expect(judgeClaim({ ...clean, attempts: 5, hits: 1 }, 0.9).holds).toBe(false);
    expect(judgeClaim({ ...clean, attempts: 5, hits: 0 }, 0.9).holds).toBe(true);
  });
  test('says nothing when no attempt could be judged', () => {
    expect(judgeClaim({ ...clean, attempts: 2, hits: 0, unknown: 2 }, 0.9).holds).toBe(false);
  });
});

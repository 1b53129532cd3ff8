import { describe, expect, test } from 'vitest';
import type { Shape } from '../../../means/shaping.ts';
import { type Echo, describeEchoes, parseEchoes } from './link-probe.ts';
import { judgeEchoes, probePlan } from './shape-judgement.ts';

/** Echoes that came after these times; null: none came. */
function echoes(...after: readonly (number | null)[]): readonly Echo[] {
  return after.map((ms, index) =>
    ms === null ? { atMs: [], afterMs: [] } : { atMs: [index * 2 + ms], afterMs: [ms] },
  );
}

const quick = echoes(0.2, 0.3, 0.2, 0.2, 0.4);
const nothing = echoes(null, null, null, null, null);
const judge = (shape: Shape, seen: readonly Echo[]): string =>
  judgeEchoes(shape, probePlan(shape), seen);

describe('what echoes say of a shape', () => {
  test.each([
    [{ kind: 'delay', delayMs: 100, jitterMs: 0 }, echoes(100.4, 101, 130)],
    [{ kind: 'delay', delayMs: 50, jitterMs: 40 }, echoes(11, 60, 88)],
    [{ kind: 'delay', delayMs: 50, jitterMs: 50 }, echoes(0.5, 60, 98)],
    [{ kind: 'loss', share: 0.3, burst: 1 }, echoes(0.2, null, 0.2)],
    [{ kind: 'loss', share: 1, burst: 1 }, nothing],
    [{ kind: 'reorder', share: 0.2, delayMs: 20 }, echoes(0.2, 20.1, 0.2)],
    [{ kind: 'duplicate', share: 0.3 }, [{ atMs: [0.2, 0.3], afterMs: [0.2, 0.3] }]],
    [{ kind: 'hold' }, nothing],
  ] as const)('%j is seen', (shape, seen) => {
    expect(judge(shape, seen)).toBe('shaped');
    expect(judge(shape, quick)).toBe('unshaped');
  });

  test('one early echo denies a delay', () => {
    const delay = { kind: 'delay', delayMs: 100, jitterMs: 0 } as const;
    expect(judge(delay, echoes(101, 0.2, 101))).toBe('unshaped');
  });

  test('a peer that does not answer tells nothing of a delay', () => {
    expect(judge({ kind: 'delay', delayMs: 100, jitterMs: 0 }, nothing)).toBe('unknown');
    expect(judge({ kind: 'loss', share: 0.1, burst: 1 }, nothing)).toBe('unknown');
  });

  test.each([64, 1_000])('a rate of %i kbit/s by when the last echo comes', (rate) => {
    const shape = { kind: 'rate', kilobitsPerSecond: rate } as const;
    const plan = probePlan(shape);
    const bits = 8 * (plan.bytes + 42);
    const slow = Array.from({ length: plan.count }, (_, index) => {
      // 3000 bytes pass at once.
      const at = Math.max(0.2, (index * bits - 24_000) / rate);
      return { atMs: [at], afterMs: [at] };
    });
    expect(judge(shape, slow)).toBe('shaped');
    const fast = slow.map(() => ({ atMs: [1], afterMs: [1] }));
    expect(judge(shape, fast)).toBe('unshaped');
  });
});

test('enough echoes that a share of them shows', () => {
  expect(probePlan({ kind: 'loss', share: 0.02, burst: 1 }).count).toBeGreaterThan(200);
  expect(probePlan({ kind: 'loss', share: 0.5, burst: 1 }).count).toBe(10);
  expect(probePlan({ kind: 'loss', share: 0.001, burst: 1 }).count).toBe(400);
});

test('echoes are read as the probe prints them, and told in words', () => {
  const seen = parseEchoes('0.20/0.20 - 4.10/2.00/4.30/2.20\n');
  expect(seen).toEqual([
    { atMs: [0.2], afterMs: [0.2] },
    { atMs: [], afterMs: [] },
    { atMs: [4.1, 4.3], afterMs: [2, 2.2] },
  ]);
  expect(describeEchoes(seen)).toBe('2 of 3 answered, after 0.2 to 2.0 ms, 1 of them twice');
  expect(describeEchoes(parseEchoes('- -'))).toBe('0 of 2 answered');
});

import { expect, it } from 'vitest';
import { BRIEF_WORKLOADS, WORKLOADS } from './join.ts';

const options = (count: number): { nodes: string[]; concurrency: number; rate: number } => ({
  nodes: Array.from({ length: count }, (_, at) => `n${String(at + 1)}`),
  concurrency: count,
  rate: 10,
});

it('goes on when all is healed, except where a run ends then', () => {
  for (const each of WORKLOADS) expect(each.make(options(3)).finalGenerator).toBeDefined();
  for (const each of BRIEF_WORKLOADS) {
    expect(each.make(options(3)).finalGenerator).toBeUndefined();
  }
});

it('gives more nodes more time, as corosync does', () => {
  const bound = (count: number): unknown =>
    WORKLOADS[0]?.make(options(count)).checkers.map((checker) => checker.options?.['recoveryMs']);
  expect(bound(1)).toEqual([8_000, 8_000]);
  expect(bound(3)).toEqual([8_000, 8_000]);
  expect(bound(5)).toEqual([13_720, 13_720]);
});

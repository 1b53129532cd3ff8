import { describe, expect, it } from 'vitest';
import { SECOND, type Operation } from '../../../harness/operation.ts';
import { simulate } from '../../../harness/simulate.ts';
import type { Workload } from '../../../harness/workload.ts';
import { data } from './data.ts';
import { creations, metadata } from './metadata.ts';
import { probe } from './workers.ts';

const options = { nodes: ['m1', 'm2', 'm3'], concurrency: 6, rate: 1000 };

function invocations({ generator }: Workload, maxOperations = 600): readonly Operation[] {
  const { history } = simulate({ generator, concurrency: 6, seed: 1n, maxOperations });
  return history.filter(({ type }) => type === 'invoke');
}

describe('metadata', () => {
  it('makes each name once; renames and deletes take the draft before', () => {
    const asked = invocations(metadata.make(options));
    const made = asked.filter(({ f }) => ['create', 'create-file', 'draft'].includes(f));
    const names = made.map(({ value }) => JSON.stringify(value));
    expect(new Set(names).size).toBe(names.length);
    expect(asked.find(({ f }) => f === 'rename')?.value).toEqual({
      id: expect.stringMatching(/^t\d-2$/) as string,
      was: expect.stringMatching(/^t\d-1$/) as string,
    });
  });

  it('makes nothing in a quiet time', () => {
    const asked = invocations(creations(options, [SECOND, SECOND]), 3000);
    const at = asked.filter(({ f }) => f === 'create').map(({ time }) => time);
    expect(at.some((time) => time < SECOND)).toBe(true);
    expect(at.some((time) => time > 2.1 * SECOND)).toBe(true);
    expect(at.filter((time) => time > 1.1 * SECOND && time < 1.9 * SECOND)).toEqual([]);
  });
});

describe('data', () => {
  it('closes in each round the file of the round before, then reads it', () => {
    const asked = invocations(data.make(options)).filter(({ f }) => f !== 'list');
    const ofFirst = asked.filter(({ process }) => process === 0).map(({ f, value }) => [f, value]);
    expect(ofFirst).toContainEqual(['open', ['t0-2', 2]]);
    const place = (f: string, value: unknown): number =>
      ofFirst.findIndex((one) => JSON.stringify(one) === JSON.stringify([f, value]));
    expect(place('close', ['t0-2', 2])).toBeGreaterThan(place('open', ['t0-3', 3]));
    expect(place('read', ['t0-2', null])).toBeGreaterThan(place('close', ['t0-2', 2]));
  });
});

describe('probe', () => {
  it('commits a block before and after a worker’s registration, each block once', () => {
    const asked = invocations(probe.make(options));
    const first = asked.filter(({ process }) => process === 0).map(({ f }) => f);
    expect(first.slice(0, 6)).toEqual([
      ...['enlist', 'workers', 'commit', 'register', 'workers', 'commit'],
    ]);
    const committed = asked.filter(({ f }) => f === 'commit').map(({ value }) => value);
    const blocks = committed.map((value) => (value as { block: number }).block);
    expect(new Set(blocks).size).toBe(blocks.length);
  });
});

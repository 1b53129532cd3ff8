/**
 * Goal: faults that overlap never meet, each is verified or told to be ineffective, all are healed, and a recorded
 * schedule can be run again. Method: the runs of `npm run bench:overlap`, short, on five members.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { again, differences, overlapping } from '../../bench/overlap-run.ts';
import { parseTarget } from '../../cli/target.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-overlap-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

test('three lanes at once on five members, and once more from the record', async () => {
  const options = {
    ...{ target: parseTarget('etcd@3.5.16'), nodes: 5, seconds: 25, seed: 1n, runsDirectory },
    packages: 'kill,pause,partition,crash',
  };
  const first = await overlapping(options);
  const second = await again(options, first.directory);
  for (const { figures, leftovers } of [first, second]) {
    expect(figures).toMatchObject({ conflicts: [], unaccounted: [], notHealed: [] });
    expect(figures.verified + figures.ineffective.length + figures.skipped.length).toBe(
      figures.steps,
    );
    expect(leftovers).toEqual([]);
  }
  expect(first.figures.lanesAtOnce).toBeGreaterThanOrEqual(3);
  expect(differences(first, second)).toEqual([]);
  expect([first.validity, second.validity]).toEqual(['valid', 'valid']);
});

/**
 * Goal: after SIGKILL of the harness under faults everything is healed from outside view, with and without its guardian;
 * nothing of others is touched. Method: a few kills of `npm run kill-test`, which has the rest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawKills } from '../systems/kill-test/draw-kill.ts';
import { performKill } from '../systems/kill-test/one-kill.ts';
import { docker } from './docker-cluster.ts';
import { type ForeignThings, placeForeignThings } from './foreign-things.ts';

/** Without root nothing can be seen from outside. */
const root = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'faultline-kill-test-'));
let foreign: ForeignThings | undefined;
beforeAll(async () => {
  if (root) foreign = await placeForeignThings(docker, `outcome-foreign-${process.pid}`);
});
afterAll(async () => {
  await foreign?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const kills = drawKills({
  ...{ kills: 3, withGuardian: 1, seed: 1n, systems: ['etcd@3.5.16'] },
  kinds: ['kill', 'crash', 'pause', 'partition-halves'],
}).map((kill) => ({ ...kill, instant: Math.max(kill.instant, 1_600_000_000) }));

test.skipIf(!root).each(kills)('kill $number (guardian too: $withGuardian)', async (kill) => {
  if (foreign === undefined) throw new Error('nothing foreign was placed');
  const result = await performKill(kill, { docker, folder, foreign });
  expect(result.wrong).toEqual([]);
  // Something was broken, as far as can be seen from outside, and is not any more.
  expect(result.inEffect.length).toBeGreaterThan(0);
  expect(result.seenBefore).not.toEqual([]);
  expect(result.healedAfter).not.toBeNull();
  expect(result.startedAfter ?? Infinity).toBeLessThan(5_000_000_000);
  expect(result.servingAfter).not.toBeNull();
});

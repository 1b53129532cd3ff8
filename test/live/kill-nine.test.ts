/**
 * Goal: kill -9 of the harness leaves nothing that `heal --all` does not remove, and touches nothing of anyone else.
 * Method: a real etcd cluster under faults, killed once in each phase, at alternating moments. Every moment of every
 * phase is in test/systems/kill-nine.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from './docker-cluster.ts';
import { type ForeignThings, placeForeignThings } from './foreign-things.ts';
import { type Halves, killAndHeal, KILLS, measurePhases, MOMENTS } from './kill-nine.ts';

/** Each phase at one moment, the next phase at the next moment. The first one is the middle: things are being made then. */
const CHOSEN = KILLS.filter((_, index) => {
  const phase = Math.floor(index / MOMENTS.length);
  return index % MOMENTS.length === (phase + 1) % MOMENTS.length;
});

const folder = mkdtempSync(join(tmpdir(), 'faultline-kill-nine-'));
let foreign: ForeignThings | undefined;
let halves: Halves = new Map();
beforeAll(async () => {
  foreign = await placeForeignThings(docker, `outcome-foreign-${process.pid}`);
  halves = await measurePhases({ docker, folder });
});
afterAll(async () => {
  await foreign?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test.each(CHOSEN)('killed in phase "%s", at its %s', async (phase, moment) => {
  if (foreign === undefined) throw new Error('nothing foreign was placed');
  const left = await killAndHeal({ docker, folder, foreign }, [phase, moment], halves);
  // Where the cluster is up there was something to remove.
  if (['set up', 'drive', 'heal', 'recover', 'read back'].includes(phase)) expect(left).toBe(7);
});

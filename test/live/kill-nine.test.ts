/**
 * Goal: kill -9 of the harness leaves nothing that `heal --all` does not remove, and touches nothing of anyone else.
 * Method: a real etcd cluster under faults, killed once in each phase, at alternating moments. Every moment of every
 * phase is in test/systems/kill-nine.test.ts.
 */
import { KILLS, MOMENTS, testKills } from './kill-nine.ts';

/** Each phase at one moment, the next phase at the next moment. The first one is the middle: things are being made then. */
const CHOSEN = KILLS.filter((_, index) => {
  const phase = Math.floor(index / MOMENTS.length);
  return index % MOMENTS.length === (phase + 1) % MOMENTS.length;
});

testKills(CHOSEN);

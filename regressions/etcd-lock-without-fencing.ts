/**
 * etcd's lock without fencing: a holder that is paused for longer than its lease lives writes all the same when it wakes,
 * over what the next holder wrote. By design, and documented: a lock that its holder only believes to have is no mutual
 * exclusion, and the write has to compare the lock's key. Expected of the first row: told as weaker, as documented, and
 * not accused; of the second, whose writes compare the lock's key, that nothing is lost.
 *
 * No fault of ours: holders count under a lock with a lease of 2 s, and some of them pause for 3.5 s in between.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { lock, lockWithoutFencing } from '../clusters/etcd/workloads/lock.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(3);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;
const OPTIONS = { nodes: NODES, concurrency: 3, rate: 20 };
const VERSION = '3.5.35';

/** Told in 1 of 1 attempts, and with the lock's key compared in none of 1. */
export const etcdLockWithoutFencing: Regression = {
  name: 'etcd-lock-without-fencing',
  title: 'a lock holder that outlives its lease overwrites what the next one wrote',
  issue: 'https://etcd.io/docs/v3.5/learning/why/#notes-on-the-usage-of-lock-and-lease',
  system: etcd,
  rows: [
    { name: VERSION, version: VERSION, expected: 'documented' },
    {
      name: `${VERSION} fenced`,
      version: VERSION,
      expected: 'clean',
      workload: () => lock.make(OPTIONS),
    },
  ],
  quick: [VERSION, `${VERSION} fenced`],
  anomalies: ['counter-out-of-bounds'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: OPTIONS.concurrency,
  timeLimit: 40 * SECOND,
  deadline: 15 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  rest: 30 * SECOND,
  workload: () => lockWithoutFencing.make(OPTIONS),
  schedule: () => [],
};

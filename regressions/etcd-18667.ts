/**
 * etcd #18667: a transaction that reads a revision which is not there is refused by the member that was asked, and done by
 * all others: they differ for ever.
 *
 * Cause (to 3.6.5 at least, server/etcdserver removeNeedlessRangeReqs): members that no client waits at leave the range
 * requests of a transaction out, and with them the check of their revisions.
 *
 * No fault: elements are added on all members, some of them by such a transaction. It came to light here when the errors
 * of the client's table were provoked and read back through another member; it is known upstream.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { setLookingAhead } from '../clusters/etcd/workloads/set.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(3);
/** Service is not what is looked at here: a busy machine need not spoil the attempt. */
const STALL_BOUND_MS = 3_000;
const OPTIONS = { nodes: NODES, concurrency: 6, rate: 60 };

export const etcd18667: Regression = {
  name: 'etcd-18667',
  title: 'a refused transaction is done by the members that were not asked',
  issue: 'https://github.com/etcd-io/etcd/issues/18667',
  system: etcd,
  affected: ['3.5.35'],
  clean: ['3.7.3'],
  quick: ['3.5.35', '3.7.3'],
  anomalies: ['replica-divergence'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: OPTIONS.concurrency,
  timeLimit: 10 * SECOND,
  deadline: 5 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  rest: 5 * SECOND,
  workload: () => setLookingAhead.make(OPTIONS),
  schedule: () => [],
};

/**
 * Sheepdog before 0.9: when a network parts and comes together again, "rings will get inconsistent copies of cpg_nodes,
 * and will therefore have an inconsistent view of who is the master" (issue 2 of the mail "PATCH S003", April 2012).
 *
 * Cause (sheep/cluster/corosync.c): each side takes the other for processes that left, and goes on, in the next epoch of
 * the same cluster, under a master of its own. When the rings merge, each side is told that the other joins; nobody of
 * them asks to be let in, as they are in, so that requests which never come block every queue. 095f51b6 (v0.9) gives up
 * where too many have left; here, with corosync's ring at hand: where the ring holds no majority of all nodes.
 *
 * Schedule: n3 is cut off from n1 and n2 until all have another ring and 3 s more, and the cut is healed.
 *
 * Seen as observers of one ring that stay in different epochs, under different masters, for 5 s. Not the anomaly: corosync itself tells both rings rightly, as `corosync-join` checks.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { sheepdogJoin } from '../clusters/corosync/system.ts';
import {
  agreementChecker,
  joinWorkload,
  STALL_BOUND_MS,
} from '../clusters/corosync/workloads/join.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(3);
const AGREED_MS = 5_000;

/** Stated rates and what was measured: docs/corosync.md. */
export const sheepdogMerge: Regression = {
  name: 'sheepdog-merge',
  title: 'two rings that merge stay under two masters, in one epoch',
  issue: 'https://github.com/sheepdog/sheepdog/commit/095f51b6',
  seed: '004',
  system: sheepdogJoin,
  affected: ['before-0.4', 'self-election', 'without-master'],
  clean: ['with-quorum'],
  quick: ['self-election', 'with-quorum'],
  anomalies: ['two-masters', 'two-memberships', 'lasting-disagreement'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: NODES.length,
  timeLimit: 40 * SECOND,
  deadline: 2 * SECOND,
  rest: 11 * SECOND,
  recoveryLimit: 10 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  workload: () => ({
    ...joinWorkload.make({ nodes: NODES, concurrency: NODES.length, rate: 30 }),
    checkers: [agreementChecker(AGREED_MS)],
  }),
  schedule: (): readonly FaultStep[] => [
    {
      id: 'cut',
      lane: 'links',
      kind: 'partition-one',
      selector: ['n3'],
      trigger: { operation: { f: 'note', nth: 20 } },
      heal: { then: [{ and: NODES.map(ringOfSome) }, { after: 3 * SECOND }] },
      draw: 0,
    },
  ],
};

/** The node's ring holds some nodes and not the others. */
function ringOfSome(node: string): Trigger {
  const pattern = node === 'n3' ? '\\d ring [0-9.]+: n3$' : '\\d ring [0-9.]+: n1 n2$';
  return { log: { node, pattern } };
}

/**
 * What corosync promises, and Sheepdog's join protocol rests on: one ring id has one member list, rings come one after
 * another, and a host that comes is in within the bound. No defect of corosync 3.1.7 is known here; it must hold while
 * the host of the lowest id, which leads in forming rings, is lost at the moment another host comes, and while a cut
 * comes and goes.
 *
 * With a token of 1 s a lost host of three is noticed after 1.65 s, and a ring formed after twice that; measured 3.5 to
 * 3.8 s from the loss to the new ring, 6.1 s when the host was lost in the very moment of joining. The bound is 15 s.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { sheepdogJoin } from '../clusters/corosync/system.ts';
import { joinCheckers, ringWorkload, STALL_BOUND_MS } from '../clusters/corosync/workloads/join.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../harness/operation.ts';
import { seededRandom } from '../harness/random.ts';
import type { Regression } from './regression.ts';
import { after, step } from './steps.ts';

const NODES = nodeNames(3);
const JOIN_MS = 15_000;
/** After which part of the joiner's start the other host is lost is drawn from the seed. */
const LATEST_LOSS: Nanoseconds = 1_500 * MILLISECOND;

/** Stated rates and what was measured: docs/corosync.md. */
export const corosyncJoin: Regression = {
  name: 'corosync-join',
  title: 'one ring id has one member list, and a joiner is in within 15 s (must hold)',
  issue: 'https://manpages.debian.org/bookworm/corosync/corosync_overview.7.en.html',
  seed: '004',
  system: sheepdogJoin,
  clean: ['with-quorum'],
  quick: ['with-quorum'],
  anomalies: [
    'two-memberships',
    'configuration-went-back',
    'lasting-disagreement',
    'worker-lost',
    'no-service-with-quorum',
    'no-service-after-heal',
  ],
  rate: 0,
  attempts: 3,
  nodes: NODES,
  concurrency: NODES.length,
  timeLimit: 60 * SECOND,
  deadline: 2 * SECOND,
  rest: 18 * SECOND,
  recoveryLimit: JOIN_MS * MILLISECOND,
  stallBoundMs: STALL_BOUND_MS,
  workload: () => ({
    ...ringWorkload.make({ nodes: NODES, concurrency: NODES.length, rate: 30 }),
    checkers: joinCheckers(JOIN_MS),
  }),
  schedule,
};

function schedule(seed: bigint): readonly FaultStep[] {
  const within = Math.round(seededRandom(seed).sequence('loss').between(0, LATEST_LOSS));
  return [
    step('n3-lost', 'crash', 'n3', { operation: { f: 'note', nth: 20 } }, { after: 4 * SECOND }),
    step('n1-lost', 'crash', 'n1', after('n3-lost', 'healing', within), { after: 6 * SECOND }),
    {
      id: 'cut',
      lane: 'links',
      kind: 'partition-one',
      selector: ['n2'],
      trigger: after('n1-lost', 'healed', 2 * SECOND),
      heal: { after: 4 * SECOND },
      draw: 0,
    },
  ];
}

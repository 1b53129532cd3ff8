/**
 * Sheepdog before 0.4: a master that dies before it has answered a request to join leaves the joiner, and all who come
 * after it, waiting for ever ("PATCH S003: Handle master crashing before sending JOIN request", mailing list, April 2012).
 *
 * Cause (sheep/cluster/corosync.c before 1217aee8): the joiner holds an unanswered request of its own at the head of its
 * queue; not in yet, it acts on nothing behind it, the master's leave included. It is no first node, and the flag of
 * c4e35597 (`gone`) marks members, of whom it knows none. With the joiner at the head of every later one's queue too,
 * nobody is ever master again. Fixed by 1217aee8 (v0.4.0): whoever holds an unanswered request of every member lets
 * itself in, which is exactly one, as events are in one order. Since 625fa099 (v0.7.0) there is no master.
 *
 * Schedule, black box: n2 and n3 are killed, so that n1 is the only member; n1 is stopped (SIGSTOP: its corosync runs on,
 * it stays in the group); n2 is started, and asks; n1 is killed as it is; n3 is started; then n1 again. All three are
 * alive and linked from then on.
 *
 * A process that is started is in 0.2 s later, most of it Node.js starting; on two processors under a load of 80 it was
 * not always in after 5 s. Hence the bound of 8 s (join.ts): who hangs, hangs for ever.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { sheepdogJoin } from '../clusters/corosync/system.ts';
import { joinWorkload, STALL_BOUND_MS } from '../clusters/corosync/workloads/join.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';
import { after, step } from './steps.ts';

const NODES = nodeNames(3);

/** Stated rates and what was measured: docs/corosync.md. */
export const sheepdogJoinHang: Regression = {
  name: 'sheepdog-join',
  title: 'a master that dies before it answers leaves the joiner, and all after it, waiting',
  issue: 'https://github.com/sheepdog/sheepdog/commit/1217aee8',
  seed: '004',
  system: sheepdogJoin,
  affected: ['before-0.4'],
  clean: ['self-election', 'without-master', 'with-quorum'],
  quick: ['before-0.4', 'self-election'],
  anomalies: ['worker-lost', 'no-service-with-quorum', 'no-service-after-heal'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: NODES.length,
  timeLimit: 40 * SECOND,
  deadline: 2 * SECOND,
  rest: 18 * SECOND,
  recoveryLimit: 8 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  workload: () => joinWorkload.make({ nodes: NODES, concurrency: NODES.length, rate: 30 }),
  schedule,
};

function schedule(): readonly FaultStep[] {
  const served: Trigger = { operation: { f: 'note', nth: 20 } };
  return [
    step('n2-away', 'kill', 'n2', served, after('n1-hangs', 'verified', SECOND + MILLISECOND)),
    step('n3-away', 'kill', 'n3', served, after('n1-dies', 'verified', SECOND + MILLISECOND)),
    step(
      'n1-hangs',
      'pause',
      'n1',
      {
        and: [
          after('n2-away', 'verified', SECOND + MILLISECOND),
          after('n3-away', 'verified', SECOND + MILLISECOND),
        ],
      },
      after('n1-dies', 'verified', MILLISECOND),
    ),
    {
      // A process asks at once when it has joined the group.
      ...step(
        'n1-dies',
        'kill',
        'n1',
        {
          then: [
            { log: { node: 'n2', pattern: '\\d not in; waiting: join of n2$' } },
            { after: 0 },
          ],
        },
        after('n3-away', 'healed', 2 * SECOND + MILLISECOND),
      ),
      parameters: { asItIs: true },
    },
  ];
}

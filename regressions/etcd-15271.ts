/**
 * etcd #15271: a watch goes back in time and tells changes twice, on a member that was cut off until it needed a snapshot.
 *
 * Cause (3.5.5, server/mvcc/watchable_store.go): a member that is sent a snapshot takes every watch for one that is
 * behind, and goes on with it from where the watch began, not from what it has told since.
 *
 * Schedule: a stream is watched on each of three members, under few changes; the leader is cut off; once another leads,
 * more changes are acknowledged than a member keeps for one that is behind (5000 entries, whatever the snapshot count); the
 * old leader is linked again, and is sent a snapshot while its watch is still listened to. It is the leader because its
 * successor begins by asking where it stands: to a follower, the leader would already have sent up to 512 messages, which
 * arrive in a burst when it is linked again, and a watch that cannot keep up with a burst hides the defect.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { watchThroughSnapshot } from '../clusters/etcd/workloads/watch.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const NODES = nodeNames(3);
const CLIENTS = 33;
const LIGHT_RATE = 20;
const CUT_AT = 2 * SECOND;
/** Until another member leads. */
const CALM = CUT_AT + 4 * SECOND;
/** More than the 5000 entries that are kept for a member that is behind. */
const BACKLOG = 5800;
const MISSED = 5500;
const LISTENING = 60 * SECOND;

/** Found on 3.5.5 in 5 of 5 attempts, on 3.5.16 in none of 4; the changelog names 3.5.8 as the first version without it. */
export const etcd15271: Regression = {
  name: 'etcd-15271',
  title: 'a watch goes back in time on a member that is sent a snapshot',
  issue: 'https://github.com/etcd-io/etcd/issues/15271',
  system: etcd,
  affected: ['3.5.5'],
  clean: ['3.5.16'],
  quick: ['3.5.5', '3.5.16'],
  anomalies: ['watch-unordered', 'watch-duplicate'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: CLIENTS,
  timeLimit: 90 * SECOND,
  deadline: 70 * SECOND,
  extra: { snapshotCount: '50' },
  workload: () =>
    watchThroughSnapshot(
      { nodes: NODES, concurrency: CLIENTS, rate: LIGHT_RATE },
      { calm: CALM, backlog: BACKLOG, listening: LISTENING },
    ),
  schedule: () => [cutOff()],
};

/** While there are few changes, so that the watch has told some before. */
function cutOff(): FaultStep {
  return {
    id: 'cut-off',
    lane: 'partition',
    kind: 'partition-leader',
    selector: 'leader',
    trigger: { at: CUT_AT },
    heal: { operation: { nth: MISSED } },
    draw: 0,
  };
}

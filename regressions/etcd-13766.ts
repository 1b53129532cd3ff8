/**
 * etcd #13766: a member that is killed under load comes back without an entry that the cluster had acknowledged, and
 * stays different for ever.
 *
 * Cause (3.5.0 to 3.5.2, server/etcdserver/server.go and mvcc/backend/batch_tx.go): applying an entry first raises the
 * consistent index in memory and then takes the backend's lock; a batch commit in between stores the index of an entry
 * that is not in the batch. Killed before the next commit, the member never applies that entry. The guarded
 * transactions widen the gap: their compare over thousands of keys runs between the two.
 *
 * Schedule: clients add elements by guarded transactions for 1.25 s; at 1.2 s one member is killed, and started again
 * 0.3 s later. Little load meanwhile, because a member that catches up under full load takes long. Three such rounds,
 * a fresh draw of the member each; then all elements are read on every member.
 */
import { nodeNames } from '../clusters/test-spec.ts';
import { etcd } from '../clusters/etcd/system.ts';
import { guardedSetInBursts } from '../clusters/etcd/workloads/set.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const ROUNDS = 3;
const PERIOD = 3.5 * SECOND;
const LOAD = 1.25 * SECOND;
const KILL_AFTER = 1.2 * SECOND;
const DOWN = 300 * MILLISECOND;
const NODES = nodeNames(3);
const CLIENTS = 40;

/** Found on 3.5.2, absent from 3.5.3. */
export const etcd13766: Regression = {
  name: 'etcd-13766',
  title: 'a killed member loses an acknowledged write for ever (inconsistent data between members)',
  issue: 'https://github.com/etcd-io/etcd/issues/13766',
  system: etcd,
  affected: ['3.5.0', '3.5.2'],
  clean: ['3.5.3'],
  quick: ['3.5.2', '3.5.3'],
  anomalies: ['lost-acknowledged-write', 'stale-read'],
  rate: 0.95,
  attempts: 3,
  nodes: NODES,
  concurrency: CLIENTS,
  timeLimit: ROUNDS * PERIOD + 20 * SECOND,
  deadline: 2 * SECOND,
  // Work comes in bursts, and ends with the last: after the last heal there is only what recovery asks for.
  leastWork: { after: 3 },
  extra: { guardKeys: '4000' },
  workload: () =>
    guardedSetInBursts(
      { nodes: NODES, concurrency: CLIENTS, rate: 0 },
      { length: LOAD, period: PERIOD, count: ROUNDS },
    ),
  schedule: () => Array.from({ length: ROUNDS }, (_, round) => killRound(round)),
};

function killRound(round: number): FaultStep {
  return {
    id: `kill-${round + 1}`,
    lane: 'kill',
    kind: 'kill',
    selector: 'one',
    trigger: { at: round * PERIOD + KILL_AFTER },
    heal: { after: DOWN },
    draw: round,
  };
}

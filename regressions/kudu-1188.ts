/**
 * KUDU-1188: the leader of a tablet has no lease, so that one that was deposed and does not know it serves reads as if it
 * led, at timestamps at which its successor has written.
 *
 * Documented for READ_LATEST, which promises no more. READ_AT_SNAPSHOT is promised to be repeatable and READ_YOUR_WRITES
 * to see what its client wrote; both are broken: a snapshot just after an acknowledged write lacks that write on the old
 * leader, and has it on all others, and on the old leader too once it is healed. All versions to this day; no fixed one
 * is known, so what is clean is the same work with a follower cut off in the leader's place: a follower does not answer
 * at a timestamp until it knows all that was written before.
 *
 * Schedule: t1 leads the tablet. At the first acknowledged write t1 is cut off from the other tablet servers, not from
 * masters and clients. The next write comes 9 s later, when another leads (elections take 1.2 to 1.5 s, in 2 of 10 cases
 * 6.2 to 6.6 s), and goes to whoever the masters say leads. Reads go on all the while: at snapshots, to the leader that
 * the client has known all along; in READ_YOUR_WRITES to the closest replica, which to the thread that writes is t1.
 *
 * Measured with some 70 processes waiting for two processors: READ_YOUR_WRITES 3 of 3 on 1.9.0 and 2 of 3 on 1.18.1 (1 of 1
 * on 1.17.1), snapshots 4 of 4 and READ_LATEST 3 of 3 on 1.18.1; a follower cut off 0 of 5. The one miss: an election was
 * under way when t1 was cut off, and t1 heard of it (“no stable leader”, reads refused): that is as it should be.
 *
 * Nothing may be under way at t1 when it is cut off: reads at a timestamp wait for writes that have begun, for ever. With
 * writes as they come none of 4479 reads was found stale; with none under way all are.
 */
import { kudu } from '../clusters/kudu/system.ts';
import { readYourWritesWithSlowWrites } from '../clusters/kudu/workloads/read-your-writes.ts';
import { registerWithSlowWrites } from '../clusters/kudu/workloads/register.ts';
import type { SlowWrites } from '../clusters/kudu/workloads/slow-writes.ts';
import { snapshotWithSlowWrites } from '../clusters/kudu/workloads/snapshot.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { type NodeName, SECOND } from '../harness/operation.ts';
import type { Workload, WorkloadOptions } from '../harness/workload.ts';
import type { Regression } from './regression.ts';

const LEADER = 't1';
const SERVERS: readonly NodeName[] = ['t1', 't2', 't3'];
const OPTIONS: WorkloadOptions = { nodes: ['m1', 'm2', 'm3'], concurrency: 3, rate: 20 };
const TIMES: SlowWrites = { lead: 1.5 * SECOND, period: 9 * SECOND, readRate: 20 };
/** Long enough for the second write and reads after it. */
const CUT = 12 * SECOND;

const yourWrites = (): Workload => readYourWritesWithSlowWrites(OPTIONS, TIMES);
const snapshot = (): Workload => snapshotWithSlowWrites(OPTIONS, TIMES);
const latest = (): Workload => registerWithSlowWrites(OPTIONS, TIMES);

const YOUR_WRITES = {
  workload: yourWrites,
  anomalies: ['broken-read-your-writes', 'broken-session-guarantees'],
} as const;
const SNAPSHOT = {
  workload: snapshot,
  anomalies: ['snapshot-not-repeatable', 'snapshot-misses-write'],
} as const;
const LATEST = { workload: latest, anomalies: ['stale-read'] } as const;

/** Found on every version, also the newest; absent when a follower is cut off. */
export const kudu1188: Regression = {
  name: 'kudu-1188',
  title: 'a deposed tablet leader serves stale reads, at snapshots and to those who wrote',
  issue: 'https://issues.apache.org/jira/browse/KUDU-1188',
  system: kudu,
  rows: [
    { name: '1.9.0 your-writes', version: '1.9.0', expected: 'hit', ...YOUR_WRITES },
    { name: '1.17.1 your-writes', version: '1.17.1', expected: 'hit', ...YOUR_WRITES },
    { name: '1.18.1 your-writes', version: '1.18.1', expected: 'hit', ...YOUR_WRITES },
    { name: '1.18.1 snapshot', version: '1.18.1', expected: 'hit', ...SNAPSHOT },
    { name: '1.18.1 latest', version: '1.18.1', expected: 'documented', ...LATEST },
    {
      ...{ name: '1.18.1 your-writes, follower cut', version: '1.18.1', expected: 'clean' },
      ...YOUR_WRITES,
      schedule: () => cutOff('t2'),
    },
    {
      ...{ name: '1.18.1 snapshot, follower cut', version: '1.18.1', expected: 'clean' },
      ...SNAPSHOT,
      schedule: () => cutOff('t2'),
    },
  ],
  quick: ['1.18.1 snapshot', '1.18.1 snapshot, follower cut'],
  ...YOUR_WRITES,
  rate: 0.9,
  attempts: 5,
  concurrency: OPTIONS.concurrency,
  timeLimit: 40 * SECOND,
  deadline: 5 * SECOND,
  rest: 4 * SECOND,
  extra: { tabletLeader: LEADER },
  schedule: () => cutOff(LEADER),
};

function cutOff(victim: NodeName): readonly FaultStep[] {
  const others = SERVERS.filter((server) => server !== victim);
  return [
    {
      id: 'cut',
      lane: 'cut',
      kind: 'partition-explicit',
      selector: 'all',
      parameters: { groups: [[victim], others] },
      trigger: { operation: { f: 'write-anew', type: 'ok' } },
      heal: { after: CUT },
      draw: 0,
    },
  ];
}

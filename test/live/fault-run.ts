/** Schedules on a cluster of the Docker testbed's own tests: fault lanes with everything recorded. */
import { expect } from 'vitest';
import { Feed } from '../../harness/feed.ts';
import { FaultLanes, type LaneOutcome } from '../../harness/lanes.ts';
import type { FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { FAULTS } from '../../nemesis/registry.ts';
import { PORT, type Running } from './docker-cluster.ts';

export interface FaultRun {
  readonly records: readonly FaultRecord[];
  readonly outcome: LaneOutcome;
}

/** Lets triggers and verification follow what the testbed tells. Once for each cluster. */
export function feedOf(running: Running): Feed {
  const feed = new Feed();
  const told = running.events;
  const push = told.push.bind(told);
  told.push = (...events) => {
    for (const event of events) feed.publishEvent(event);
    return push(...events);
  };
  return feed;
}

/** Runs all steps to their ends. @param leader the node that leads */
export async function runSteps(
  running: Running,
  feed: Feed,
  steps: readonly FaultStep[],
  leader = 'n1',
): Promise<FaultRun> {
  const records: FaultRecord[] = [];
  const { clock, cluster } = running;
  const lanes = new FaultLanes({
    ...{ clock, cluster, feed, faults: FAULTS, probes: {}, peerPort: PORT },
    random: seededRandom(1n),
    events: (event) => feed.publishEvent(event),
    record: (record) => void records.push(record),
    leader: async () => leader,
  });
  for (const one of steps) lanes.enqueue(one);
  await lanes.idle();
  return { records, outcome: await lanes.end() };
}

/** One step, `it`, came to a good end: in effect by two observations at least, still so when it was healed, healed. */
export function expectWholeLife({ records, outcome }: FaultRun): void {
  const states = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
  expect(
    records.map(({ state }) => state),
    JSON.stringify(records.at(-1)),
  ).toEqual(states);
  expect(outcome).toMatchObject({ verified: ['it'], notHealed: [], failure: null });
  const verified = records.find((record) => record.state === 'verified');
  const seen = verified?.state === 'verified' ? verified.observations : undefined;
  expect(seen?.filter(({ confirms }) => confirms).length).toBeGreaterThanOrEqual(2);
  const healing = records.find((record) => record.state === 'healing');
  expect(healing?.state === 'healing' ? healing.reason : 'missing').toBeUndefined();
}

/** Milliseconds from firing to the act's end, and of healing, for the measures. */
export function tookOf(
  records: readonly FaultRecord[],
  id: string,
): { fire: number; heal: number } {
  const took = (state: 'verified' | 'healed'): number => {
    const record = records.find((one) => one.state === state && 'id' in one && one.id === id);
    const nanos = record !== undefined && 'tookNanos' in record ? record.tookNanos : undefined;
    return (nanos ?? Number.NaN) / MILLISECOND;
  };
  return { fire: took('verified'), heal: took('healed') };
}

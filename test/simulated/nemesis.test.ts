/** The nemesis against the simulated testbed: every kind takes effect there, is seen to, and heals. */
import { expect, it } from 'vitest';
import { Feed } from '../../harness/feed.ts';
import { FaultLanes, type LaneOutcome } from '../../harness/lanes.ts';
import type { FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { FAULTS, PACKAGES } from '../../nemesis/registry.ts';
import { randomSchedule } from '../../nemesis/random-schedule.ts';
import { step } from '../fakes/fake-run.ts';

const idle: ModelDefinition<null> = {
  name: 'idle',
  create: () => ({
    start: () => undefined,
    receive: () => undefined,
    request: () => undefined,
    timer: () => undefined,
  }),
};

async function rough(
  steps: readonly FaultStep[],
  seed: bigint,
  nodes: readonly string[],
): Promise<{ records: readonly FaultRecord[]; outcome: LaneOutcome }> {
  const clock = new SimulatedClock();
  const feed = new Feed();
  const records: FaultRecord[] = [];
  const testbed = simulatedTestbed({ model: idle });
  const events = feed.publishEvent.bind(feed);
  const cluster = await testbed.up(
    {
      ...{ runId: 'run', nodes, directory: null, seed },
      node: () => ({ command: ['idle'] }),
      image: { context: '', arguments: {}, label: 'idle' },
    },
    { clock, events, say: () => undefined, signal: new AbortController().signal },
  );
  const lanes = new FaultLanes({
    ...{ clock, cluster, feed, events, faults: FAULTS, probes: {}, peerPort: 1 },
    random: seededRandom(seed),
    record: (record) => void records.push(record),
    leader: async () => 'n2',
  });
  for (const one of steps) lanes.enqueue(one);
  await clock.sleep(60 * SECOND);
  const outcome = await lanes.end();
  expect(await cluster.network.observed()).toEqual([]);
  expect(await Promise.all(cluster.nodes.map((node) => node.alive()))).toEqual(
    nodes.map(() => 'running'),
  );
  await testbed.down();
  return { records, outcome };
}

const five = ['n1', 'n2', 'n3', 'n4', 'n5'];

it.each([...FAULTS.values()].map((fault) => [fault.kind, fault.selectors[0] ?? 'one'] as const))(
  '%s of %s',
  async (kind, selector) => {
    const given = { id: 'it', kind, selector, heal: { after: 5 * SECOND } };
    const { records, outcome } = await rough([step(given)], 1n, five);
    const states = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
    expect(records.map(({ state }) => state)).toEqual(states);
    expect(outcome).toMatchObject({ verified: ['it'], notHealed: [], failure: null });
  },
);

it('random schedules of all packages: what fires is verified and heals; equal seeds, equal records', async () => {
  const kinds = new Set<string>();
  for (let seed = 1n; seed <= 40n; seed++) {
    const nodes = seed % 2n === 0n ? five : five.slice(0, 3);
    const steps = randomSchedule({ packages: PACKAGES, nodes, seed, timeLimitNanos: 60 * SECOND });
    const { records, outcome } = await rough(steps, seed, nodes);
    const fired = records.flatMap((record) => (record.state === 'fired' ? [record.id] : []));
    expect(fired.length).toBeGreaterThan(0);
    expect([...outcome.verified].sort()).toEqual(fired.sort());
    expect(outcome).toMatchObject({ notHealed: [], failed: [], failure: null });
    for (const one of steps) if (fired.includes(one.id)) kinds.add(one.kind);
    const again = await rough(steps, seed, nodes);
    expect(JSON.stringify(again.records)).toBe(JSON.stringify(records));
  }
  expect(kinds).toEqual(new Set(FAULTS.keys()));
});

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
import { ANYWHERE } from '../../nemesis/packages.ts';
import { FAULTS } from '../../nemesis/registry.ts';
import { checkSchedule } from '../../nemesis/schedule-check.ts';
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
/** What every testbed can do. */
const anywhere = ANYWHERE.flatMap(({ kinds }) => kinds);

it.each(anywhere.map((fault) => [fault.kind, fault.selectors[0] ?? 'one'] as const))(
  '%s of %s',
  async (kind, selector) => {
    const given = { id: 'it', kind, selector, heal: { after: 5 * SECOND } };
    const { records, outcome } = await rough([step(given)], 1n, five);
    const states = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
    expect(records.map(({ state }) => state)).toEqual(states);
    expect(outcome).toMatchObject({ verified: ['it'], notHealed: [], failure: null });
  },
);

it('random schedules of the basic packages: what fires is verified and heals; equal seeds, equal records', async () => {
  const kinds = new Set<string>();
  for (let seed = 1n; seed <= 40n; seed++) {
    const nodes = seed % 2n === 0n ? five : five.slice(0, 3);
    const steps = randomSchedule({ packages: ANYWHERE, nodes, seed, timeLimitNanos: 60 * SECOND });
    const { records, outcome } = await rough(steps, seed, nodes);
    const fired = records.flatMap((record) => (record.state === 'fired' ? [record.id] : []));
    expect(fired.length).toBeGreaterThan(0);
    expect([...outcome.verified].sort()).toEqual(fired.sort());
    expect(outcome).toMatchObject({ notHealed: [], failed: [], failure: null });
    for (const one of steps) if (fired.includes(one.id)) kinds.add(one.kind);
    const again = await rough(steps, seed, nodes);
    expect(JSON.stringify(again.records)).toBe(JSON.stringify(records));
  }
  expect(kinds).toEqual(new Set(anywhere.map(({ kind }) => kind)));
});

/** The others, but for those that a schedule must tell more of to be run. */
const others = [...FAULTS.values()]
  .filter((fault) => !anywhere.includes(fault))
  .filter(({ kind }) => checkSchedule([step({ id: 'it', kind })]).length === 0);

it.each(others.map(({ kind }) => kind))(
  '%s: in effect and healed, or skipped with its reason',
  async (kind) => {
    const { records, outcome } = await rough([step({ id: 'it', kind })], 1n, five);
    expect(outcome).toMatchObject({ notHealed: [], failure: null });
    const [reason] = outcome.skipped;
    if (reason === undefined) expect(records.at(-1)?.state).toBe('healed');
    else expect(reason.reason).not.toBe('');
    expect(outcome.verified).toEqual(reason === undefined ? ['it'] : []);
  },
);

it('a paused server is killed as it is where a step says so, and the pause counts as healed', async () => {
  const steps = [
    step({ id: 'pause', kind: 'pause', heal: { after: 5 * SECOND } }),
    step({
      id: 'kill',
      trigger: { at: 2 * SECOND },
      heal: { after: SECOND },
      parameters: { asItIs: true },
    }),
  ];
  const { records, outcome } = await rough(steps, 1n, ['n1', 'n2', 'n3']);
  expect(outcome).toMatchObject({ notHealed: [], failed: [] });
  const fired = records.flatMap((record) =>
    record.state === 'fired' ? [`${record.id} ${record.notBefore / SECOND}`] : [],
  );
  expect(fired).toEqual(['pause 1', 'kill 2']);
});

/** 1,000 seeds of random mixes on a fake cluster: no two faults act on the same at once, and everything heals. */
import { expect, it } from 'vitest';
import { conflict } from '../../harness/claims.ts';
import type { Claim, FaultRecord, Moments } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { drawMix } from '../../nemesis/mix.ts';
import { quietWindows, randomSchedule } from '../../nemesis/random-schedule.ts';
import { FAULTS, requirePackages } from '../../nemesis/registry.ts';
import { FakeRun } from '../fakes/fake-run.ts';

const SEEDS = 1000;
const TIME = 20 * SECOND;
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
/** What a fake cluster can do. */
const PACKAGES = requirePackages('kill,crash,pause,partition,storm');
const moments: Moments = {
  catalogue: {
    files: [{ directory: '/data', name: 'epoch' }],
    logLines: ['LEADING'],
    acknowledgements: ['write'],
  },
  probes: [],
};

/** Claims of every step from its firing to the end of its healing, checked against each other. */
function overlaps(records: readonly FaultRecord[]): string[] {
  const claims = new Map<string, readonly Claim[]>();
  const active = new Set<string>();
  const wrong: string[] = [];
  for (const record of records) {
    if (record.state === 'intended') continue;
    const { id } = record;
    if (record.state === 'armed') claims.set(id, record.targets?.claims ?? []);
    if (record.state === 'healed') active.delete(id);
    if (record.state !== 'fired') continue;
    for (const other of active) {
      if (conflict(claims.get(id) ?? [], claims.get(other) ?? [])) wrong.push(`${id} ${other}`);
    }
    active.add(id);
  }
  return [...wrong, ...[...active].map((id) => `${id} was not healed`)];
}

async function rough(seed: bigint): Promise<{ readonly records: readonly FaultRecord[] }> {
  const run = new FakeRun({ faults: FAULTS, seed, nodes: NODES, leader: async () => 'n2' });
  const packages = drawMix(PACKAGES, { seed, most: NODES.length });
  const schedule = { packages, nodes: NODES, seed, timeLimitNanos: TIME, moments } as const;
  run.enqueue(...randomSchedule({ ...schedule, triggers: 'drawn' }));
  const quiet = quietWindows(TIME);
  for (let time = 250 * MILLISECOND; time < TIME; time += 250 * MILLISECOND) {
    await run.clock.sleep(time - run.clock.now());
    run.operation({ f: time % (2 * SECOND) === 0 ? 'write' : 'read' });
    if (time % SECOND === 0) run.cluster.node('n3').log('LEADING');
    const calm = quiet.some(({ from, to }) => time > from + 500 * MILLISECOND && time < to);
    if (calm) expect(run.lanes.active()).toEqual([]);
  }
  const outcome = await run.lanes.end();
  expect(outcome).toMatchObject({ notHealed: [], failed: [], failure: null });
  expect(run.cluster.nodes.map(({ state }) => state)).toEqual(NODES.map(() => 'running'));
  return run;
}

it('1,000 mixes: no conflict of claims, quiet windows quiet, all healed, equal seeds equal records', async () => {
  let fired = 0;
  for (let index = 0; index < SEEDS; index++) {
    const seed = BigInt(index) * 0x9e3779b97f4a7c15n;
    const { records } = await rough(seed);
    expect(overlaps(records)).toEqual([]);
    fired += records.filter(({ state }) => state === 'fired').length;
    if (index % 10 === 0) {
      expect(JSON.stringify((await rough(seed)).records)).toBe(JSON.stringify(records));
    }
  }
  expect(fired).toBeGreaterThan(5 * SEEDS);
});

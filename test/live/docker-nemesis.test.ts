/** The nemesis against real containers: every kind takes effect, is seen to by two means, and heals. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Feed } from '../../harness/feed.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { PACKAGES } from '../../nemesis/registry.ts';
import { step } from '../fakes/fake-run.ts';
import { bringUp, docker, machine, type Running, serving, takeDown } from './docker-cluster.ts';
import { expectWholeLife, feedOf, runSteps, type FaultRun } from './fault-run.ts';
import { buildNodeImage } from './node-image.ts';

let running: Running;
let feed: Feed;

beforeAll(async () => {
  running = await bringUp({ image: await buildNodeImage(docker) });
  feed = feedOf(running);
  await serving(running);
});

afterAll(() => takeDown(running));

function run(steps: readonly FaultStep[]): Promise<FaultRun> {
  return runSteps(running, feed, steps, 'n2');
}

const SOON = { trigger: { at: 10 * MILLISECOND }, heal: { after: SECOND } } as const;

/** What any cluster can have; the others are tested with what they need. */
const ANYWHERE = ['kill', 'crash', 'pause', 'partition', 'clock'];
const KINDS = PACKAGES.filter(({ name }) => ANYWHERE.includes(name)).flatMap(({ kinds }) => kinds);

describe('on Docker', () => {
  it.each(KINDS.map((fault) => [fault.kind, fault.selectors[0] ?? 'one'] as const))(
    '%s of %s',
    async (kind, selector) => {
      expectWholeLife(await run([step({ id: 'it', kind, selector, ...SOON })]));
    },
  );

  it('kills on a file event within a quarter of a second of the write being asked for', async () => {
    const file = { node: 'n1', directory: '/data', name: 'currentEpoch' };
    const steps = [step({ id: 'it', trigger: { file }, heal: { after: 300 * MILLISECOND } })];
    const ended = run(steps);
    await running.clock.sleep(300 * MILLISECOND);
    const written = running.clock.now();
    await machine(running.cluster, 'n1').upload('/data/currentEpoch', '1');
    const { records, outcome } = await ended;
    expect(outcome).toMatchObject({ verified: ['it'], notHealed: [] });
    const fired = records.find((record) => record.state === 'fired');
    const at = fired?.state === 'fired' ? fired.notBefore : NaN;
    expect(at - written).toBeLessThan(250 * MILLISECOND);
  });
});

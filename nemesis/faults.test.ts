import { describe, expect, it } from 'vitest';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import { FakeRun, step } from '../test/fakes/fake-run.ts';
import { FAULTS } from './registry.ts';

const WHOLE = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
const five = { nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], faults: FAULTS };

async function once(given: Partial<FaultStep>, prepare: (run: FakeRun) => void = () => undefined) {
  const run = new FakeRun(five);
  prepare(run);
  run.enqueue(step({ id: 'it', heal: { after: 2 * SECOND }, ...given }));
  await run.clock.sleep(2 * SECOND);
  const during = {
    states: run.cluster.nodes.map((node) => node.state),
    cut: (await run.cluster.network.observed()).map(({ from, to }) => `${from}->${to}`),
  };
  await run.clock.sleep(60 * SECOND);
  return { run, during, observed: (state: string) => run.record('it', state)?.observations ?? [] };
}

/** Means of the observations that confirmed. */
function confirmed(
  observations: readonly { means: string; confirms: boolean }[],
): readonly string[] {
  return observations.filter(({ confirms }) => confirms).map(({ means }) => means);
}

describe('faults on nodes', () => {
  it.each([
    ['kill', 'dead'],
    ['crash', 'gone'],
    ['pause', 'paused'],
  ])('%s acts, is verified twice, and heals', async (kind, state) => {
    const { run, during, observed } = await once({ kind, selector: ['n1', 'n3'] });
    expect(during.states).toEqual([state, 'running', state, 'running', 'running']);
    expect(run.states('it')).toEqual(WHOLE);
    for (const record of ['verified', 'healed']) {
      const means = confirmed(observed(record));
      expect(means).toEqual(expect.arrayContaining(['process of n1', 'process of n3']));
      expect(means.filter((one) => one.includes('n1')).length).toBeGreaterThanOrEqual(2);
    }
    expect(run.cluster.nodes.map((node) => node.state)).toEqual(Array(5).fill('running'));
  });

  it.each(['kill', 'crash', 'pause'])('%s that does nothing is failed', async (kind) => {
    const { run } = await once({ kind }, ({ cluster }) => (cluster.node('n1').broken = kind));
    expect(run.states('it')).toEqual([
      'intended',
      'armed',
      'fired',
      'failed',
      'healing',
      expect.anything(),
    ]);
    expect((await run.lanes.end()).verified).toEqual([]);
  });

  it('kill of a server that is dead already is no kill', async () => {
    const { run } = await once({}, ({ cluster }) => (cluster.node('n1').state = 'dead'));
    expect(run.states('it')).toContain('failed');
    expect(run.states('it')).not.toContain('verified');
    expect(run.cluster.node('n1').state).toBe('running');
  });

  it('a host that still answers, or whose process still runs, is not crashed', async () => {
    const answers = await once({ kind: 'crash' }, ({ cluster }) => {
      cluster.node('n1').silence = false;
    });
    expect(answers.run.record('it', 'failed')?.reason).toContain('connect n2->n1: reached');
    const runs = await once({ kind: 'crash' }, ({ cluster }) => {
      cluster.node('n1').silence = true;
      cluster.node('n1').broken = 'crash';
    });
    expect(runs.run.record('it', 'failed')?.reason).toContain('process of n1: running');
  });

  it('a node that is not started again is not healed', async () => {
    const { run } = await once({}, ({ cluster }) => (cluster.node('n1').broken = 'start'));
    expect((await run.lanes.end()).notHealed).toEqual(['it']);
  });

  it('a server that starts and dies by itself is healed: its death is its own', async () => {
    const { run } = await once({}, ({ cluster, feed, clock }) => {
      const node = cluster.node('n1');
      node.started = () => {
        node.state = 'dead';
        const now = clock.now();
        const at = { notBefore: now, notAfter: now };
        feed.publishEvent({
          type: 'node-down',
          node: 'n1',
          cause: 'exited',
          expected: false,
          ...at,
        });
      };
    });
    expect(run.states('it')).toEqual(WHOLE);
    expect((await run.lanes.end()).notHealed).toEqual([]);
  });

  it('an act that fails later is told', async () => {
    const { run } = await once(
      { kind: 'pause' },
      ({ cluster }) => (cluster.node('n1').state = 'dead'),
    );
    expect(run.record('it', 'failed')?.reason).toContain('pause of n1, which is dead');
  });
});

describe('partitions', () => {
  it.each<[string, Partial<FaultStep>, number]>([
    ['partition-halves', { selector: 'all' }, 12],
    ['partition-halves', { selector: ['n1', 'n2'] }, 12],
    ['partition-one', { selector: 'one' }, 8],
    ['partition-leader', { selector: 'leader' }, 8],
    ['partition-majorities-ring', { selector: 'all' }, 10],
    ['partition-bridge', { selector: 'one' }, 8],
    ['partition-one-way', { selector: ['n1'] }, 4],
    ['partition-one', { parameters: { links: ['n4->n5'] } }, 1],
  ])(
    '%s cuts, is verified by rules and by what does not pass, and heals',
    async (kind, given, count) => {
      const { run, during, observed } = await once({ kind, ...given });
      expect(during.cut).toHaveLength(count);
      expect(run.states('it')).toEqual(WHOLE);
      const means = confirmed(observed('verified'));
      expect(means).toEqual(expect.arrayContaining(['rules read back', 'drop counters']));
      expect(means.some((one) => one.startsWith('connect'))).toBe(true);
      expect(confirmed(observed('healed'))).toContain('connections out of back-off');
      expect(await run.cluster.network.observed()).toEqual([]);
    },
  );

  it('of the leader cuts the leader, both ways', async () => {
    const { during } = await once({ kind: 'partition-leader', selector: 'leader' });
    expect(during.cut.every((link) => link.includes('n1'))).toBe(true);
    expect(during.cut).toEqual(expect.arrayContaining(['n1->n2', 'n2->n1']));
  });

  it.each([
    ['out', 'n1->n2'],
    ['in', 'n2->n1'],
  ])('one way %s', async (direction, link) => {
    const parameters = { direction };
    const { during } = await once({ kind: 'partition-one-way', selector: ['n1'], parameters });
    expect(during.cut).toContain(link);
    expect(during.cut).toHaveLength(4);
  });

  it('whose rules do nothing is no partition', async () => {
    const { run } = await once(
      { kind: 'partition-halves', selector: 'all' },
      ({ cluster }) => (cluster.network.powerless = true),
    );
    expect(run.record('it', 'failed')?.reason).toContain('reached');
    expect(run.states('it')).not.toContain('verified');
  });

  it('that leaks on one link, or whose rules cannot be read back, is no partition', async () => {
    const cut = { kind: 'partition-leader', selector: 'leader' } as const;
    const leaky = await once(cut, ({ cluster }) => cluster.network.leaks.add('n1->n2'));
    expect(leaky.run.record('it', 'failed')?.reason).toContain('connect n1->n2: reached');
    const blind = await once(cut, ({ cluster }) => (cluster.network.blind = true));
    expect(blind.run.record('it', 'failed')?.reason).toContain('0 of 8 links cut');
  });

  it('is healed when connections left their back-off, or at the bound', async () => {
    const slow = await once({ kind: 'partition-leader', selector: 'leader' }, ({ cluster }) => {
      cluster.network.settledAfter = 4 * SECOND;
    });
    const healed = slow.run.record('it', 'healed');
    expect(healed?.notBefore).toBe(3 * SECOND);
    expect(healed?.notAfter).toBeGreaterThanOrEqual(7 * SECOND);
    const never = await once({ kind: 'partition-leader', selector: 'leader' }, ({ cluster }) => {
      cluster.network.settledAfter = 1000 * SECOND;
    });
    const last = never.observed('healed').at(-1);
    expect(last).toMatchObject({ seen: 'still in back-off after 15.0 s', confirms: false });
    expect((await never.run.lanes.end()).notHealed).toEqual([]);
  });

  it('needs enough nodes', async () => {
    const run = new FakeRun({ faults: FAULTS, nodes: ['n1', 'n2'] });
    run.enqueue(step({ id: 'it', kind: 'partition-bridge', selector: 'one' }));
    await run.clock.sleep(5 * SECOND);
    expect(run.record('it', 'skipped')?.reason).toContain('needs at least 3 nodes, there are 2');
  });

  it('wrong links are told, and fail that step only', async () => {
    const parameters = { links: ['n1->n9'] };
    const { run } = await once({ kind: 'partition-halves', parameters });
    expect(run.record('it', 'failed')?.reason).toContain('unknown node "n9"');
    expect((await run.lanes.end()).failure).toBeNull();
  });

  it('a crash waits for a partition of its node to heal', async () => {
    const run = new FakeRun(five);
    run.enqueue(
      step({ id: 'a', kind: 'partition-one', selector: ['n1'], heal: { after: 5 * SECOND } }),
      step({ id: 'b', kind: 'crash', selector: ['n1'], trigger: { at: 2 * SECOND } }),
      step({ id: 'c', kind: 'kill', selector: ['n2'], trigger: { at: 2 * SECOND } }),
    );
    await run.clock.sleep(4 * SECOND);
    expect(run.lanes.active()).toEqual(['a', 'c']);
    await run.clock.sleep(4 * SECOND);
    expect(run.lanes.active()).toEqual(['b', 'c']);
    await run.lanes.end();
  });
});

import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { FakeRun, step } from '../test/fakes/fake-run.ts';
import { FAULTS } from './registry.ts';
import { versionsIn } from './upgrade.ts';

const WHOLE = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];
const three = { nodes: ['n1', 'n2', 'n3'], faults: FAULTS };

async function once(kind: string, parameters = {}, serves?: (node: string) => Promise<boolean>) {
  const run = new FakeRun({ ...three, ...(serves === undefined ? {} : { serves }) });
  run.enqueue(step({ id: 'it', kind, selector: 'all', parameters, heal: { after: SECOND } }));
  await run.clock.sleep(60 * SECOND);
  return run;
}

describe('servers that come back', () => {
  it('a restart kills and starts each', async () => {
    const run = await once('restart');
    expect(run.states('it')).toEqual(WHOLE);
    for (const node of run.cluster.nodes) expect(node.acts).toEqual(['kill', 'start']);
  });

  it('a crash loop does so again and again', async () => {
    const run = await once('crash-loop', { times: 3, upMs: 50 });
    expect(run.states('it')).toEqual(WHOLE);
    for (const node of run.cluster.nodes) expect(node.starts).toBe(4);
  });

  it('a rolling restart waits until each serves', async () => {
    const order: string[] = [];
    const asked = new Map<string, number>();
    const run = await once('rolling-restart', {}, async (node) => {
      asked.set(node, (asked.get(node) ?? 0) + 1);
      if (asked.get(node) === 3) order.push(node);
      return (asked.get(node) ?? 0) >= 3;
    });
    expect(run.states('it')).toEqual(WHOLE);
    expect(order).toEqual(['n1', 'n2', 'n3']);
  });

  it('one that never serves is told, and nobody is left down', async () => {
    const run = await once('rolling-restart', {}, async (node) => node === 'n1');
    expect(run.states('it').at(-1)).toBe('failed');
    for (const node of run.cluster.nodes) expect(node.state).toBe('running');
  });
});

describe('parameters', () => {
  it('versions that a schedule wants are found, each once', () => {
    const upgrade = { kind: 'upgrade', parameters: { version: '3.6.5' } };
    const steps = [step({ id: 'a', ...upgrade }), step({ id: 'b', ...upgrade }), step({ id: 'c' })];
    expect(versionsIn(steps)).toEqual(['3.6.5']);
  });

  it('a means that a cluster lacks is a skip with its reason', async () => {
    const run = new FakeRun(three);
    for (const kind of ['jvm-hold', 'thread-pause', 'cpu-squeeze', 'upgrade', 'container-pause']) {
      run.enqueue(step({ id: kind, kind, heal: { after: 100 * MILLISECOND } }));
    }
    await run.clock.sleep(5 * SECOND);
    for (const kind of ['jvm-hold', 'thread-pause', 'cpu-squeeze', 'upgrade', 'container-pause']) {
      expect(run.states(kind)).toEqual(['intended', 'skipped']);
      const record = run.record(kind, 'skipped');
      expect(JSON.stringify(record)).toContain('nodes of this testbed have no');
    }
  });
});

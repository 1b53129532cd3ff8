import { describe, expect, it } from 'vitest';
import { FakeRun, step } from '../test/fakes/fake-run.ts';
import type { Fault, Verification } from './nemesis.ts';
import { SECOND } from './operation.ts';

interface Script {
  readonly prepare?: () => Promise<void>;
  readonly fire?: () => void;
  /** Answers of verify, the last one repeated. Default: true. */
  readonly verify?: readonly boolean[];
  readonly heal?: () => void;
  readonly healed?: readonly boolean[];
  readonly unavailable?: string;
}

/** A fault that does what a test says, on the process of the selected node. */
function scripted(script: Script = {}): ReadonlyMap<string, Fault> {
  const answers = (list: readonly boolean[] = [true]) => {
    const left = [...list];
    return async (): Promise<Verification> => {
      const verified = (left.length > 1 ? left.shift() : left[0]) ?? true;
      return {
        verified,
        observations: [{ means: 'look', seen: String(verified), confirms: verified }],
      };
    };
  };
  const fault: Fault = {
    kind: 'kill',
    summary: 'scripted',
    selectors: ['one'],
    unavailable: () => script.unavailable ?? null,
    resolve: async ({ step: { selector }, leader }) => {
      const nodes = typeof selector === 'string' ? [await leader()] : selector;
      const known = nodes.filter((node) => node !== null);
      if (known.length === 0) return null;
      return { nodes: known, claims: known.map((node) => ({ node, resource: 'process' })) };
    },
    prepare: async (context, targets) => {
      await script.prepare?.();
      return {
        undo: targets.nodes.map((node) => ({ act: 'start', node })),
        fire: () => {
          script.fire?.();
          for (const node of targets.nodes) void context.cluster.node(node).kill();
        },
        verify: answers(script.verify),
        heal: async () => script.heal?.(),
        verifyHealed: answers(script.healed),
      };
    },
  };
  return new Map([['kill', fault]]);
}

describe('one step', () => {
  it('is intended, armed, fired, verified, healing, healed, at its planned times', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(step({ id: 'kill-1', heal: { after: 2 * SECOND } }));
    await run.clock.sleep(1.5 * SECOND);
    expect(run.lanes.active()).toEqual(['kill-1']);
    await run.clock.sleep(8 * SECOND);
    expect(run.states('kill-1')).toEqual([
      'intended',
      'armed',
      'fired',
      'verified',
      'healing',
      'healed',
    ]);
    expect(run.record('kill-1', 'fired')).toMatchObject({ notBefore: SECOND, notAfter: SECOND });
    expect(run.record('kill-1', 'healing')?.notBefore).toBe(3 * SECOND);
    expect(run.record('kill-1', 'armed')).toMatchObject({
      undo: [{ act: 'start', node: 'n1' }],
      targets: { nodes: ['n1'] },
    });
    expect(run.lanes.active()).toEqual([]);
    expect(await run.lanes.end()).toMatchObject({
      notHealed: [],
      verified: ['kill-1'],
      failure: null,
    });
  });

  it('does not fire before its armed record is on disk', async () => {
    let onDisk: () => void = () => undefined;
    const run = new FakeRun({
      faults: scripted(),
      record: (record) =>
        record.state === 'armed' ? new Promise<void>((resolve) => (onDisk = resolve)) : undefined,
    });
    run.enqueue(step({ id: 'kill-1', trigger: { operation: {} } }));
    await run.clock.sleep(SECOND);
    run.operation({});
    expect(run.cluster.node('n1').acts).toEqual([]);
    onDisk();
    await run.clock.sleep(SECOND);
    run.operation({});
    expect(run.cluster.node('n1').acts).toEqual(['kill']);
    await run.lanes.end();
  });

  it('does not fire, and fails the run, when its armed record cannot be written', async () => {
    const run = new FakeRun({
      faults: scripted(),
      record: async (record) => {
        if (record.state === 'armed') throw new Error('disk full');
      },
    });
    run.enqueue(step({ id: 'kill-1' }));
    await run.clock.sleep(5 * SECOND);
    expect(run.cluster.node('n1').acts).toEqual([]);
    expect((await run.lanes.end()).failure?.message).toBe('disk full');
  });

  it('fires synchronously where its trigger is seen', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(step({ id: 'kill-1', trigger: { operation: { nth: 2 } } }));
    await run.clock.sleep(SECOND);
    run.operation({});
    expect(run.cluster.node('n1').acts).toEqual([]);
    run.operation({});
    expect(run.cluster.node('n1').acts).toEqual(['kill']);
    await run.lanes.end();
  });

  it('is looked at again until its effect is seen', async () => {
    const run = new FakeRun({ faults: scripted({ verify: [false, false, true] }) });
    run.enqueue(step({ id: 'kill-1' }));
    await run.clock.sleep(5 * SECOND);
    expect(run.states('kill-1')).toContain('verified');
    expect(run.record('kill-1', 'verified')?.notAfter).toBeGreaterThan(SECOND);
    await run.lanes.end();
  });

  it('that takes no effect is failed with the reason, healed at once, and no verified fault', async () => {
    const run = new FakeRun({ faults: scripted({ verify: [false] }) });
    run.enqueue(step({ id: 'kill-1' }));
    await run.clock.sleep(10 * SECOND);
    expect(run.states('kill-1')).toEqual([
      'intended',
      'armed',
      'fired',
      'failed',
      'healing',
      'healed',
    ]);
    expect(run.record('kill-1', 'failed')?.reason).toBe('did not take effect: look: false');
    const outcome = await run.lanes.end();
    expect(outcome.verified).toEqual([]);
    expect(outcome.notHealed).toEqual([]);
  });

  it('that wears off before it is healed says so', async () => {
    const run = new FakeRun({ faults: scripted({ verify: [true, false] }) });
    run.enqueue(step({ id: 'kill-1', heal: { after: SECOND } }));
    await run.clock.sleep(10 * SECOND);
    expect(run.record('kill-1', 'healing')?.reason).toBe('no longer in effect: look: false');
    await run.lanes.end();
  });

  it('that does not heal is reported, keeps its claims, and is tried once more at the end', async () => {
    let heals = 0;
    const run = new FakeRun({ faults: scripted({ healed: [false], heal: () => void heals++ }) });
    run.enqueue(step({ id: 'kill-1', heal: { after: SECOND } }));
    run.enqueue(step({ id: 'kill-2', trigger: { at: 10 * SECOND } }));
    await run.clock.sleep(60 * SECOND);
    expect(run.states('kill-1').at(-1)).toBe('failed');
    expect(run.record('kill-1', 'failed')?.reason).toBe(
      'not healed: look: false; what is left is removed by: faultline heal --all',
    );
    expect(run.states('kill-2')).toEqual(['intended']);
    const outcome = await run.lanes.end();
    expect(outcome.notHealed).toEqual(['kill-1']);
    expect(outcome.skipped).toEqual([{ id: 'kill-2', reason: expect.stringContaining('kill-1') }]);
    expect(heals).toBe(2);
  });

  it('whose fire throws in our own code fails the run, and is healed', async () => {
    const fire = (): never => {
      throw new TypeError('x is not a function');
    };
    const run = new FakeRun({ faults: scripted({ fire }) });
    run.enqueue(step({ id: 'kill-1' }));
    await run.clock.sleep(5 * SECOND);
    expect(run.states('kill-1')).toEqual(['intended', 'armed', 'failed', 'healing', 'healed']);
    expect(run.lanes.failure?.message).toContain('kill-1 (kill) has a bug: x is not a function');
    await run.lanes.end();
  });

  it('whose preparation fails for a reason of the world is failed, and the run goes on', async () => {
    const prepare = async (): Promise<never> => {
      throw new Error('the engine does not answer');
    };
    const run = new FakeRun({ faults: scripted({ prepare }) });
    run.enqueue(step({ id: 'kill-1' }), step({ id: 'kill-2' }));
    await run.clock.sleep(5 * SECOND);
    expect(run.record('kill-1', 'failed')?.reason).toBe('the engine does not answer');
    expect(run.states('kill-2')).toContain('failed');
    expect((await run.lanes.end()).failure).toBeNull();
  });

  it('of an unavailable or unknown kind, or with no leader to be had, is skipped by name', async () => {
    const run = new FakeRun({ faults: scripted(), leader: async () => null });
    run.enqueue(
      step({ id: 'a', kind: 'kil' }),
      step({ id: 'b', selector: 'leader' }),
      step({ id: 'c', trigger: { file: { node: 'n1', directory: '/d', name: 'x' } } }),
    );
    await run.clock.sleep(10 * SECOND);
    expect(run.record('a', 'skipped')?.reason).toContain('did you mean "kill"?');
    expect(run.record('b', 'skipped')?.reason).toContain('no leader is known');
    const other = new FakeRun({ faults: scripted({ unavailable: 'needs root' }) });
    other.enqueue(step({ id: 'a' }));
    await other.clock.sleep(SECOND);
    expect(other.record('a', 'skipped')?.reason).toBe('needs root');
    await Promise.all([run.lanes.end(), other.lanes.end()]);
  });

  it('waits a while for a leader to be known', async () => {
    let leader: string | null = null;
    const run = new FakeRun({ faults: scripted(), leader: async () => leader });
    run.enqueue(step({ id: 'kill-1', selector: 'leader' }));
    await run.clock.sleep(2 * SECOND);
    leader = 'n2';
    await run.clock.sleep(SECOND);
    expect(run.cluster.node('n2').acts).toEqual(['kill']);
    await run.lanes.end();
  });
});

describe('lanes', () => {
  it('run their own steps one after another, and overlap', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(
      step({ id: 'a1', lane: 'a', heal: { after: 4 * SECOND } }),
      step({ id: 'a2', lane: 'a', selector: ['n2'], trigger: { after: SECOND } }),
      step({ id: 'b1', lane: 'b', selector: ['n3'], trigger: { at: 2 * SECOND } }),
    );
    await run.clock.sleep(3 * SECOND);
    expect(run.lanes.active()).toEqual(['a1', 'b1']);
    await run.clock.sleep(10 * SECOND);
    expect(run.record('a2', 'fired')?.notBefore).toBe(6 * SECOND);
    await run.lanes.end();
  });

  it('wait for what another holds: a pause never hits a killed process', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(
      step({ id: 'a', heal: { after: 5 * SECOND } }),
      step({ id: 'b', trigger: { at: 2 * SECOND } }),
    );
    await run.clock.sleep(4 * SECOND);
    expect(run.lanes.active()).toEqual(['a']);
    await run.clock.sleep(4 * SECOND);
    expect(run.lanes.active()).toEqual(['b']);
    expect(run.record('b', 'fired')?.notBefore).toBe(6 * SECOND);
    await run.lanes.end();
  });

  it('skip a step whose time to heal came while it waited', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(
      step({ id: 'a', heal: { after: 5 * SECOND } }),
      step({ id: 'b', trigger: { at: 2 * SECOND }, heal: { at: 4 * SECOND } }),
    );
    await run.clock.sleep(20 * SECOND);
    expect(run.states('b')).toEqual(['intended', 'skipped']);
    await run.lanes.end();
  });

  it('choose the leader late: the one of the time to fire, and anew after waiting for claims', async () => {
    let leader = 'n1';
    const run = new FakeRun({ faults: scripted(), leader: async () => leader });
    run.enqueue(
      step({ id: 'a', selector: ['n1'], heal: { after: 5 * SECOND } }),
      step({ id: 'b', selector: 'leader', trigger: { at: 3 * SECOND } }),
      step({ id: 'c', selector: 'leader', trigger: { at: 20 * SECOND } }),
    );
    await run.clock.sleep(4 * SECOND);
    leader = 'n2';
    await run.clock.sleep(8 * SECOND);
    expect(run.cluster.node('n2').acts).toEqual(['kill']);
    leader = 'n3';
    await run.clock.sleep(15 * SECOND);
    expect(run.cluster.node('n3').acts).toEqual(['kill']);
    await run.lanes.end();
  });

  it('at the end skip what waits, heal what is in effect, and take nothing more', async () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(
      step({ id: 'a' }),
      step({ id: 'a2', lane: 'a' }),
      step({ id: 'b', selector: ['n2'], trigger: { operation: {} } }),
      step({ id: 'c', trigger: { at: 900 * SECOND } }),
    );
    await run.clock.sleep(5 * SECOND);
    const outcome = await run.lanes.end();
    run.enqueue(step({ id: 'd' }));
    await run.clock.sleep(SECOND);
    expect(run.states('a').at(-1)).toBe('healed');
    expect(['a2', 'b', 'c', 'd'].map((id) => run.states(id).at(-1))).toEqual(
      Array(4).fill('skipped'),
    );
    run.operation({});
    expect(run.cluster.node('n2').acts).toEqual([]);
    expect(outcome.skipped.map(({ id }) => id).sort()).toEqual(['a2', 'b', 'c']);
  });

  it('fire nothing that becomes ready after the end, and end although something never does', async () => {
    const waiting: (() => void)[] = [];
    const prepare = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
    const run = new FakeRun({ faults: scripted({ prepare }) });
    run.enqueue(
      step({ id: 'a', trigger: { fault: { id: 'a', state: 'intended' } } }),
      step({ id: 'b', selector: ['n2'], trigger: { operation: {} } }),
      step({ id: 'c', selector: ['n3'] }),
    );
    await run.clock.sleep(SECOND);
    expect(waiting).toHaveLength(3);
    const ended = run.lanes.end();
    waiting.slice(0, 2).forEach((ready) => ready());
    await ended;
    run.operation({});
    expect(run.cluster.nodes.flatMap((node) => node.acts)).toEqual([]);
    expect(['a', 'b', 'c'].map((id) => run.states(id).at(-1))).toEqual([
      'skipped',
      'skipped',
      'failed',
    ]);
    expect(run.record('c', 'failed')?.reason).toBe('preparing c took longer than 10 s');
  });

  it('are idle when only the end is left to come', async () => {
    const run = new FakeRun({ faults: scripted() });
    let idle = false;
    void run.lanes.idle().then(() => (idle = true));
    await run.clock.sleep(SECOND);
    expect(idle).toBe(false);
    run.enqueue(
      step({ id: 'a', trigger: { at: 2 * SECOND }, heal: { after: SECOND } }),
      step({ id: 'b', selector: ['n2'], trigger: { at: 5 * SECOND } }),
    );
    await run.clock.sleep(3.5 * SECOND);
    expect(idle).toBe(false);
    await run.clock.sleep(2 * SECOND);
    expect(idle).toBe(true);
    await run.lanes.end();
  });

  it('refuse an id that is used twice', () => {
    const run = new FakeRun({ faults: scripted() });
    run.enqueue(step({ id: 'a' }), step({ id: 'a' }));
    expect(run.lanes.failure?.message).toContain('"a" is used twice');
  });
});

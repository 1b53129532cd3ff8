import { describe, expect, it } from 'vitest';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { Ending } from './ending.ts';
import { Feed } from './feed.ts';
import type { FaultRecord, Probe, Trigger } from './nemesis.ts';
import { MILLISECOND, SECOND, type Operation } from './operation.ts';
import { Sightings } from './sightings.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { arm, triggerUnavailable } from './trigger.ts';

function watching(trigger: Trigger, probes: Record<string, Probe> = {}) {
  const clock = new SimulatedClock();
  const feed = new Feed();
  const cluster = new FakeCluster(clock, ['n1', 'n2'], (event) => feed.publishEvent(event));
  const sightings = new Sightings(feed);
  const ending = new Ending();
  const reached = new Set<string>();
  const seen: number[] = [];
  const failures: Error[] = [];
  const events: string[] = [];
  const context = {
    clock,
    cluster,
    feed,
    sightings,
    ending,
    probes,
    events: (event: { type: string }) => void events.push(event.type),
    origin: 0,
    base: 2 * SECOND,
    reached: (id: string, state: string) => reached.has(`${id} ${state}`),
    failed: (error: Error) => void failures.push(error),
  };
  const start = () => arm(trigger, context, () => seen.push(clock.now()));
  const operation = (given: Partial<Operation>): void =>
    feed.publishOperation({
      ...{ index: 0, time: 0, process: 0, type: 'ok', f: 'write', value: null, node: 'n1' },
      ...given,
    });
  const leader = (node: string, term?: number): void =>
    feed.publishEvent({
      ...{ type: 'leader-seen', node, notBefore: 0, notAfter: 0 },
      ...(term === undefined ? {} : { term }),
    });
  return {
    clock,
    feed,
    cluster,
    ending,
    reached,
    seen,
    failures,
    events,
    start,
    operation,
    leader,
  };
}

const fault = (state: 'fired' | 'healed'): FaultRecord => ({
  state,
  id: 'kill-1',
  notBefore: 0,
  notAfter: 0,
});

describe('triggers', () => {
  it('at: counts from the beginning of the main phase', async () => {
    const { clock, seen, start } = watching({ at: 3 * SECOND });
    start();
    await clock.sleep(10 * SECOND);
    expect(seen).toEqual([3 * SECOND]);
  });

  it('after: counts from its base', async () => {
    const { clock, seen, start } = watching({ after: 3 * SECOND });
    start();
    await clock.sleep(10 * SECOND);
    expect(seen).toEqual([5 * SECOND]);
  });

  it('operation: the n-th that matches, seen synchronously', () => {
    const trigger = { operation: { f: 'write', nth: 2, node: 'n1' } } as const;
    const { seen, start, operation } = watching(trigger);
    start();
    operation({});
    operation({ type: 'fail' });
    operation({ f: 'read' });
    operation({ node: 'n2' });
    expect(seen).toEqual([]);
    operation({});
    expect(seen).toEqual([0]);
    operation({});
    expect(seen).toEqual([0]);
  });

  it('operation: without further words, the next ok of any kind', () => {
    const { seen, start, operation } = watching({ operation: {} });
    start();
    operation({ type: 'info' });
    operation({ type: 'invoke' });
    expect(seen).toEqual([]);
    operation({ f: 'read' });
    expect(seen).toEqual([0]);
  });

  it('log: the n-th line that matches, and lets go of the log then', () => {
    const { seen, start, cluster } = watching({ log: { node: 'n1', pattern: '^LEADING', nth: 2 } });
    start();
    const node = cluster.node('n1');
    node.log('LEADING a');
    node.log('not LEADING');
    expect(seen).toEqual([]);
    node.log('LEADING b');
    expect(seen).toEqual([0]);
    expect(node.watchers).toBe(0);
  });

  it('file: by name in its directory', () => {
    const trigger = { file: { node: 'n1', directory: '/data', name: 'currentEpoch' } };
    const { seen, start, cluster } = watching(trigger);
    start();
    cluster.node('n1').write('/data', 'other');
    cluster.node('n1').write('/elsewhere', 'currentEpoch');
    cluster.node('n2').write('/data', 'currentEpoch');
    expect(seen).toEqual([]);
    cluster.node('n1').write('/data', 'currentEpoch');
    expect(seen).toEqual([0]);
    expect(cluster.node('n1').watchers).toBe(0);
  });

  it('probe: polled each 20 ms until it answers as wanted; no answer is not "false"', async () => {
    let serving: boolean | null = true;
    const probe: Probe = async () => {
      if (serving === null) throw new Error('connection refused');
      return serving;
    };
    const trigger = { probe: { name: 'serving', node: 'n1', is: false } };
    const { clock, seen, start, events } = watching(trigger, { serving: probe });
    start();
    await clock.sleep(100 * MILLISECOND);
    serving = null;
    await clock.sleep(1 * SECOND);
    expect(seen).toEqual([]);
    expect(events).toEqual(['poll-failed']);
    serving = false;
    await clock.sleep(1 * SECOND);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeLessThanOrEqual(1.12 * SECOND);
  });

  it('probe: one that does not exist is an error with the nearest name', () => {
    const { start } = watching({ probe: { name: 'servin' } }, { serving: async () => true });
    expect(start).toThrow('did you mean "serving"?');
  });

  it('leaderChange: the first sighting and a deposed leader of an older term are no change', () => {
    const { seen, start, leader } = watching({ leaderChange: {} });
    start();
    leader('n1', 5);
    leader('n1', 5);
    leader('n2', 4);
    expect(seen).toEqual([]);
    leader('n2', 6);
    expect(seen).toEqual([0]);
  });

  it('fault: a state to come, or one that was reached already', () => {
    const to = { fault: { id: 'kill-1', state: 'fired' } } as const;
    const coming = watching(to);
    coming.start();
    coming.feed.publishFault(fault('healed'));
    coming.feed.publishFault({ ...fault('fired'), id: 'kill-2' } as FaultRecord);
    expect(coming.seen).toEqual([]);
    coming.feed.publishFault(fault('fired'));
    expect(coming.seen).toEqual([0]);
    const past = watching(to);
    past.reached.add('kill-1 fired');
    past.start();
    expect(past.seen).toEqual([0]);
  });

  it('then: arms the second when the first is seen, synchronously', async () => {
    const write = { operation: { f: 'write' } };
    const healed = { fault: { id: 'kill-1', state: 'healed' } } as const;
    const { clock, seen, start, operation, feed } = watching({
      then: [healed, write, { after: SECOND }],
    });
    start();
    operation({});
    feed.publishFault(fault('healed'));
    operation({});
    await clock.sleep(5 * SECOND);
    expect(seen).toEqual([SECOND]);
  });

  it('then: an error in a later part is told', () => {
    const { start, feed, failures } = watching({
      then: [{ fault: { id: 'kill-1', state: 'healed' } }, { probe: { name: 'nothing' } }],
    });
    start();
    feed.publishFault(fault('healed'));
    expect(failures.map((error) => error.message)).toEqual([
      expect.stringContaining('unknown probe'),
    ]);
  });

  it('end: when the main phase ends', () => {
    const { seen, start, ending } = watching({ end: true });
    start();
    expect(seen).toEqual([]);
    ending.begin();
    expect(seen).toEqual([0]);
  });

  it.each<Trigger>([
    { at: SECOND },
    { operation: {} },
    { log: { node: 'n1', pattern: 'x' } },
    { file: { node: 'n1', directory: '/data', name: 'x' } },
    { probe: { name: 'yes' } },
    { leaderChange: {} },
    { fault: { id: 'kill-1', state: 'fired' } },
    { then: [{ operation: {} }, { operation: {} }] },
    { end: true },
  ])('cancelled, %j is never seen', async (trigger) => {
    const run = watching(trigger, { yes: async () => true });
    run.start().cancel();
    run.operation({});
    run.operation({});
    run.cluster.node('n1').log('x');
    run.cluster.node('n1').write('/data', 'x');
    run.leader('n1');
    run.leader('n2');
    run.feed.publishFault(fault('fired'));
    run.ending.begin();
    await run.clock.sleep(5 * SECOND);
    expect(run.seen).toEqual([]);
    expect(run.cluster.node('n1').watchers).toBe(0);
  });

  it('says what a testbed lacks', () => {
    const { cluster } = watching({ end: true });
    const bare = { node: () => ({ name: 'n1' }) } as never;
    const file = { file: { node: 'n1', directory: '/data', name: 'x' } };
    expect(triggerUnavailable(file, cluster)).toBeNull();
    expect(triggerUnavailable({ then: [{ at: 0 }, file] }, bare)).toContain('n1 has no files');
  });
});

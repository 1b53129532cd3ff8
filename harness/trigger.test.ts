import { describe, expect, it } from 'vitest';
import { watching } from '../test/support/watching.ts';
import type { FaultRecord, Probe, Trigger } from './nemesis.ts';
import { MILLISECOND, SECOND } from './operation.ts';
import { triggerUnavailable } from './trigger.ts';

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

  it('operation: any of several names', () => {
    const { seen, start, operation } = watching({ operation: { f: ['write', 'add'], nth: 2 } });
    start();
    operation({ f: 'read' });
    operation({ f: 'add' });
    expect(seen).toEqual([]);
    operation({ f: 'write' });
    expect(seen).toEqual([0]);
  });

  it('file: a star in the name is anything, a dot only itself', () => {
    const trigger = { file: { node: 'n1', directory: '/data', name: 'log.*' } };
    const { seen, start, cluster } = watching(trigger);
    start();
    cluster.node('n1').write('/data', 'logs1');
    expect(seen).toEqual([]);
    cluster.node('n1').write('/data', 'log.100000001');
    expect(seen).toEqual([0]);
  });

  it('epoch: the first told and lower ones are no rise; seen by leaders and by roles', () => {
    const { seen, start, leader, feed } = watching({ epoch: { nth: 2 } });
    start();
    leader('n1', 3);
    leader('n1', 4);
    leader('n2', 2);
    leader('n1', 4);
    expect(seen).toEqual([]);
    feed.publishEvent({
      ...{ type: 'role-seen', node: 'n2', role: 'leader', term: 5, notBefore: 0, notAfter: 0 },
    });
    expect(seen).toEqual([0]);
  });

  it('call: the n-th time that data which matches passes, seen synchronously', () => {
    const trigger = { call: { from: 'n1', holds: 'setData', nth: 2 } };
    const { cluster, seen, start } = watching(trigger);
    const calls: { readonly call: unknown; readonly passed: () => void }[] = [];
    Object.assign(cluster.network, {
      watchCalls: (call: unknown, passed: () => void) => {
        calls.push({ call, passed });
        return { [Symbol.dispose]: () => calls.splice(0) };
      },
    });
    expect(triggerUnavailable(trigger, cluster)).toBeNull();
    start();
    const [watched] = calls;
    expect(watched?.call).toEqual({ from: 'n1', holds: 'setData' });
    watched?.passed();
    expect(seen).toEqual([]);
    watched?.passed();
    expect(seen).toEqual([0]);
    expect(calls).toEqual([]);
  });

  it('breakpoint: the n-th entry of the method, seen while the thread is held', () => {
    const method = { class: 'a.Learner', method: 'syncWithLeader', thread: 'QuorumPeer' };
    const { cluster, seen, start } = watching({ breakpoint: { node: 'n1', ...method, nth: 2 } });
    const entered: (() => void)[] = [];
    const watched: unknown[] = [];
    const watchMethod = (wanted: unknown, told: () => void): Disposable => {
      watched.push(wanted);
      entered.push(told);
      return { [Symbol.dispose]: () => entered.splice(0) };
    };
    Object.assign(cluster.node('n1'), { means: { jvm: { watchMethod } } });
    start();
    const [enter] = entered;
    expect(watched).toEqual([method]);
    enter?.();
    expect(seen).toEqual([]);
    enter?.();
    expect(seen).toEqual([0]);
    expect(entered).toEqual([]);
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
    { epoch: {} },
    { and: [{ operation: {} }, { log: { node: 'n1', pattern: 'x' } }] },
    { or: [{ operation: {} }, { file: { node: 'n1', directory: '/data', name: 'x' } }] },
    { within: { limit: SECOND, trigger: { log: { node: 'n1', pattern: 'x' } } } },
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
    expect([run.seen, run.missed]).toEqual([[], []]);
    expect(run.cluster.node('n1').watchers).toBe(0);
  });

  it('says what a testbed lacks', () => {
    const { cluster } = watching({ end: true });
    const bare = { node: () => ({ name: 'n1' }) } as never;
    const file = { file: { node: 'n1', directory: '/data', name: 'x' } };
    expect(triggerUnavailable(file, cluster)).toBeNull();
    for (const whole of [
      { then: [{ at: 0 }, file] },
      { and: [file] },
      { or: [{ at: 0 }, file] },
      { within: { limit: 1, trigger: file } },
    ]) {
      expect(triggerUnavailable(whole, bare)).toContain('n1 has no files');
    }
    expect(triggerUnavailable({ call: { holds: 'x' } }, cluster)).toContain('cannot be watched');
    const breakpoint = { node: 'n1', class: 'A', method: 'b' };
    expect(triggerUnavailable({ breakpoint }, cluster)).toContain('no jvm to act on');
  });
});

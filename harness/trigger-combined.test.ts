import { describe, expect, it } from 'vitest';
import { watching } from '../test/support/watching.ts';
import type { FaultRecord } from './nemesis.ts';
import { SECOND } from './operation.ts';

const HEALED: FaultRecord = { state: 'healed', id: 'kill-1', notBefore: 0, notAfter: 0 };

describe('combined triggers', () => {
  it('then: arms the second when the first is seen, synchronously', async () => {
    const write = { operation: { f: 'write' } };
    const healed = { fault: { id: 'kill-1', state: 'healed' } } as const;
    const { clock, seen, start, operation, feed } = watching({
      then: [healed, write, { after: SECOND }],
    });
    start();
    operation({});
    feed.publishFault(HEALED);
    operation({});
    await clock.sleep(5 * SECOND);
    expect(seen).toEqual([SECOND]);
  });

  it('then: an error in a later part is told', () => {
    const { start, feed, failures } = watching({
      then: [{ fault: { id: 'kill-1', state: 'healed' } }, { probe: { name: 'nothing' } }],
    });
    start();
    feed.publishFault(HEALED);
    expect(failures.map((error) => error.message)).toEqual([
      expect.stringContaining('unknown probe'),
    ]);
  });

  it('and: all of them, in any order', async () => {
    const { clock, seen, start, operation, leader } = watching({
      and: [{ operation: { f: 'write' } }, { leaderChange: {} }, { after: SECOND }],
    });
    leader('n1');
    const armed = start();
    leader('n2');
    expect(armed.waitingFor()).toBe('ok write and 1 s after');
    await clock.sleep(4 * SECOND);
    expect(seen).toEqual([]);
    operation({});
    expect(seen).toEqual([4 * SECOND]);
  });

  it('or: the first, once; the others are let go of', async () => {
    const file = { file: { node: 'n1', directory: '/data', name: 'x' } };
    const { clock, cluster, seen, start } = watching({ or: [file, { after: SECOND }] });
    start();
    await clock.sleep(10 * SECOND);
    expect(seen).toEqual([3 * SECOND]);
    expect(cluster.node('n1').watchers).toBe(0);
    const past = watching({ or: [{ fault: { id: 'kill-1', state: 'fired' } }, file] });
    past.reached.add('kill-1 fired');
    past.start();
    expect(past.seen).toEqual([0]);
    expect(past.cluster.node('n1').watchers).toBe(0);
  });

  it('within: seen in time, or missed and never seen later', async () => {
    const trigger = {
      within: { limit: 5 * SECOND, trigger: { log: { node: 'n1', pattern: 'x' } } },
    };
    const inTime = watching(trigger);
    inTime.start();
    await inTime.clock.sleep(4 * SECOND);
    inTime.cluster.node('n1').log('x');
    await inTime.clock.sleep(4 * SECOND);
    expect([inTime.seen, inTime.missed]).toEqual([[4 * SECOND], []]);
    const late = watching(trigger);
    late.start();
    await late.clock.sleep(6 * SECOND);
    late.cluster.node('n1').log('x');
    expect(late.seen).toEqual([]);
    expect(late.missed).toEqual(['log line /x/ of n1: not seen within 5 s']);
    expect(late.cluster.node('n1').watchers).toBe(0);
  });

  it('within: a sequence or an "and" that holds it is missed with it, an "or" only with all', async () => {
    const brief = { within: { limit: SECOND, trigger: { operation: {} } } };
    const sequence = watching({ then: [{ at: 0 }, brief, { at: 0 }] });
    const both = watching({ and: [{ at: 0 }, brief] });
    const either = watching({ or: [brief, { leaderChange: {} }] });
    for (const run of [sequence, both, either]) {
      run.start();
      await run.clock.sleep(3 * SECOND);
      run.operation({});
      expect(run.seen).toEqual([]);
    }
    expect(sequence.missed).toEqual(['ok operation: not seen within 1 s']);
    expect(both.missed).toEqual(['ok operation: not seen within 1 s']);
    expect(either.missed).toEqual([]);
  });
});

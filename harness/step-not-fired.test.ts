/** A step whose trigger does not come: it is reported as not fired, with what it waited for, and is never counted. */
import { expect, it } from 'vitest';
import { FAULTS } from '../nemesis/registry.ts';
import { FakeRun, step } from '../test/fakes/fake-run.ts';
import type { Trigger } from './nemesis.ts';
import { SECOND } from './operation.ts';

const log: Trigger = { log: { node: 'n1', pattern: 'elected' } };

async function reasonOf(trigger: Trigger, heal: Trigger = { end: true }): Promise<string> {
  const run = new FakeRun({ faults: FAULTS });
  run.enqueue(step({ id: 'it', trigger, heal }));
  await run.clock.sleep(20 * SECOND);
  const { skipped, verified } = await run.lanes.end();
  expect(verified).toEqual([]);
  expect(run.states('it').filter((state) => state !== 'armed')).toEqual(['intended', 'skipped']);
  expect(run.cluster.node('n1').state).toBe('running');
  return skipped[0]?.reason ?? '';
}

it.each<[string, Trigger, string]>([
  ['one that never comes', log, 'log line /elected/ of n1: not seen before the main phase ended'],
  [
    'the part of a sequence that never comes',
    { then: ['1', '2'].map((f) => ({ operation: { f, nth: 3 } })) },
    '3rd ok 1: not seen before the main phase ended',
  ],
  [
    'what of several never comes',
    { and: [{ after: SECOND }, { epoch: {} }, log] },
    'higher epoch and log line /elected/ of n1: not seen before the main phase ended',
  ],
  [
    'one that does not come in time',
    { within: { limit: 5 * SECOND, trigger: log } },
    'log line /elected/ of n1: not seen within 5 s',
  ],
])('%s', async (_, trigger, reason) => {
  expect(await reasonOf(trigger)).toBe(`not fired: ${reason}`);
});

it('one that comes when it is to be healed already is given up then, and its lane goes on', async () => {
  const run = new FakeRun({ faults: FAULTS });
  const heal: Trigger = { or: [{ leaderChange: {} }, { at: 4 * SECOND }] };
  run.enqueue(
    step({ id: 'never', lane: 'one', trigger: log, heal }),
    step({ id: 'next', lane: 'one', trigger: { at: 5 * SECOND } }),
  );
  await run.clock.sleep(10 * SECOND);
  const reason = 'not fired: log line /elected/ of n1: not seen before its time to heal';
  expect(run.record('never', 'skipped')).toMatchObject({ notBefore: 4 * SECOND, reason });
  expect(run.record('next', 'fired')?.notBefore).toBe(5 * SECOND);
  await run.lanes.end();
});

it('a sequence that ends in alternatives counts their time from the part before them', async () => {
  const run = new FakeRun({ faults: FAULTS });
  const either: Trigger = { or: [log, { after: 2 * SECOND }] };
  run.enqueue(step({ id: 'it', trigger: { then: [{ operation: {} }, either] } }));
  await run.clock.sleep(7 * SECOND);
  run.operation({});
  await run.clock.sleep(5 * SECOND);
  expect(run.record('it', 'fired')?.notBefore).toBe(9 * SECOND);
  await run.lanes.end();
});

/**
 * Goal: a harness that hangs past a fault's deadline has the fault healed by its guardian, which says so; going on
 * again it takes nothing for a fault of its own, and what it recorded can be read.
 * Method: SIGSTOP of the harness under faults, on a real etcd cluster; SIGCONT when the guardian has healed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { FaultFile } from '../../harness/guardian/fault-file.ts';
import { HEAL_GRACE } from '../../harness/heal-deadline.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { readRun } from '../../harness/read-run.ts';
import { HarnessProcess } from '../live/harness-process.ts';

const clock = realClock();
const folder = mkdtempSync(join(tmpdir(), 'faultline-hang-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAL = { after: '2s' };
const SCHEDULE = {
  steps: [
    { id: 'pause', kind: 'pause', selector: ['n1'], trigger: { at: '200ms' }, heal: HEAL },
    { id: 'crash', kind: 'crash', selector: ['n2'], trigger: { at: '200ms' }, heal: HEAL },
    // Not due before the harness goes on: it is left to it.
    {
      id: 'kill',
      kind: 'kill',
      selector: ['n3'],
      trigger: { at: '200ms' },
      heal: { end: true },
    },
  ],
};

test('what is overdue is healed by the guardian, the rest by the harness when it goes on', async () => {
  const schedule = join(folder, 'schedule.json');
  writeFileSync(schedule, JSON.stringify(SCHEDULE));
  const harness = new HarnessProcess([
    ...['run', 'etcd@3.5.16', '--time', '40', '--rate', '20', '--seed', '3'],
    ...['--schedule', schedule, '--runs-dir', folder],
  ]);
  const { directory } = await harness.run();
  const file = new FaultFile(directory);
  const healers = (): readonly string[] =>
    file
      .read()
      .flatMap((one) => (one.state === 'healed' ? [`${one.id} by ${one.by ?? 'harness'}`] : []));
  try {
    const verified = (): number => file.read().filter(({ state }) => state === 'verified').length;
    while (verified() < 3) await clock.sleep(20 * MILLISECOND);
    harness.signal('SIGSTOP');
    const stopped = clock.now();
    while (healers().length < 2) {
      await clock.sleep(50 * MILLISECOND);
      expect(clock.now() - stopped).toBeLessThan(2 * SECOND + HEAL_GRACE + 5 * SECOND);
    }
    expect([...healers()].sort()).toEqual(['crash by guardian', 'pause by guardian']);
  } finally {
    harness.signal('SIGCONT');
  }
  const { code } = await harness.ended;
  expect([0, 2]).toContain(code); // So long a stall may leave too little to judge by.
  expect([...healers()].sort()).toEqual([
    ...['crash by guardian', 'crash by harness', 'kill by harness'],
    ...['pause by guardian', 'pause by harness'],
  ]);
  expect(readRun(directory).cutOff).toBe(false);
});

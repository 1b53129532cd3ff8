/** Disk and system-call faults: what schedules may say of them, and what random ones do not draw. */
import { expect, it } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { FakeRun, step } from '../test/fakes/fake-run.ts';
import { callsPackage } from './calls-package.ts';
import { diskPackage } from './disk-package.ts';
import { needsOf } from './needs.ts';
import { FAULTS } from './registry.ts';
import { checkSchedule } from './schedule-check.ts';

it.each([
  ['io-slow', {}, 'step "it": path: missing'],
  [
    'io-slow',
    { path: '/data/wal', delayMs: 0 },
    'step "it": delayMs: expected a number from 0.001',
  ],
  ['io-error', { calls: 'fsync; reboot' }, 'step "it": calls: expected names of system calls'],
  ['io-error', { error: 'EOI' }, 'step "it": error: expected one of EIO, ENOSPC, EROFS, EDQUOT'],
  ['fsync-lying', { delayMs: 5 }, 'step "it": unknown parameter "delayMs"'],
  ['disk-slow', { bytesPerSecond: -1 }, 'step "it": bytesPerSecond: expected a number from 0'],
  ['file-truncate', { bytes: 10 }, 'step "it": file: missing'],
])('%s of %j is refused', (kind, parameters, reason) => {
  const [problem = ''] = checkSchedule([step({ id: 'it', kind, parameters })]);
  expect(problem).toContain(reason);
});

it('volumes get file systems of their own where a fault needs them', () => {
  const of = (kind: string): readonly string[] => needsOf([step({ id: 'it', kind })]);
  expect(of('power-loss')).toEqual(['own-filesystems']);
  expect(of('disk-lost')).toEqual([]);
  expect(of('fsync-slow')).toEqual([]);
});

it('random schedules draw nothing that a system is entitled to lose data by', () => {
  const entitled = ['disk-lost', 'file-truncate', 'fsync-lying'];
  const random = seededRandom(5n);
  for (const one of [diskPackage, callsPackage]) {
    const drawn = Array.from({ length: 300 }, (_, index) =>
      one.draw(random.sequence(one.name, index), ['n1', 'n2', 'n3']),
    );
    const wrong = drawn.filter(({ kind }) => entitled.includes(kind));
    expect(wrong).toEqual([]);
    const steps = drawn.map((each, index) => step({ id: `s${index}`, ...each }));
    expect(checkSchedule(steps)).toEqual([]);
    expect(new Set(drawn.map(({ kind }) => kind)).size).toBeGreaterThan(1);
  }
});

it.each(['power-loss', 'io-error'])(
  '%s is skipped by name where nodes are no machines',
  async (kind) => {
    const run = new FakeRun({ faults: FAULTS });
    run.enqueue(step({ id: 'it', kind, parameters: {} }));
    await run.clock.sleep(2e9);
    expect(run.record('it', 'skipped')?.reason).toMatch(
      /^nodes of this testbed have no (disk|calls)/,
    );
  },
);

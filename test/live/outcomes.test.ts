/** Outcomes of runs on real containers that go wrong: a node that cannot start, a full disk, Ctrl-C once and twice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execa } from 'execa';
import { etcd } from '../../clusters/etcd/system.ts';
import { nodeNames, testSpec } from '../../clusters/test-spec.ts';
import { realClock } from '../../harness/clock.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { projectPath } from '../../harness/project-path.ts';
import { readRun } from '../../harness/store.ts';
import { run } from '../../harness/test.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { dockerTestbed } from '../../harness/testbeds/docker/testbed.ts';
import { docker, expectNothingLeft } from './docker-cluster.ts';
import { HarnessProcess } from './harness-process.ts';

const TARGET = 'etcd@3.5.16';
const clock = realClock();
const folder = mkdtempSync(join(tmpdir(), 'faultline-outcomes-live-'));
const small = join(folder, 'small');
beforeAll(() => {
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'faultline-test', small]);
});
afterAll(() => {
  execFileSync('umount', [small]);
  rmSync(folder, { recursive: true, force: true });
});

function etcdRun(...more: readonly string[]): HarnessProcess {
  return new HarnessProcess([
    ...['run', TARGET, '--rate', '50', '--seed', '5', '--runs-dir', folder, '--time', '30'],
    ...more,
  ]);
}

test('a server that exits at once: harness-failure that names its node, with its log kept', async () => {
  const nodes = nodeNames(3);
  const workload = etcd.workloads[0]?.make({ nodes, concurrency: 3, rate: 20 });
  if (workload === undefined) throw new Error('etcd has no workload');
  const spec = testSpec({
    system: {
      ...etcd,
      node: (options, node, addresses) => {
        const plan = etcd.node(options, node, addresses);
        return node === 'n2' ? { ...plan, command: [...plan.command, '--no-such-flag'] } : plan;
      },
    },
    ...{ version: '3.5.16', workload, schedule: [], nodes, concurrency: 3, rate: 20, seed: 5n },
    testbed: dockerTestbed({ docker, image: (plan, say) => ensureImage(docker, plan, say) }),
    ...{ clock: realClock(), progress: SILENT, timeLimit: 5 * SECOND, again: '' },
    runsDirectory: folder,
  });
  const result = await run(spec, new AbortController().signal);
  expect(result.summary).toMatch(/^unknown: harness-failure .*node n2 died during set-up/);
  const log = join(result.directory ?? '', 'nodes', 'n2', 'server.log');
  expect((await execa('cat', [log])).stdout).toMatch(/no-such-flag/);
  await expectNothingLeft(result.state.store.runId);
});

test('a disk that fills up under the run directory: harness-failure, what was written is kept', async () => {
  const harness = etcdRun('--runs-dir', small, '--rate', '2000', '--time', '60');
  const { id, directory } = await harness.run();
  await harness.line(/^phase drive$/);
  const began = clock.now();
  const { code } = await harness.ended;
  // It does not go on until the main phase is over.
  expect(clock.now() - began).toBeLessThan(40 * SECOND);
  expect(harness.stdout).toMatch(/^etcd-3.5.16-register: UNKNOWN\n/);
  expect(harness.stdout).toMatch(/unknown harness: .*no space left on the disk/);
  expect(code).toBe(2);
  const stored = readRun(directory);
  expect([stored.cutOff, stored.history.length > 100]).toEqual([true, true]);
  await expectNothingLeft(id);
});

test('Ctrl-C in the main phase: heals, saves, tears down', async () => {
  const harness = etcdRun();
  const { id, directory } = await harness.run();
  await harness.line(/^phase drive$/);
  await clock.sleep(3 * SECOND);
  harness.signal('SIGINT');
  const interruptedAt = clock.now();
  const { code } = await harness.ended;
  expect(clock.now() - interruptedAt).toBeLessThan(30 * SECOND);
  expect(harness.stdout).toMatch(/unknown interruption: /);
  expect(code).toBe(2);
  const stored = readRun(directory);
  expect([stored.cutOff, stored.history.length > 100]).toEqual([false, true]);
  await expectNothingLeft(id);
});

test('Ctrl-C while it brings up: nothing is left either', async () => {
  const harness = etcdRun();
  const { id } = await harness.run();
  await harness.line(/^phase bring up$/);
  await clock.sleep(SECOND / 2);
  harness.signal('SIGINT');
  expect((await harness.ended).code).toBe(2);
  expect(harness.stdout).toMatch(/unknown interruption: /);
  expect(harness.stdout).not.toMatch(/harness failed/);
  await expectNothingLeft(id);
});

test('a second Ctrl-C exits at once and says what is left', async () => {
  const harness = etcdRun();
  const { id } = await harness.run();
  await harness.line(/^phase drive$/);
  await clock.sleep(SECOND);
  harness.signal('SIGINT');
  await harness.line(/once more exits at once/);
  harness.signal('SIGINT');
  const again = clock.now();
  expect((await harness.ended).code).toBe(2);
  expect(clock.now() - again).toBeLessThan(SECOND);
  expect(harness.stderr.join('\n')).toMatch(/are left\..*\n.*bin\/faultline ls\n.*heal --all/);
  const healed = await execa(projectPath('bin/faultline'), ['heal', id], { reject: false });
  expect([healed.exitCode, healed.stdout]).toEqual([
    0,
    expect.stringContaining(`run ${id}: removed`),
  ]);
  await expectNothingLeft(id);
});

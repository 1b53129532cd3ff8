/** The Docker Engine stopped under a run: `unknown: harness-failure`, with what was recorded kept. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execa } from 'execa';
import { join } from 'node:path';
import { etcd } from '../../clusters/etcd/system.ts';
import { realClock } from '../../harness/clock.ts';
import { SECOND } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import { readRun } from '../../harness/store.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { listLeftovers } from '../../harness/testbeds/docker/leftovers.ts';
import { docker } from './docker-cluster.ts';
import { HarnessProcess } from './harness-process.ts';
import { PrivateEngine } from './private-engine.ts';

const VERSION = '3.5.16';
const clock = realClock();
const engine = new PrivateEngine();
beforeAll(async () => {
  await engine.start();
  const say = (): void => undefined;
  await engine.copyImage(docker, await ensureImage(docker, etcd.image(VERSION), say));
});
afterAll(() => engine.remove());

test('the engine is stopped in the main phase', async () => {
  const harness = new HarnessProcess(
    [
      ...['run', `etcd@${VERSION}`, '--nodes', '1', '--faults', 'none', '--time', '60'],
      ...['--rate', '50', '--seed', '5', '--runs-dir', join(engine.folder, 'runs')],
    ],
    engine.environment,
  );
  const { directory } = await harness.run();
  await harness.line(/^phase drive$/);
  await clock.sleep(2 * SECOND);
  await engine.stop();
  const stoppedAt = clock.now();
  const { code } = await harness.ended;
  // Not until the main phase is over.
  expect(clock.now() - stoppedAt).toBeLessThan(20 * SECOND);
  expect(harness.stdout).toMatch(/^etcd-[\d.]+-register: UNKNOWN\n/);
  expect(harness.stdout).toMatch(/unknown harness: .*the Docker Engine is lost/);
  expect(code).toBe(2);
  expect(harness.stderr.join('\n')).toMatch(/left behind: run /);
  const stored = readRun(directory);
  expect([stored.cutOff, stored.history.length > 50]).toEqual([false, true]);

  await engine.start();
  const healed = await execa(projectPath('bin/faultline'), ['heal', '--all'], {
    env: engine.environment,
    reject: false,
  });
  expect([healed.exitCode, await listLeftovers(engine.docker)]).toEqual([0, []]);
});

/**
 * Goal: where no engine can be used, the user is told why, what to type, and what works without one; exit 254. Method:
 * the real command, sent to sockets that are not there, not theirs, or nobody's.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const RUN = ['run', 'zookeeper@3.9.4', '--time', '1'];
/** Any user but root, to whom every file is open. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-no-engine-'));
  chmodSync(folder, 0o755);
  await execa('bin/faultline', ['--help'], { reject: false }); // Compiles, if sources changed.
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const faultline = (argv: readonly string[], dockerHost: string, user = {}) =>
  execa('bin/faultline', [...argv, '--runs-dir', folder], {
    reject: false,
    env: { DOCKER_HOST: dockerHost, FAULTLINE_NO_INSTALL: '1' },
    ...user,
  });

describe('without an engine', { timeout: 30_000 }, () => {
  test.each([[RUN], [['regress', 'etcd-13766', '--quick']]])('%j', async (argv) => {
    const { exitCode, stderr } = await faultline(argv, `unix://${folder}/nothing`);
    expect(stderr).toMatch(/No Docker Engine answers \(DOCKER_HOST=.*ENOENT/);
    expect(stderr).toContain('sudo apt-get install -y docker.io iptables mmdebstrap');
    expect(stderr).toContain('--testbed simulated');
    expect(exitCode).toBe(254);
  });

  test('DOCKER_HOST is no address', async () => {
    const { exitCode, stderr } = await faultline(RUN, 'tcp:nowhere:at:all');
    expect(stderr).toMatch(/No Docker Engine answers \(DOCKER_HOST=tcp:nowhere:at:all: /);
    expect(exitCode).toBe(254);
  });

  test('a socket that this user may not open', async () => {
    const path = join(folder, 'docker.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    chmodSync(path, 0);
    try {
      const { exitCode, stderr } = await faultline(RUN, `unix://${path}`, NOBODY);
      expect(stderr).toContain('sudo usermod -aG docker "$USER"');
      expect(exitCode).toBe(254);
    } finally {
      server.close();
    }
  });

  test('what is offered instead works', async () => {
    const { exitCode } = await faultline(
      ['run', 'primary-backup', '--testbed', 'simulated', '--time', '5'],
      `unix://${folder}/nothing`,
    );
    expect(exitCode).toBe(0);
  });
});

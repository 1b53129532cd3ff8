/**
 * Goal: the main job passes on hosts that are reached by SSH, and a run that loses a host, or is killed, ends as
 * docs/ssh.md says.
 * Method: `bin/faultline` as a user starts it, on three containers with a real sshd where ZooKeeper is installed; looked
 * at from outside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { SECOND } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import { docker } from '../live/docker-cluster.ts';
import { HarnessProcess } from '../live/harness-process.ts';
import { makeHosts, type TestHosts } from '../live/ssh-hosts.ts';

const NAMES = ['n1', 'n2', 'n3'] as const;
const clock = realClock();
let hosts: TestHosts;
const before = new Map<string, string>();

const LOOK = `
ps -eo args | grep 'java\\|perl' | grep -v grep
iptables-save | grep '^-A\\|FL-' | grep -v DOCKER
ls -a /data /etc/zookeeper /var/tmp 2>&1; true`;

beforeAll(async () => {
  hosts = await makeHosts(docker, NAMES);
  for (const name of NAMES) before.set(name, await hosts.shell(name, LOOK));
});
afterAll(() => hosts.remove());

async function expectClean(limit: number): Promise<void> {
  const end = clock.now() + limit;
  const look = async (): Promise<readonly string[]> =>
    Promise.all(NAMES.map((name) => hosts.shell(name, LOOK)));
  while (clock.now() < end && (await look()).join() !== [...before.values()].join()) {
    await clock.sleep(0.1 * SECOND);
  }
  expect(await look()).toEqual([...before.values()]);
}

function started(seconds: number, ...more: readonly string[]): HarnessProcess {
  return new HarnessProcess(
    [
      ...['run', 'zookeeper@3.9.4', '--workload', 'register', '--time', String(seconds)],
      ...[
        '--testbed',
        'ssh',
        '--hosts',
        hosts.hostsFile,
        '--seed',
        '5',
        '--runs-dir',
        hosts.folder,
      ],
      ...more,
    ],
    { FAULTLINE_STATE: join(hosts.folder, 'state') },
  );
}

test('the main job: a register under kills and partitions is valid, every fault verified', async () => {
  const harness = started(20, '--faults', 'kill,partition');
  const { directory } = await harness.run();
  const { code } = await harness.ended;
  expect(harness.stdout).toContain('zookeeper-3.9.4-register: VALID');
  expect(harness.stdout).toMatch(/minimum-work: \d+ services, (\d+) faults verified, \1 felt/);
  expect(code).toBe(0);
  const faults = readFileSync(join(directory, 'faults.jsonl'), 'utf8');
  expect(faults).toContain('"kind":"kill"');
  expect(faults).toContain('"kind":"partition');
  expect(faults).not.toMatch(/"state":"(failed|skipped)"/);
  await expectClean(0);
});

test('a host that stops answering: unknown, and the host is named', async () => {
  const harness = started(20, '--faults', 'kill');
  await harness.line(/^phase drive$/);
  await hosts.container('n2').pause();
  try {
    await harness.line(/n2: the connection to root@\S+ is lost: Keepalive timeout/);
  } finally {
    await hosts.container('n2').unpause();
  }
  expect((await harness.ended).code).toBe(2);
  expect(harness.stdout).toContain('UNKNOWN');
  expect(harness.stdout).toMatch(/the harness failed: n2: the connection to root@\S+ is lost/);
  await expectClean(0);
});

test('a wrong host key: unknown, with both fingerprints; no host is touched', async () => {
  const file = JSON.parse(readFileSync(hosts.hostsFile, 'utf8')) as {
    hosts: { hostKey: string }[];
  };
  const shown = file.hosts[0]!.hostKey;
  file.hosts[0]!.hostKey = `SHA256:${'A'.repeat(43)}`;
  const wrong = join(hosts.folder, 'wrong.json');
  writeFileSync(wrong, JSON.stringify(file));
  const harness = started(5, '--hosts', wrong);
  expect((await harness.ended).code).toBe(2);
  expect(harness.stdout).toContain('the harness failed: n1: its host key is');
  expect(harness.stdout).toContain(shown);
  expect(harness.stdout).toContain(file.hosts[0]!.hostKey);
  await expectClean(0);
});

test('kill -9 of the harness under faults: the hosts heal themselves; heal finds nothing', async () => {
  const harness = started(20, '--faults', 'kill,partition');
  await harness.line(/^phase drive$/);
  await clock.sleep(5 * SECOND);
  harness.signal('SIGKILL');
  await harness.ended;
  await expectClean(5 * SECOND);
  const heal = await execa(projectPath('bin/faultline'), ['heal', '--hosts', hosts.hostsFile]);
  expect(heal.stdout).toBe('nothing to heal');
});

test('a harness that is silent, its connections open: after 20 s the hosts heal themselves', async () => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', projectPath('test/live/ssh-abandon.ts'), hosts.hostsFile, 'ssh-silent'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'close');
  try {
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    await clock.sleep(15 * SECOND);
    expect(await hosts.shell('n1', LOOK)).toContain('FL-IN');
    await expectClean(10 * SECOND);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});

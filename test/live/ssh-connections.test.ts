/**
 * Goal: each way in which a connection to a host can fail has its own name, and says what was expected and what to do.
 * Method: a real sshd in a container, as Debian configures it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { SECOND } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { SshConnection } from '../../harness/testbeds/ssh/connection.ts';
import type { SshHost } from '../../harness/testbeds/ssh/host.ts';
import { fingerprint } from '../../harness/testbeds/ssh/host-key.ts';
import { readHostsFile } from '../../harness/testbeds/ssh/hosts-file.ts';
import type { SshError, SshProblem } from '../../harness/testbeds/ssh/ssh-error.ts';
import { docker, measure, printMeasures } from './docker-cluster.ts';
import { problemOf } from './ssh-cluster.ts';
import { makeHosts, PASSWORD, type TestHosts } from './ssh-hosts.ts';

const clock = realClock();
let hosts: TestHosts;
let host: SshHost | undefined;
beforeAll(async () => {
  hosts = await makeHosts(docker, ['n1', 'n2']);
  [host] = readHostsFile(hosts.hostsFile);
});
afterAll(async () => {
  printMeasures();
  await hosts.remove();
});

function connectionTo(
  host: SshHost,
  slot = 0,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SshConnection {
  const draws = seededRandom(7n).sequence('test', slot);
  const signal = new AbortController().signal;
  return new SshConnection(host, { clock, draws, signal, environment }, () => undefined);
}

async function expectProblem(
  host: SshHost,
  problem: SshProblem,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SshError> {
  const error = await problemOf(connectionTo(host, 0, environment).connect());
  expect(error.problem).toBe(problem);
  return error;
}

function n1(parts: Partial<SshHost>): SshHost {
  return { ...host!, ...parts };
}

test('commands on channels of their own: twelve at once, their codes and signals', async () => {
  const connection = connectionTo(host!);
  let began = clock.now();
  await connection.connect();
  measure('ssh connect', clock.now() - began);
  const run = (command: string): ReturnType<SshConnection['run']> =>
    connection.run(command, '', 10 * SECOND);
  const ends = await Promise.all(Array.from({ length: 12 }, (_, i) => run(`sleep 0.2; exit ${i}`)));
  expect(ends.map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(await run('kill -9 $$')).toMatchObject({ code: null, signal: 'SIGKILL' });
  for (let i = 0; i < 10; i++) {
    began = clock.now();
    await run('true');
    measure('ssh command on a channel of its own', clock.now() - began);
  }
  // Its own server process, ended under it.
  const lost = await problemOf(run('sleep 0.1; kill -9 $PPID; sleep 5'));
  expect(lost.problem).toBe('connection-lost');
  expect((await problemOf(run('true'))).problem).toBe('connection-lost');
  await connection.connect();
  expect((await run('echo again')).stdout).toBe('again\n');
  connection.close();
});

test('a wrong host key is refused, with the one expected and the one shown', async () => {
  const expected = fingerprint(Buffer.from('another'));
  const error = await expectProblem(n1({ hostKey: expected }), 'host-key-refused');
  expect(error.message).toContain(expected);
  expect(error.message).toContain(hosts.fingerprint('n1'));
});

test('an unknown host is refused, a known one taken; new ones only on demand', async () => {
  const knownHostsFile = join(hosts.folder, 'known_hosts');
  const unknown = n1({ hostKey: 'known-hosts', knownHostsFile });
  const error = await expectProblem(unknown, 'host-key-refused');
  expect(error.message).toContain(`${hosts.fingerprint('n1')} is not known`);
  const accepted = connectionTo(n1({ hostKey: 'accept-new', knownHostsFile }));
  await accepted.connect();
  expect(accepted.fingerprint).toBe(hosts.fingerprint('n1'));
  accepted.close();
  const key = await hosts.shell('n1', 'cat /etc/ssh/ssh_host_ed25519_key.pub');
  writeFileSync(knownHostsFile, `${hosts.address('n1')} ${key}`);
  const known = connectionTo(unknown);
  await known.connect();
  known.close();
  const other = await hosts.shell('n2', 'cat /etc/ssh/ssh_host_ed25519_key.pub');
  writeFileSync(knownHostsFile, `${hosts.address('n1')} ${other}`);
  const changed = await expectProblem(unknown, 'host-key-refused');
  expect(changed.message).toContain(hosts.fingerprint('n2'));
});

test('a wrong password, a missing one, a wrong key: who and how is told, the secret is not', async () => {
  const secret = { identityFile: null, passwordVariable: 'FL_TEST_PASSWORD' };
  const wrong = { FL_TEST_PASSWORD: 'not it at all' };
  const refused = await expectProblem(n1(secret), 'authentication-failed', wrong);
  expect(refused.message).toContain(`root@${hosts.address('n1')}:22 refuses`);
  expect(refused.message).not.toContain('not it');
  const missing = await expectProblem(n1(secret), 'authentication-failed', {});
  expect(missing.message).toContain('FL_TEST_PASSWORD is not set');
  const right = connectionTo(n1(secret), 0, { FL_TEST_PASSWORD: PASSWORD });
  await right.connect();
  right.close();
  await expectProblem(n1({ user: 'nobody' }), 'authentication-failed');
  await expectProblem(n1({ identityFile: hosts.hostsFile }), 'authentication-failed');
});

test('no SSH server there: unreachable, after several attempts', async () => {
  const error = await expectProblem(n1({ port: 23 }), 'host-unreachable');
  expect(error.message).toContain('ECONNREFUSED');
});

test('25 at once, where sshd drops some: all are in, in the end', async () => {
  const connections = Array.from({ length: 25 }, (_, slot) => connectionTo(host!, slot));
  const began = clock.now();
  await Promise.all(connections.map((connection) => connection.connect()));
  measure('ssh, 25 connections at once', clock.now() - began);
  expect(connections.every(({ open }) => open)).toBe(true);
  connections.forEach((connection) => connection.close());
  const log = String(await hosts.container('n1').logs({ stdout: true, stderr: true }));
  const dropped = log.includes('MaxStartups throttling')
    ? 'dropped some'
    : 'dropped none this time';
  process.stdout.write(`sshd ${dropped} of the 25\n`);
});

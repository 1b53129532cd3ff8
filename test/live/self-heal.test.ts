/** A node whose harness was killed puts itself right, with nobody's help: no guardian, no root on the host. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { SECOND } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import { listLeftovers, removeLeftover } from '../../harness/testbeds/docker/leftovers.ts';
import { docker } from './docker-cluster.ts';

const runId = `abandoned-${process.pid}`;
const clock = realClock();

let child: ChildProcess | undefined;

afterAll(async () => {
  child?.kill('SIGKILL');
  const mine = (await listLeftovers(docker)).find(({ run }) => run === runId);
  if (mine !== undefined) expect(await removeLeftover(docker, mine)).toEqual([]);
});

/** Runs a command in a node, from outside. */
async function look(node: string, ...argv: readonly string[]): Promise<string> {
  const container = docker.getContainer(`fl-${runId}-${node}`);
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  return Buffer.concat(chunks).toString();
}

/** States of the server's processes. */
async function server(node: string): Promise<string> {
  const script =
    'for p in /proc/[0-9]*; do grep -qsa FAULTLINE_SERVER=1 $p/environ && sed "s/.*) \\(.\\).*/state \\1/" $p/stat; done';
  const states = [...(await look(node, 'sh', '-c', script)).matchAll(/state (\w)/g)];
  return states.map(([, state]) => state).join('');
}

it('after kill -9: started again, going on, and no longer cut off', async () => {
  child = spawn(
    process.execPath,
    ['--import', 'tsx', projectPath('test/live/abandon-cluster.ts'), runId],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: projectPath('') },
  );
  await once(child.stdout ?? child, 'data');
  expect(await server('n1')).toBe('');
  expect(await server('n2')).toMatch(/^T+$/);
  expect(await look('n3', 'iptables-save')).toContain('-A FL-IN');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await clock.sleep(SECOND);
  expect(await server('n1')).toMatch(/^[SR]+$/);
  expect(await server('n2')).toMatch(/^[SR]+$/);
  for (const node of ['n1', 'n3']) {
    expect(await look(node, 'iptables-save')).not.toMatch(/-A FL-/);
  }
});

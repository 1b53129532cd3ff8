/**
 * Goal: the compose file runs the control node in a container and passes its exit code through. Method: the real
 * `docker-compose` (1.29 or v2), else the plugin `docker compose`; the command line given to the container decides the
 * code that is expected.
 */
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../../harness/project-path.ts';

const project = `faultline-compose-${process.pid}`;
const compose = await findCompose();

/** The command that is installed, as argv. */
async function findCompose(): Promise<readonly [string, ...string[]] | null> {
  for (const argv of [['docker-compose'], ['docker', 'compose']] as [string, ...string[]][]) {
    const [program, ...rest] = argv;
    const { exitCode } = await execa(program, [...rest, 'version'], { reject: false });
    if (exitCode === 0) return argv;
  }
  return null;
}

async function runCompose(argv: readonly string[], command = '') {
  const [program, ...rest] = compose ?? ['docker-compose'];
  const result = await execa(program, [...rest, '-p', project, ...argv], {
    reject: false,
    all: true,
    env: { FAULTLINE_COMMAND: command },
  });
  return { code: result.exitCode, output: result.all };
}

const up = (command: string) =>
  runCompose(['up', '--build', '--exit-code-from', 'control'], command);

if (compose === null) {
  process.stdout.write(
    'compose: skipped: neither docker-compose nor docker compose is installed\n',
  );
}

/** As docs/compose.md says for machines without a registry; where there is one the image is pulled. */
async function makeBase(): Promise<void> {
  await execa(projectPath('bin/faultline'), ['doctor', '--base', 'debian:trixie-slim']);
}

describe.skipIf(compose === null)('docker-compose up', () => {
  beforeAll(makeBase, 300_000);
  afterAll(() => runCompose(['down', '--volumes', '--rmi', 'local', '--remove-orphans']));

  test('a judged run of ZooKeeper is exit 0, and its means are named', async () => {
    const { code, output } = await up('run zookeeper@3.9.4 --workload set --faults kill --time 10');
    expect(output).toMatch(/zookeeper-3\.9\.4-set: VALID/);
    expect(output).toContain('means: signals by supervisor');
    expect(output).toContain('report  runs/');
    expect(code).toBe(0);
  });

  test('a wrong version is exit 254', async () => {
    const { code, output } = await up('run zookeeper@3.9.40');
    expect(output).toMatch(/unknown version of zookeeper "3\.9\.40"/);
    expect(code).toBe(254);
  });

  test('doctor names what a container cannot do', async () => {
    const { code, output } = await up('doctor');
    expect(output).toMatch(/ no {2}root on engine's host +no \(the engine is on another host\)/);
    expect(output).toMatch(/br_netfilter +not tried/);
    expect(code).toBe(0);
  });

  test('runs are kept in the volume', async () => {
    const { code, output } = await up('list runs');
    expect(output).toContain('zookeeper-3.9.4-set');
    expect(code).toBe(0);
  });
});

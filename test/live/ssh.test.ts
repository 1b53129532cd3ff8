/**
 * Goal: hosts over SSH are nodes like any others, each way in which a connection fails has its documented outcome, and
 * nothing of a run stays on a host, whatever becomes of the harness.
 * Method: three containers with a real sshd, looked at from outside (not by SSH). The whole main job on them is in
 * test/systems/ssh.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import type { SshHost } from '../../harness/testbeds/ssh/host.ts';
import { readHostsFile } from '../../harness/testbeds/ssh/hosts-file.ts';
import { SshError } from '../../harness/testbeds/ssh/ssh-error.ts';
import { sweepOnce } from '../../harness/testbeds/ssh/undo-backend.ts';
import { crash } from '../../nemesis/crash.ts';
import { deaths, dial, docker, machine, measure, printMeasures, until } from './docker-cluster.ts';
import { bringUpHosts, problemOf, type Running } from './ssh-cluster.ts';
import { makeHosts, PASSWORD, type TestHosts } from './ssh-hosts.ts';

const NAMES = ['n1', 'n2', 'n3'] as const;
const clock = realClock();
let hosts: TestHosts;
let all: readonly SshHost[] = [];
/** What each host looks like when nobody uses it. */
const clean = new Map<string, string>();

/** Processes, packet-filter rules and files that a run could have left: from inside, without SSH. */
const LOOK = `
for p in /proc/[0-9]*; do
  [ $p = /proc/$$ ] && continue
  c=$(tr '\\0' ' ' < $p/cmdline 2>/dev/null) || continue
  case "$c" in *perl*|*java*|*foreign*) echo "process $c";; esac
done
iptables-save | grep -v '^#\\|DOCKER' | sed 's/\\[[0-9:]*\\]//'
ls -a /data /etc/zookeeper /opt/faultline-test /var/tmp /foreign 2>&1; true`;

const look = (name: string): Promise<string> => hosts.shell(name, LOOK);

async function expectClean(): Promise<void> {
  for (const name of NAMES) expect(await look(name)).toBe(clean.get(name));
}

beforeAll(async () => {
  hosts = await makeHosts(docker, NAMES);
  all = readHostsFile(hosts.hostsFile);
  // Somebody else's, on each: a chain, a process, a file.
  const foreign = `
    iptables -N FL-FOREIGN && iptables -A FL-FOREIGN -s 192.0.2.1 -j DROP && iptables -A INPUT -j FL-FOREIGN
    mkdir /foreign && echo theirs > /foreign/file
    FAULTLINE_SERVER=1 setsid sh -c 'exec -a foreign sleep 600' >/dev/null 2>&1 </dev/null &`;
  for (const name of NAMES) {
    await hosts.shell(
      name,
      `bash -c "$(cat <<'END'\n${foreign.replaceAll('sh -c', 'bash -c')}\nEND\n)"`,
    );
    clean.set(name, await look(name));
  }
});
afterAll(async () => {
  printMeasures();
  await hosts.remove();
});

function n1(parts: Partial<SshHost>): SshHost {
  return { ...all[0]!, ...parts };
}

describe('a cluster on three hosts', () => {
  let running: Running;
  beforeAll(async () => {
    const began = clock.now();
    running = await bringUpHosts({ hosts: all, folder: hosts.folder, runId: 'ssh-test-1' });
    measure('ssh bring-up of 3', clock.now() - began);
    for (const { name } of running.cluster.nodes) {
      await until(clock, `${name} serves`, async () => (await served(name, name)) === 'open');
    }
  });
  afterAll(async () => {
    const began = clock.now();
    expect(await running.testbed.down()).toEqual([]);
    measure('ssh down of 3', clock.now() - began);
    expect(running.failures).toEqual([]);
    await expectClean();
  });
  const served = (from: string, to: string): Promise<string> => dial(running.cluster, from, to);

  test('commands, files, log and watches', async () => {
    const node = machine(running.cluster, 'n1');
    for (let i = 0; i < 20; i++) {
      const began = clock.now();
      expect((await node.exec(['true'])).code).toBe(0);
      measure('ssh command through the supervisor', clock.now() - began);
    }
    const ended = await node.exec(['sh', '-c', 'cat; echo no >&2; exit 3'], { input: 'yes' });
    expect(ended).toEqual({ code: 3, stdout: 'yes', stderr: 'no\n' });
    const seen: string[] = [];
    const watch = node.watchFiles('/data/deep', (name) => seen.push(name));
    const bytes = Buffer.from([0, 255, 10, 13]);
    await node.upload('/data/deep/down', bytes);
    expect(Buffer.from(await node.download('/data/deep/down'))).toEqual(bytes);
    await until(clock, 'the file is seen', () => seen.includes('down'));
    watch[Symbol.dispose]();
    await expect(node.exec(['sleep', '5'], { timeoutMs: 100 })).rejects.toThrow(/longer than/);
    const lines: string[] = [];
    const follow = node.followLog((line) => lines.push(line));
    await node.kill();
    await node.start();
    await until(clock, 'the log is told', () => lines.includes('serving as n1'));
    follow[Symbol.dispose]();
  });

  test('kill: refused and told; start: serves again', async () => {
    const node = machine(running.cluster, 'n2');
    for (let i = 0; i < 10; i++) {
      await until(clock, 'n2 serves', async () => (await served('n1', 'n2')) === 'open');
      const before = deaths(running.events).length;
      let began = clock.now();
      const killed = node.kill();
      await until(clock, 'its death is told', () => deaths(running.events).length > before);
      measure('ssh kill until its death is told', clock.now() - began);
      await killed;
      expect(deaths(running.events).at(-1)).toMatchObject({ cause: 'killed', expected: true });
      expect(await served('n1', 'n2')).toBe('Connection refused');
      expect(await node.alive()).toBe('dead');
      began = clock.now();
      await node.start();
      measure('ssh start', clock.now() - began);
    }
  });

  test('pause and resume', async () => {
    const node = machine(running.cluster, 'n3');
    for (let i = 0; i < 5; i++) {
      const began = clock.now();
      await node.pause();
      measure('ssh pause', clock.now() - began);
      expect(await node.alive()).toBe('paused');
      await node.resume();
      expect(await node.alive()).toBe('running');
    }
  });

  test('a cut stops both directions, is seen and counted, and heals; the connection goes on', async () => {
    const { network } = running.cluster;
    const links = [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
    ];
    for (let i = 0; i < 5; i++) {
      const began = clock.now();
      await network.cut('cut', links);
      measure('ssh cut of two hosts', clock.now() - began);
      const healing = async (): Promise<void> => {
        const from = clock.now();
        await network.heal('cut');
        measure('ssh heal of the cut', clock.now() - from);
      };
      if (i < 4) {
        await healing();
        continue;
      }
      expect(await served('n1', 'n2')).toBe('timeout');
      expect(await served('n1', 'n3')).toBe('open');
      expect([...(await network.observed())].map(({ from, to }) => `${from}${to}`).sort()).toEqual([
        'n1n2',
        'n2n1',
      ]);
      expect((await network.dropped()).get('n1->n2')).toBeGreaterThan(0);
      expect(await network.reachable(links[0]!)).toBe(false);
      await healing();
    }
    expect(await served('n1', 'n2')).toBe('open');
  });

  test('a rule that stops everybody else does not stop what heals it', async () => {
    // As rules about clients do: all that is no peer.
    const node = machine(running.cluster, 'n1');
    const rules = '*filter\n:FL-IN - [0:0]\n-A FL-IN -j DROP\nCOMMIT\n';
    await node.exec(['iptables-restore', '--noflush'], { input: rules });
    expect(await served('n2', 'n1')).toBe('timeout');
    expect((await node.exec(['true'])).code).toBe(0);
    const none = '*filter\n:FL-IN - [0:0]\nCOMMIT\n';
    await node.exec(['iptables-restore', '--noflush'], { input: none });
    expect(await served('n2', 'n1')).toBe('open');
  });

  test('a host cannot be crashed: the fault says why it is skipped', async () => {
    expect(crash.unavailable(running.cluster)).toBe('a host reached over SSH is not ours to crash');
    await expect(running.cluster.node('n1').crash()).rejects.toThrow(/not ours to crash/);
  });

  test('a second run on the same hosts is refused', async () => {
    const second = bringUpHosts({ hosts: [all[0]!], folder: hosts.folder, runId: 'ssh-test-2' });
    const error = await problemOf(second);
    expect(error.problem).toBe('host-not-usable');
    expect(error.message).toMatch(/another run is under way on this host: ssh-test-1\.n1/);
    expect(await served('n2', 'n1')).toBe('open');
  });
});

describe('what is on a host already', () => {
  const upOn1 = (plan: object): Promise<Running> =>
    bringUpHosts({ hosts: [all[0]!], folder: hosts.folder, runId: 'ssh-test-3', plan });

  test('foreign data and foreign files are refused and stay', async () => {
    const data = await problemOf(upOn1({ volumes: ['/foreign'] }));
    expect(data.message).toMatch(/\/foreign holds data that no run of faultline left there/);
    const files = { '/foreign/file': 'ours' };
    await expect(upOn1({ files })).rejects.toThrow(/\/foreign\/file is there already/);
    expect(await hosts.shell('n1', 'cat /foreign/file')).toBe('theirs');
    await expectClean();
  });

  test('a log-in that is not root is refused', async () => {
    await hosts.shell('n1', `useradd -m user; echo 'user:${PASSWORD}' | chpasswd`);
    const user = n1({ user: 'user', identityFile: null, passwordVariable: 'FL_TEST_PASSWORD' });
    const environment = { FL_TEST_PASSWORD: PASSWORD };
    const folder = hosts.folder;
    const up = bringUpHosts({ hosts: [user], folder, runId: 'ssh-test-4', environment });
    const error = await problemOf(up);
    expect(error.problem).toBe('host-not-usable');
    expect(error.message).toMatch(/it must be root there/);
  });

  test('a kept cluster goes on, bars the next run, and is swept', async () => {
    const of = { hosts: [all[0]!], folder: hosts.folder };
    const kept = await bringUpHosts({ ...of, runId: 'ssh-test-5', keep: true });
    expect(await kept.testbed.down()).toEqual([]);
    expect(await look('n1')).toContain('server.pl');
    const next = await problemOf(bringUpHosts({ ...of, runId: 'ssh-test-6' }));
    expect(next.message).toMatch(
      /the kept cluster of run ssh-test-5.n1 is on this host: faultline heal/,
    );
    expect(await sweepOnce(all[0]!)).toEqual({ removed: ['ssh-test-5.n1'], left: [] });
    await expectClean();
  });
});

describe('when one side goes', () => {
  test('a host that stops answering is lost: the run fails, the host heals itself', async () => {
    const running = await bringUpHosts({ hosts: all, folder: hosts.folder, runId: 'ssh-test-7' });
    await running.cluster.network.cut('cut', [{ from: 'n1', to: 'n2' }]);
    await hosts.container('n1').pause();
    const began = clock.now();
    try {
      while (running.failures.length === 0 && clock.now() - began < 12 * SECOND) {
        await clock.sleep(50 * MILLISECOND);
      }
      measure('ssh, until a silent host is lost', clock.now() - began);
    } finally {
      await hosts.container('n1').unpause();
    }
    const [failure] = running.failures;
    expect(failure).toBeInstanceOf(SshError);
    expect((failure as SshError).problem).toBe('connection-lost');
    expect(running.events).toContainEqual(
      expect.objectContaining({ type: 'noted', name: 'node-lost', node: 'n1' }),
    );
    expect(await running.cluster.node('n1').alive()).toBe('gone');
    await expect(running.cluster.node('n1').start()).rejects.toThrow(/connection to .* is lost/);
    expect(await running.testbed.down()).toEqual([]);
    await expectClean();
  });

  test('kill -9 of the harness: every host heals itself and keeps nothing', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', projectPath('test/live/ssh-abandon.ts'), hosts.hostsFile, 'ssh-test-8'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    expect(await look('n1')).toContain('FL-IN');
    child.kill('SIGKILL');
    const began = clock.now();
    await ended;
    for (const name of NAMES) {
      await until(clock, `${name} is clean`, async () => (await look(name)) === clean.get(name));
    }
    measure('ssh, clean after kill -9 of the harness', clock.now() - began);
  });

  test('kill -9 of a supervisor: the run fails, and its end removes what is left', async () => {
    const running = await bringUpHosts({
      hosts: [all[2]!],
      folder: hosts.folder,
      runId: 'ssh-test-9',
    });
    await hosts.shell('n3', "kill -9 $(pgrep -f '^faultline-supervisor')");
    await until(clock, 'the loss is told', () => running.failures.length > 0);
    expect(await look('n3')).toContain('server.pl');
    expect(await running.testbed.down()).toEqual([]);
    await expectClean();
  });
});

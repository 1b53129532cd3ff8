/**
 * The Docker testbed on real containers: which fault is which to the peers, and that nothing is left.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, realClock } from '../../harness/clock.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Cluster } from '../../harness/testbed.ts';
import {
  MODES,
  PORT,
  type Running,
  bringUp,
  deaths,
  dial,
  docker,
  expectNothingLeft,
  lastRunId,
  machine,
  measure,
  printMeasures,
  serving,
  takeDown,
  until,
} from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

afterAll(printMeasures);

/** Ends the server from beside it, as a bug of its own would. */
const KILL_SERVER =
  'for (glob "/proc/[0-9]*") { open my $f, "<", "$_/cmdline" or next; local $/; my ($pid) = /([0-9]+)/; kill "ABRT", $pid if <$f> =~ m{^perl.{1,3}faultline/server}s }';

describe.each(MODES)('three nodes %s', (_, hostAccess) => {
  const mode = hostAccess ? 'host' : 'engine';
  let running: Running;
  let cluster: Cluster;
  let clock: Clock;

  beforeAll(async () => {
    const image = await buildNodeImage(docker);
    const clockOfAll = realClock();
    running = await bringUp({ image, hostAccess });
    measure(`${mode} up`, clockOfAll.now());
    ({ cluster, clock } = running);
    await serving(running);
  });
  afterAll(() => takeDown(running));

  test('kill: the address stays and refuses; start brings back address and volume', async () => {
    const node = machine(cluster, 'n2');
    await node.upload('/data/kept', 'by kill');
    const before = node.incarnation();
    const began = clock.now();
    await node.kill();
    measure(`${mode} kill`, clock.now() - began);
    expect(await node.alive()).toBe('dead');
    expect(node.incarnation()).toBeNull();
    expect(await dial(cluster, 'n1', 'n2')).toBe('Connection refused');
    const down = deaths(running.events).at(-1);
    expect(down).toMatchObject({ node: 'n2', cause: 'killed', expected: true });
    expect(down?.notBefore).toBeGreaterThanOrEqual(began);
    expect(down?.notAfter).toBeLessThanOrEqual(clock.now());
    await node.start();
    await until(clock, 'n2 serves', async () => (await dial(cluster, 'n1', 'n2')) === 'open');
    expect(node.incarnation()).not.toBe(before);
    expect(String(await node.download('/data/kept'))).toBe('by kill');
  });

  test('crash: the host is silent, also to connections that were open', async () => {
    const node = machine(cluster, 'n3');
    await node.upload('/data/kept', 'by crash');
    // A peer holds a connection open: a lost host must neither close nor reset it.
    const peer = machine(cluster, 'n1');
    const program = [
      'use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => shift, PeerPort => shift) or die;',
      'print $s "hello\\n"; my $answer = <$s>; my $r = ""; vec($r, fileno $s, 1) = 1;',
      'print select($r, undef, undef, 1.5) ? "closed" : "silence";',
    ].join(' ');
    const held = peer.exec(['perl', '-e', program, node.address, String(PORT)]);
    await clock.sleep(500 * MILLISECOND);
    const began = clock.now();
    await node.crash();
    measure(`${mode} crash`, clock.now() - began);
    expect(await node.alive()).toBe('gone');
    expect(['timeout', 'No route to host']).toContain(await dial(cluster, 'n1', 'n3'));
    expect(await held).toMatchObject({ code: 0, stdout: 'silence' });
    expect(await cluster.network.reachable({ from: 'n1', to: 'n3' }, PORT)).toBe(false);
    expect(deaths(running.events).at(-1)).toMatchObject({
      node: 'n3',
      cause: 'crashed',
      expected: true,
    });
    const starting = clock.now();
    await node.start();
    measure(`${mode} start after crash`, clock.now() - starting);
    await until(clock, 'n3 serves', async () => (await dial(cluster, 'n1', 'n3')) === 'open');
    expect(String(await node.download('/data/kept'))).toBe('by crash');
  });

  test('pause and resume stop and continue the server and its children', async () => {
    const node = machine(cluster, 'n1');
    const began = clock.now();
    await node.pause();
    measure(`${mode} pause`, clock.now() - began);
    expect(await node.alive()).toBe('paused');
    const stopped = await node.exec(['sh', '-c', `grep -l 'State:.T' /proc/[0-9]*/status | wc -l`]);
    expect(Number(stopped.stdout)).toBeGreaterThan(0);
    expect(await dial(cluster, 'n2', 'n1')).toBe('open'); // the kernel accepts, nobody answers
    await node.resume();
    expect(await node.alive()).toBe('running');
    const kinds = running.events.filter((e) => 'node' in e && e.node === 'n1').map((e) => e.type);
    expect(kinds.slice(-2)).toEqual(['node-paused', 'node-resumed']);
  });

  test('a server that dies by itself is an unexpected death with its status', async () => {
    const node = machine(cluster, 'n2');
    const before = deaths(running.events).length;
    const began = clock.now();
    await node.exec(['perl', '-e', KILL_SERVER]);
    await until(clock, 'the death is told', () => deaths(running.events).length > before);
    const down = deaths(running.events).at(-1);
    expect(down).toMatchObject({ node: 'n2', cause: 'exited', expected: false, exitCode: 134 });
    expect(down?.notAfter).toBeGreaterThanOrEqual(began);
    expect(down?.notBefore).toBeLessThanOrEqual(clock.now());
    await node.start();
    expect(await node.alive()).toBe('running');
  });

  test('a container that somebody else kills is an unexpected loss', async () => {
    const before = deaths(running.events).length;
    await docker.getContainer(`fl-${running.runId}-n3`).kill();
    await until(clock, 'the loss is told', () => deaths(running.events).length > before);
    expect(deaths(running.events).at(-1)).toMatchObject({
      node: 'n3',
      cause: 'crashed',
      expected: false,
    });
    expect(await cluster.node('n3').alive()).toBe('gone');
    await cluster.node('n3').start();
    expect(await cluster.node('n3').alive()).toBe('running');
  });

  test('files are seen as they appear, in directories that do not exist yet too', async () => {
    const node = machine(cluster, 'n1');
    const seen: string[] = [];
    let told: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (told = resolve));
    const watch = node.watchFiles('/data/version-2/deep', (name) => {
      seen.push(name);
      told();
    });
    await clock.sleep(50 * MILLISECOND);
    const began = clock.now();
    await node.exec([
      'sh',
      '-c',
      'mkdir -p /data/version-2/deep; echo 1 > /data/version-2/deep/epoch',
    ]);
    await first;
    measure(`${mode} file seen, with mkdir and exec`, clock.now() - began);
    seen.length = 0;
    await node.exec(['sh', '-c', 'cd /data/version-2/deep; echo 2 > e.tmp; mv e.tmp currentEpoch']);
    await until(clock, 'the rename is seen', () => seen.includes('currentEpoch'));
    watch[Symbol.dispose]();
    await clock.sleep(50 * MILLISECOND);
    seen.length = 0;
    await node.upload('/data/version-2/deep/later', 'x');
    await clock.sleep(50 * MILLISECOND);
    expect(seen).toEqual([]);
  });

  test('log lines come at once, are kept through a crash, and are complete', async () => {
    const node = machine(cluster, 'n3');
    const lines: string[] = [];
    const follow = node.followLog((line) => lines.push(line));
    const log = (text: string): Promise<unknown> =>
      node.exec(['sh', '-c', `echo ${text} >> /faultline/server.log`]);
    await log('before-crash');
    await until(clock, 'the line is seen', () => lines.includes('before-crash'));
    await node.crash();
    await node.start();
    await until(clock, 'the server logs again', () => lines.includes('serving as n3'));
    await log('after-crash');
    await until(clock, 'the line is seen', () => lines.includes('after-crash'));
    expect(lines.filter((line) => line === 'before-crash')).toHaveLength(1);
    follow[Symbol.dispose]();
    const path = join(running.directory, 'nodes', 'n3', 'server.log');
    await until(clock, 'it is on disk', () => readFileSync(path, 'utf8').includes('after-crash'));
  });

  test('exec: status, streams, input, and a limit that kills', async () => {
    const node = machine(cluster, 'n1');
    expect(await node.exec(['sh', '-c', 'cat; echo no >&2; exit 7'], { input: 'yes' })).toEqual({
      code: 7,
      stdout: 'yes',
      stderr: 'no\n',
    });
    await expect(node.exec(['sleep', '30'], { timeoutMs: 50 })).rejects.toThrow(
      /longer than 0.05 s/,
    );
    await clock.sleep(50 * MILLISECOND);
    expect((await node.exec(['sh', '-c', 'cat /proc/[0-9]*/comm'])).stdout).not.toContain('sleep');
    const large = 'x'.repeat(300_000);
    expect((await node.exec(['wc', '-c'], { input: large })).stdout.trim()).toBe('300000');
  });

  test('thirty kills and starts', async () => {
    const node = cluster.node('n2');
    const incarnations = new Set<string | null>();
    for (let round = 0; round < 30; round++) {
      const began = clock.now();
      await node.kill();
      measure(`${mode} kill`, clock.now() - began);
      const starting = clock.now();
      await node.start();
      measure(`${mode} start after kill`, clock.now() - starting);
      incarnations.add(node.incarnation());
    }
    expect(incarnations.size).toBe(30);
    expect(await node.alive()).toBe('running');
    const zombies = await machine(cluster, 'n2').exec([
      'sh',
      '-c',
      `grep -l 'State:.Z' /proc/[0-9]*/status; true`,
    ]);
    expect(zombies.stdout).toBe('');
  });
});

describe('a cluster of its own', () => {
  let image = '';
  beforeAll(async () => {
    image = await buildNodeImage(docker);
  });

  test('memory volumes survive kill and crash', async () => {
    const nodes = ['n1', 'n2'];
    const running = await bringUp({ image, nodes, plan: { volumeMedium: 'memory' } });
    try {
      const node = machine(running.cluster, 'n1');
      await node.upload('/data/kept', 'in memory');
      expect((await node.exec(['stat', '-f', '-c', '%T', '/data'])).stdout.trim()).toBe('tmpfs');
      await node.crash();
      await node.start();
      expect(String(await node.download('/data/kept'))).toBe('in memory');
      expect((await machine(running.cluster, 'n2').exec(['ls', '/data'])).stdout).toBe('');
    } finally {
      await takeDown(running);
    }
  });

  test('two runs at once do not meet', async () => {
    const both = await Promise.all([bringUp({ image }), bringUp({ image })]);
    try {
      const [one, other] = both;
      const addresses = both.flatMap(({ cluster }) => cluster.nodes.map((node) => node.address));
      expect(new Set(addresses).size).toBe(6);
      await one.cluster.node('n1').crash();
      await one.cluster.node('n2').kill();
      expect(await other.cluster.node('n1').alive()).toBe('running');
      expect(await other.cluster.node('n2').alive()).toBe('running');
      await one.testbed.down();
      expect(await other.cluster.network.reachable({ from: 'n1', to: 'n2' }, PORT)).toBe(true);
    } finally {
      for (const running of both) await takeDown(running);
    }
  });

  test('a log is complete at the end though its node is down', async () => {
    const running = await bringUp({ image, nodes: ['n1'] });
    const node = machine(running.cluster, 'n1');
    await node.exec(['sh', '-c', 'seq 1 20000 >> /faultline/server.log']);
    await node.crash();
    expect(await running.testbed.down()).toEqual([]);
    const log = readFileSync(join(running.directory, 'nodes', 'n1', 'server.log'), 'utf8');
    expect(log.match(/^\d+$/gm)?.map(Number)).toEqual(
      Array.from({ length: 20_000 }, (_, i) => i + 1),
    );
    await takeDown(running);
  });

  test('a container that somebody else paused is told, and does not hold up the end', async () => {
    const running = await bringUp({ image, nodes: ['n1', 'n2'] });
    const { clock, cluster, events } = running;
    await docker.getContainer(`fl-${running.runId}-n1`).pause();
    await until(clock, 'the pause is told', () =>
      events.some((event) => event.type === 'node-paused' && event.node === 'n1'),
    );
    expect(await cluster.node('n1').alive()).toBe('paused');
    const began = clock.now();
    await takeDown(running);
    expect(clock.now() - began).toBeLessThan(5_000 * MILLISECOND);
    expect(events.at(-1)).toMatchObject({ type: 'noted', name: 'log-incomplete', node: 'n1' });
  });

  test('a server that cannot be run is said so, and nothing is left', async () => {
    const plan = { command: ['/no/such/program'] };
    const up = bringUp({ image, nodes: ['n1'], plan });
    await expect(up).rejects.toThrow(/cannot run \/no\/such\/program: No such file/);
    await expectNothingLeft(lastRunId());
  });

  test('a server that ends at once was up and is down, unexpectedly', async () => {
    const plan = { command: ['sh', '-c', 'exit 3'] };
    const running = await bringUp({ image, nodes: ['n1'], plan });
    try {
      await until(running.clock, 'the death is told', () => deaths(running.events).length === 1);
      expect(running.events).toMatchObject([
        { type: 'node-up' },
        { type: 'node-down', cause: 'exited', exitCode: 3, expected: false },
      ]);
    } finally {
      await takeDown(running);
    }
  });
});

describe('acts that overlap', () => {
  test('a kill right behind a start is an expected death', async () => {
    const running = await bringUp({ image: await buildNodeImage(docker), nodes: ['n1'] });
    try {
      const node = running.cluster.node('n1');
      for (let round = 0; round < 10; round++) {
        await node.kill();
        const started = node.start();
        await Promise.all([started, node.kill()]);
        expect(await node.alive()).toBe('dead');
        await node.start();
      }
      expect(deaths(running.events).filter((down) => !down.expected)).toEqual([]);
      expect(deaths(running.events)).toHaveLength(20);
    } finally {
      await takeDown(running);
    }
  });
});

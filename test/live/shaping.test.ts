/** Shaped links between real containers: what a program that uses them sees, in numbers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execa } from 'execa';
import { Lack, meansOf } from '../../harness/means.ts';
import type { Shape } from '../../harness/means/shaping.ts';
import type { Armed, Verification } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { undoAll } from '../../harness/testbeds/docker/undo/perform.ts';
import {
  bringUp,
  docker,
  machine,
  measure,
  PORT,
  printMeasures,
  type Running,
  serving,
  takeDown,
} from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

let running: Running;

beforeAll(async () => {
  running = await bringUp({ image: await buildNodeImage(docker), nodes: ['n1', 'n2'] });
  await serving(running);
});
afterAll(() => takeDown(running));
afterAll(printMeasures);

/** The link n1->n2 under a shape, while something is done. */
async function shaped(shape: Shape, doing: (armed: Armed) => Promise<void>): Promise<void> {
  const { cluster, clock } = running;
  const means = meansOf(cluster.node('n1'), 'shaping');
  if (means instanceof Lack) throw new Error(means.reason);
  const to = [{ name: 'n2', address: cluster.node('n2').address }];
  const armed = await means.shape({ to, shape, seed: 7 });
  const fired = clock.now();
  armed.fire();
  await armed.done?.();
  measure('fire', clock.now() - fired);
  try {
    const seen = await looked(() => armed.verify());
    expect(seen, JSON.stringify(seen)).toMatchObject({ verified: true });
    await doing(armed);
  } finally {
    const healing = clock.now();
    await armed.heal();
    measure('heal', clock.now() - healing);
  }
  const healed = await looked(() => armed.verifyHealed());
  expect(healed, JSON.stringify(healed)).toMatchObject({ verified: true });
}

/** Looks as the lanes do: a bounded time, until what is looked for is seen. */
async function looked(look: () => Promise<Verification>): Promise<Verification> {
  const limit = running.clock.now() + 3 * SECOND;
  for (;;) {
    const seen = await look();
    if (seen.verified || running.clock.now() > limit) return seen;
  }
}

/** Runs Perl in a node. @returns its output */
async function perl(node: string, program: string, ...argv: readonly string[]): Promise<string> {
  const result = await machine(running.cluster, node).exec(['perl', '-e', program, ...argv], {
    timeoutMs: 20_000,
  });
  expect(result.stderr).toBe('');
  return result.stdout.trim();
}

/** Dials the other's server, sends lines, and tells each answer's time in milliseconds. */
const TALK = String.raw`
use strict; use IO::Socket::INET; use Time::HiRes qw(time);
my ($to, $port, $lines) = @ARGV;
my $began = time; my $s = IO::Socket::INET->new(PeerAddr => $to, PeerPort => $port) or die $!;
printf "%.1f\n", 1000 * (time - $began);
for (1 .. $lines) { $began = time; syswrite $s, "x\n"; my $answer = <$s>; printf "%.1f\n", 1000 * (time - $began) }`;

async function talk(from: string, to: string, lines: number): Promise<readonly number[]> {
  const address = running.cluster.node(to).address;
  const times = await perl(from, TALK, address, String(PORT), String(lines));
  return times.split('\n').map(Number);
}

test('a delay of 100 ms delays a connect and an answer by 100 ms, whoever dials', async () => {
  await shaped({ kind: 'delay', delayMs: 100, jitterMs: 0 }, async () => {
    for (const [from, to] of [
      ['n1', 'n2'],
      ['n2', 'n1'],
    ] as const) {
      const [connect = 0, ...answers] = await talk(from, to, 5);
      expect(connect).toBeGreaterThanOrEqual(99);
      expect(Math.min(...answers)).toBeGreaterThanOrEqual(99);
      // One direction only: both would be twice that.
      expect(Math.min(...answers)).toBeLessThan(180);
      measure('answer under 100 ms', Math.min(...answers) * MILLISECOND);
    }
  });
  expect(Math.min(...(await talk('n1', 'n2', 5)))).toBeLessThan(50);
});

test('jitter changes the delay within its bounds and overtakes nothing', async () => {
  await shaped({ kind: 'delay', delayMs: 60, jitterMs: 40 }, async () => {
    const [, ...answers] = await talk('n1', 'n2', 20);
    expect(Math.min(...answers)).toBeGreaterThanOrEqual(19);
    expect(Math.max(...answers) - Math.min(...answers)).toBeGreaterThan(30);
  });
});

/** Sends so many numbered datagrams. */
const SEND = String.raw`
use strict; use IO::Socket::INET;
my ($to, $count) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $to, PeerPort => 7077, Proto => 'udp') or die $!;
for (1 .. $count) { $s->send($_); select undef, undef, undef, 0.001 }`;
/** Says it listens by a file, and prints the numbers that come until none has for half a second. */
const RECEIVE = String.raw`
use strict; use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalPort => 7077, Proto => 'udp') or die $!;
open my $f, '>', '/tmp/listens'; close $f;
my ($r, $limit) = ('', 5); my @got;
vec($r, fileno $s, 1) = 1;
while (select(my $ready = $r, undef, undef, $limit) > 0) { $s->recv(my $text, 100); push @got, $text; $limit = 0.5 }
unlink '/tmp/listens'; print "@got\n";`;

/** Numbers of the datagrams that arrived, in the order they did. */
async function datagrams(count: number): Promise<readonly number[]> {
  const received = perl('n2', RECEIVE);
  const listens = machine(running.cluster, 'n2');
  while ((await listens.exec(['test', '-e', '/tmp/listens'])).code !== 0) {
    await running.clock.sleep(5 * MILLISECOND);
  }
  await perl('n1', SEND, running.cluster.node('n2').address, String(count));
  return (await received).split(' ').filter(Boolean).map(Number);
}

test('a share of datagrams is lost, comes twice, or is overtaken', async () => {
  await shaped({ kind: 'loss', share: 0.3, burst: 1 }, async () => {
    const got = await datagrams(300);
    measure('of 300 datagrams at a loss of 0.3 came', got.length * MILLISECOND);
    expect(got.length).toBeGreaterThan(170);
    expect(got.length).toBeLessThan(250);
  });
  await shaped({ kind: 'duplicate', share: 0.5 }, async () => {
    const got = await datagrams(200);
    measure('of 200 datagrams, half twice, came', got.length * MILLISECOND);
    expect(new Set(got).size).toBe(200);
    expect(got.length).toBeGreaterThan(260);
    expect(got.length).toBeLessThan(340);
  });
  await shaped({ kind: 'reorder', share: 0.2, delayMs: 20 }, async () => {
    const got = await datagrams(200);
    expect(new Set(got).size).toBe(200);
    const overtaken = got.filter((number, index) => number < Math.max(...got.slice(0, index), 0));
    measure('of 200 datagrams overtaken', overtaken.length * MILLISECOND);
    expect(overtaken.length).toBeGreaterThan(10);
    expect(overtaken.length).toBeLessThan(90);
  });
  const whole = await datagrams(100);
  expect(whole).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
});

/** Sends numbered lines to the other's server, and prints how many of its answers came in order, and when the last. */
const STREAM = String.raw`
use strict; use IO::Socket::INET; use Time::HiRes qw(time);
my ($to, $port, $count) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $to, PeerPort => $port) or die $!;
syswrite $s, "0\n"; my $hello = <$s>; print STDOUT "dialled\n"; STDOUT->flush;
my $began = time; syswrite $s, "$_\n" for 1 .. $count;
for (1 .. $count) { my $line = <$s>; die "out of order: $line" unless $line =~ / $_$/ }
printf "%d in order after %.1f ms\n", $count, 1000 * (time - $began);`;

test('what is held back comes whole and in order when it is let go', async () => {
  const address = running.cluster.node('n2').address;
  let answered = false;
  const pause = 'select undef, undef, undef, 1.5;';
  const late = STREAM.replace('my $began', `${pause} my $began`);
  const stream = perl('n1', late, address, String(PORT), '500').finally(() => (answered = true));
  await running.clock.sleep(300 * MILLISECOND);
  await shaped({ kind: 'hold' }, async (armed) => {
    await running.clock.sleep(2_500 * MILLISECOND);
    expect(answered).toBe(false);
    const { observations } = await armed.verify();
    expect(observations.find(({ means }) => means.startsWith('agent'))?.seen).toMatch(/holds \d+/);
  });
  expect(await stream).toMatch(/^dialled\n500 in order after/);
});

test('a rate of 2 Mbit/s carries 500 kB in two seconds', async () => {
  await shaped({ kind: 'rate', kilobitsPerSecond: 2_000 }, async () => {
    const program = String.raw`
use strict; use IO::Socket::INET; use Time::HiRes qw(time);
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1]) or die $!;
my $began = time; print $s 'x' x 499_990, "\n"; $s->flush; my $got = 0;
while ($got < 499_990) { $got += length(<$s> // last) } printf "%.1f\n", 1000 * (time - $began);`;
    const address = running.cluster.node('n2').address;
    const ms = Number(await perl('n1', program, address, String(PORT)));
    measure('500 kB at 2 Mbit/s', ms * MILLISECOND);
    expect(ms).toBeGreaterThan(1_800);
    expect(ms).toBeLessThan(3_500);
  });
});

test('a node that is lost and comes back is shaped again; an agent killed lets everything pass', async () => {
  const container = docker.getContainer(`fl-${running.runId}-n1`);
  await shaped({ kind: 'delay', delayMs: 80, jitterMs: 0 }, async (armed) => {
    await running.cluster.node('n1').crash();
    await running.cluster.node('n1').start();
    expect(Math.min(...(await talk('n1', 'n2', 3)))).toBeGreaterThanOrEqual(79);
    expect(await looked(() => armed.verify())).toMatchObject({ verified: true });
    const agents =
      'for p in /proc/[0-9]*; do grep -q ^faultline-shaper $p/cmdline && echo ${p#/proc/}; done';
    const { stdout } = await machine(running.cluster, 'n1').exec(['sh', '-c', agents]);
    expect(stdout.trim()).toMatch(/^\d+$/);
    await machine(running.cluster, 'n1').exec(['sh', '-c', `kill -KILL ${stdout}`]);
    expect(Math.min(...(await talk('n1', 'n2', 3)))).toBeLessThan(50);
    expect(await armed.verify()).toMatchObject({ verified: false });
  });
  const left = await execa('docker', ['exec', container.id, 'iptables-save', '-t', 'mangle']);
  expect(left.stdout).not.toContain('FL-SHAPE');
});

test('undo data alone heals it, twice over; a foreign discipline is refused and stays', async () => {
  const { cluster } = running;
  const means = meansOf(cluster.node('n1'), 'shaping');
  if (means instanceof Lack) throw new Error(means.reason);
  const to = [{ name: 'n2', address: cluster.node('n2').address }];
  const hands = { runId: running.runId, docker };
  for (const shape of [{ kind: 'hold' }, { kind: 'rate', kilobitsPerSecond: 64 }] as const) {
    const armed = await means.shape({ to, shape, seed: 7 });
    armed.fire();
    expect(await looked(() => armed.verify())).toMatchObject({ verified: true });
    const undo: unknown = JSON.parse(JSON.stringify(armed.undo));
    await undoAll(undo as Armed['undo'], hands);
    await undoAll(undo as Armed['undo'], hands);
    expect(await looked(() => armed.verifyHealed())).toMatchObject({ verified: true });
    await armed.heal();
  }
  const n1 = machine(cluster, 'n1');
  const foreign = ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'handle', '77:', 'htb'];
  expect((await n1.exec(foreign)).code).toBe(0);
  const rate = { kind: 'rate', kilobitsPerSecond: 64 } as const;
  await expect(means.shape({ to, shape: rate, seed: 7 })).rejects.toThrow(
    /of somebody else.*htb 77:/,
  );
  await undoAll([{ act: 'clear-shaping', node: 'n1' }], hands);
  expect((await n1.exec(['tc', 'qdisc', 'show', 'dev', 'eth0'])).stdout).toContain('htb 77:');
  await n1.exec(['tc', 'qdisc', 'del', 'dev', 'eth0', 'root']);
});

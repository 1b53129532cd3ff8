/**
 * Goal: `--pcap` leaves each node's packets in the run directory, whole, and no tcpdump after it. Method: real
 * containers; the files are read back by the format's own rules (pcap: 24 bytes of header, records of 16 and a length).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listLeftovers, removeLeftover } from '../../harness/testbeds/docker/leftovers.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { CAPTURE_IMAGE } from '../../harness/testbeds/docker/sidecar-capture.ts';
import { MODES, bringUp, dial, docker, machine, serving, until } from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

/** The packets of a capture; throws when its last record is cut off. */
function packetsIn(path: string): Buffer[] {
  const bytes = readFileSync(path);
  expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
  const packets: Buffer[] = [];
  for (let at = 24; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const packet = bytes.subarray(at + 16, at + 16 + length);
    expect(packet.length).toBe(length);
    packets.push(packet);
    at += 16 + length;
  }
  return packets;
}

const holds = (packets: readonly Buffer[], text: string): boolean =>
  packets.some((packet) => packet.includes(text));

/** Host processes that capture in some node. */
function tcpdumps(): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith('tcpdump\0-i\0any');
    } catch {
      return false; // No process, or gone meanwhile.
    }
  });
}

const TALK =
  'use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => "n1", PeerPort => 7000) or die;' +
  'print $s shift, "\\n"; print scalar <$s>;';

describe.each(MODES)('packets are captured %s', (_, hostAccess) => {
  let end: () => Promise<unknown> = () => Promise.resolve();
  afterEach(() => end());

  const up = async () => {
    const image = await buildNodeImage(docker);
    await ensureImage(docker, CAPTURE_IMAGE, () => undefined);
    const running = await bringUp({ image, hostAccess, nodes: ['n1', 'n2'], pcap: true });
    end = () => running.testbed.down();
    await serving(running);
    return running;
  };
  const say = (running: Awaited<ReturnType<typeof up>>, text: string) =>
    machine(running.cluster, 'n2').exec(['perl', '-e', TALK, text]);

  test('of both ends, through kill and crash, whole at teardown', async () => {
    const before = tcpdumps();
    const running = await up();
    const path = (node: string, file: string) => join(running.directory, 'nodes', node, file);
    expect((await say(running, 'before the kill')).stdout).toBe('n1 before the kill\n');
    const node = machine(running.cluster, 'n1');
    await node.kill();
    expect(await dial(running.cluster, 'n2', 'n1')).toBe('Connection refused');
    await node.start();
    await serving(running);
    await say(running, 'after the kill');
    await node.crash();
    await node.start();
    await serving(running);
    await say(running, 'after the crash');
    expect(await running.testbed.down()).toEqual([]);

    const first = packetsIn(path('n1', 'capture.pcap'));
    expect(['before the kill', 'after the kill'].map((text) => holds(first, text))).toEqual([
      true,
      true,
    ]);
    expect(holds(packetsIn(path('n1', 'capture-2.pcap')), 'after the crash')).toBe(true);
    const peer = packetsIn(path('n2', 'capture.pcap'));
    expect(['before the kill', 'after the crash'].map((text) => holds(peer, text))).toEqual([
      true,
      true,
    ]);
    expect(tcpdumps()).toEqual(before);
  });

  test('a run that nobody ended: healing it ends its tcpdump, and the file is whole so far', async () => {
    const before = tcpdumps();
    const running = await up();
    await say(running, 'the last words');
    const left = (await listLeftovers(docker)).find(({ run }) => run === running.runId);
    expect(tcpdumps().length).toBe(before.length + 2);
    expect(left === undefined ? null : await removeLeftover(docker, left)).toEqual([]);
    await until(running.clock, 'tcpdump ended', () => tcpdumps().length === before.length);
    const path = join(running.directory, 'nodes', 'n2', 'capture.pcap');
    await until(running.clock, 'written', () => holds(packetsIn(path), 'the last words'));
  });
});

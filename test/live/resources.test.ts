/** Squeezes of a real container, seen by what a program in it can still do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lack, meansOf } from '../../harness/means.ts';
import type { NodeResources, Squeeze } from '../../harness/means/resources.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { Machine } from '../../harness/testbed.ts';
import { bringUp, docker, machine, type Running, serving, takeDown } from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

let running: Running;
let node: Machine;
let found: NodeResources | Lack;

beforeAll(async () => {
  running = await bringUp({ image: await buildNodeImage(docker), nodes: ['n1', 'n2'] });
  await serving(running);
  node = machine(running.cluster, 'n1');
  found = meansOf(node, 'resources');
  if (found instanceof Lack) process.stdout.write(`skipped: ${found.reason}\n`);
});

afterAll(() => takeDown(running));

/** Fires, looks at what it does, heals, and looks again. */
async function squeezed(squeeze: Squeeze, during: () => Promise<void>): Promise<void> {
  if (found instanceof Lack) return;
  const { clock } = running;
  const armed = await found.squeeze(squeeze);
  const began = clock.now();
  armed.fire();
  const fire = (clock.now() - began) / MILLISECOND;
  try {
    const verified = await armed.verify();
    expect(verified, JSON.stringify(verified)).toMatchObject({ verified: true });
    await during();
  } finally {
    await armed.heal();
  }
  const healed = await armed.verifyHealed();
  expect(healed, JSON.stringify(healed)).toMatchObject({ verified: true });
  process.stdout.write(`${squeeze.kind}: fire ${fire.toFixed(2)} ms\n`);
}

/** Wall-clock milliseconds that 100 ms of processor time take in the node. */
async function burn(): Promise<number> {
  const program =
    'use Time::HiRes "time"; my $t = time; my $end = (times)[0] + 0.1; ' +
    '1 while (times)[0] < $end; print 1000 * (time - $t)';
  return Number((await node.exec(['perl', '-e', program])).stdout);
}

/** The same, or the reason why nothing can be started. */
async function runs(): Promise<string> {
  return node.exec(['true']).then(
    ({ code }) => String(code),
    (error: unknown) => String(error),
  );
}

/** Whether a program that wants so many MiB gets them. */
async function gets(mebibytes: number): Promise<boolean> {
  const program = `my $x = "x" x (${mebibytes} << 20); print length $x`;
  const { code, stdout } = await node.exec(['perl', '-e', program]);
  return code === 0 && Number(stdout) === mebibytes << 20;
}

describe('a node', () => {
  it('short of processor time takes several times as long', async () => {
    await squeezed({ kind: 'cpu', cpus: 0.1 }, async () => {
      expect(await burn()).toBeGreaterThan(500);
    });
  });

  it('short of memory has programs killed that want more', async () => {
    await squeezed({ kind: 'memory', spare: 32 << 20 }, async () => {
      expect(await gets(8)).toBe(true);
      expect(await gets(128)).toBe(false);
    });
    expect(await gets(128)).toBe(true);
  });

  it('short of files takes no connection that it could serve', async () => {
    await squeezed({ kind: 'descriptors', spare: 0 }, async () => {
      await answers(); // accept(2) has its file before it waits
      expect(await answers()).toBe('');
    });
    await node.start(); // this server ends when it cannot accept
    await serving(running);
    expect(await answers()).toBe('n1 hello');
  });

  it('short of processes starts none', async () => {
    await squeezed({ kind: 'processes', spare: 0 }, async () => {
      expect(await runs()).toContain('Resource temporarily unavailable');
    });
    expect(await runs()).toBe('0');
    await node.start(); // this server takes a fork that is refused for its end
  });
});

/** What the server says to a fresh connection within half a second. */
async function answers(): Promise<string> {
  const program =
    'use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 7000) ' +
    'or exit; $s->autoflush(1); print $s "hello\\n"; $SIG{ALRM} = sub { exit }; alarm 1; print scalar <$s>';
  const { stdout } = await machine(running.cluster, 'n2').exec([
    'perl',
    '-e',
    program,
    node.address,
  ]);
  return stdout.trim();
}

/** Faults at methods of a real Java server: a ZooKeeper of one node, its threads seen from the kernel. */
import { spawn } from 'node:child_process';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSession, type Connection } from '../../clusters/zookeeper/client/connection.ts';
import { serverStatus } from '../../clusters/zookeeper/client/four-letter-words.ts';
import * as requests from '../../clusters/zookeeper/client/requests.ts';
import { zookeeper } from '../../clusters/zookeeper/system.ts';
import { realClock } from '../../harness/clock.ts';
import { Lack, meansOf } from '../../harness/means.ts';
import type { JvmFault, NodeJvm } from '../../harness/means/jvm.ts';
import type { Armed } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND, type NodeName } from '../../harness/operation.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { dockerTestbed } from '../../harness/testbeds/docker/testbed.ts';
import { type Cluster, isMachine, type Node, type Testbed } from '../../harness/testbed.ts';

const nodes = ['n1'];
const options = { version: '3.9.4', nodes, extra: {}, needs: ['debugger'] } as const;
const clock = realClock();
const NEVER = new AbortController().signal;
const COMMIT = { class: 'org.apache.zookeeper.server.persistence.FileTxnLog', method: 'commit' };
const PROCESS = {
  class: 'org.apache.zookeeper.server.FinalRequestProcessor',
  method: 'processRequest',
};

let testbed: Testbed;
let cluster: Cluster;
let node: Node;
let jvm: NodeJvm;
let connection: Connection;

beforeAll(async () => {
  const docker = new Docker();
  testbed = dockerTestbed({ docker, image: (plan, say) => ensureImage(docker, plan, say) });
  cluster = await testbed.up(
    {
      runId: `test-jvm-${process.pid}`,
      nodes,
      directory: null,
      seed: 1n,
      image: zookeeper.image(options.version),
      needs: ['debugger'],
      node: (name: NodeName, addresses: ReadonlyMap<NodeName, string>) =>
        zookeeper.node({ ...options, needs: ['debugger'] }, name, addresses),
    },
    { clock, events: () => undefined, say: () => undefined, signal: new AbortController().signal },
  );
  node = cluster.node('n1');
  const found = meansOf(node, 'jvm');
  if (found instanceof Lack) throw new Error(found.reason);
  jvm = found;
  await serving();
});

afterAll(async () => {
  expect(await testbed.down()).toEqual([]);
});

async function serving(): Promise<void> {
  const limit = clock.now() + 20 * SECOND;
  for (;;) {
    const ready = zookeeper.ready(node, AbortSignal.timeout(2000));
    if (await ready.catch(() => false)) break;
    if (clock.now() > limit) throw new Error('not serving within 20 s');
    await clock.sleep(50 * MILLISECOND);
  }
  await connectAgain();
}

async function connectAgain(): Promise<void> {
  const limit = clock.now() + 20 * SECOND;
  for (;;) {
    const opening = connectSession({ address: node.address }, clock, NEVER);
    const opened = await opening.catch(() => null);
    if (opened !== null) return void (connection = opened);
    if (clock.now() > limit) throw new Error('no session within 20 s');
    await clock.sleep(20 * MILLISECOND);
  }
}

/** How long a write takes, in milliseconds; null: longer than the bound. */
async function write(boundMs: number): Promise<number | null> {
  const began = clock.now();
  const path = `/t${began}`;
  const done = requests.create(connection, path, new Uint8Array(1)).then(
    () => (clock.now() - began) / MILLISECOND,
    () => (clock.now() - began) / MILLISECOND,
  );
  return Promise.race([done, clock.sleep(boundMs * MILLISECOND).then(() => null)]);
}

/** How long the server takes to tell of itself, which takes other threads than a write, in milliseconds. */
async function ask(): Promise<number> {
  const began = clock.now();
  expect((await serverStatus(node.address, AbortSignal.timeout(5000)))?.mode).toBe('leader');
  return (clock.now() - began) / MILLISECOND;
}

async function fired(fault: JvmFault): Promise<Armed> {
  const armed = await jvm.tamper(fault);
  const began = clock.now();
  armed.fire();
  const called = clock.now();
  await armed.done?.();
  const [call, all] = [called - began, clock.now() - began].map((each) => each / MILLISECOND);
  process.stdout.write(
    `${fault.act}: fire ${call?.toFixed(2)} ms, in force ${all?.toFixed(1)} ms\n`,
  );
  return armed;
}

async function healed(armed: Armed): Promise<void> {
  const began = clock.now();
  await armed.heal();
  process.stdout.write(`heal ${((clock.now() - began) / MILLISECOND).toFixed(1)} ms\n`);
  expect(await armed.verifyHealed()).toMatchObject({ verified: true });
}

describe('a thread of a running server', () => {
  it('is stopped alone: writes wait, other threads answer', async () => {
    const threads = meansOf(node, 'threads');
    if (threads instanceof Lack) return void process.stdout.write(`skipped: ${threads.reason}\n`);
    expect(await threads.names()).toContain('SyncThread:1');
    const armed = await threads.pause('^SyncThread');
    const began = clock.now();
    armed.fire();
    const fire = (clock.now() - began) / MILLISECOND;
    const pending = write(20_000);
    try {
      const verified = await armed.verify();
      expect(verified, JSON.stringify(verified)).toMatchObject({ verified: true });
      expect(await Promise.race([pending, clock.sleep(500 * MILLISECOND)])).toBeUndefined();
      expect(await ask()).toBeLessThan(1000);
    } finally {
      await armed.heal(); // or the server cannot be ended
    }
    process.stdout.write(`thread pause: fire ${fire.toFixed(1)} ms\n`);
    expect(await armed.verifyHealed()).toMatchObject({ verified: true });
    expect(await pending).toBeGreaterThan(500);
    expect(await write(1000)).toBeLessThan(500);
  });

  it('that is not there is refused before anything fires', async () => {
    const threads = meansOf(node, 'threads');
    if (threads instanceof Lack) return;
    await expect(threads.pause('^nobody$')).rejects.toThrow('no thread matches');
  });
});

describe('a method of a running server', () => {
  it('is held: writes wait, and end when it is healed', async () => {
    const armed = await fired({ ...COMMIT, act: 'hold' });
    const pending = write(20_000);
    const verified = await armed.verify();
    expect(verified, JSON.stringify(verified)).toMatchObject({ verified: true });
    expect(verified.observations.length).toBeGreaterThanOrEqual(3);
    expect(await Promise.race([pending, clock.sleep(500 * MILLISECOND)])).toBeUndefined();
    expect(await ask()).toBeLessThan(1000); // its other threads run on
    await healed(armed);
    expect(await pending).toBeGreaterThan(500);
    expect(await write(1000)).toBeLessThan(500);
  });

  it('is slow: each write takes so much longer', async () => {
    const armed = await fired({ ...COMMIT, act: 'delay', delay: 300 * MILLISECOND });
    const verifying = armed.verify();
    expect(await write(5000)).toBeGreaterThan(290);
    expect(await verifying).toMatchObject({ verified: true });
    await healed(armed);
    expect(await write(1000)).toBeLessThan(250);
  });

  it('throws: the request fails, the server stands', async () => {
    const armed = await fired({
      ...PROCESS,
      act: 'throw',
      exception: 'java.lang.IllegalStateException',
    });
    const verifying = armed.verify();
    await write(1500);
    const verified = await verifying;
    await healed(armed);
    expect(verified, JSON.stringify(verified)).toMatchObject({ verified: true });
    const log = isMachine(node) ? String(await node.download('/faultline/server.log')) : '';
    expect(log).toContain('IllegalStateException: faultline');
  });

  it('is held again in a server that was started again meanwhile', async () => {
    const armed = await fired({ ...COMMIT, act: 'hold', thread: '^SyncThread' });
    await node.kill();
    await node.start();
    // The first session of a server is written.
    const held = armed.verify();
    const began = clock.now();
    const opening = connectAgain();
    expect(await held).toMatchObject({ verified: true });
    const after = ((clock.now() - began) / MILLISECOND).toFixed(0);
    process.stdout.write(`held again ${after} ms after the start\n`);
    await healed(armed);
    await opening;
    expect(await write(1000)).toBeLessThan(500);
  });

  it('is not verified when nothing enters it', async () => {
    const armed = await fired({ ...COMMIT, act: 'hold', thread: '^no such thread' });
    const pending = write(5000);
    expect(await pending).toBeLessThan(500);
    expect(await armed.verify()).toMatchObject({ verified: false });
    await healed(armed);
  });

  it('that does not exist is refused before anything fires', async () => {
    const wrong = { ...COMMIT, method: 'comit', act: 'hold' } as const;
    await expect(jvm.tamper(wrong)).rejects.toThrow('has no method comit');
  });

  it('lets go of its threads when the harness is killed', async () => {
    const child = spawn('node', ['--import', 'tsx', 'test/live/jvm-holder.ts', node.address]);
    const output = new Promise<string>((resolve) => {
      child.stdout.on('data', (text: Buffer) => resolve(String(text)));
      child.on('exit', () => resolve('exited'));
    });
    const pending = output.then(() => write(20_000));
    expect(await output).toContain('ready');
    expect(await Promise.race([pending, clock.sleep(SECOND)])).toBeUndefined();
    child.kill('SIGKILL');
    const killed = clock.now();
    expect(await pending).toBeGreaterThan(1000);
    const after = (clock.now() - killed) / MILLISECOND;
    process.stdout.write(`threads run ${after.toFixed(1)} ms after the kill\n`);
    expect(after).toBeLessThan(1000);
  });
});

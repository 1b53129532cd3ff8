/** The ZooKeeper client and observers on a real ensemble of three. */
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zookeeper } from '../../clusters/zookeeper/system.ts';
import { connectSession, type Connection } from '../../clusters/zookeeper/client/connection.ts';
import * as requests from '../../clusters/zookeeper/client/requests.ts';
import { DefiniteError, type Client } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import type { RunEvent } from '../../harness/event.ts';
import { MILLISECOND, SECOND, type NodeName, type Value } from '../../harness/operation.ts';
import type { Cluster, Testbed } from '../../harness/testbed.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { dockerTestbed } from '../../harness/testbeds/docker/testbed.ts';

const nodes = ['n1', 'n2', 'n3'];
const options = { version: '3.9.4', nodes, extra: { firstLeader: 'n3' } };
const clock = realClock();
const abort = new AbortController();

let testbed: Testbed;
let cluster: Cluster;

beforeAll(async () => {
  const docker = new Docker();
  testbed = dockerTestbed({ docker, image: (plan, say) => ensureImage(docker, plan, say) });
  const plan = {
    runId: `test-zookeeper-${process.pid}`,
    nodes,
    directory: null,
    seed: 1n,
    image: zookeeper.image(options.version),
    node: (node: NodeName, addresses: ReadonlyMap<NodeName, string>) =>
      zookeeper.node(options, node, addresses),
  };
  const context = { clock, events: () => undefined, say: () => undefined, signal: abort.signal };
  cluster = await testbed.up(plan, context);
  await Promise.all(nodes.map((node) => until(() => zookeeper.ready(cluster.node(node), soon()))));
  await zookeeper.setup?.(cluster, options, soon());
}, 600_000);

afterAll(async () => {
  abort.abort();
  expect(await testbed.down()).toEqual([]);
});

/** Polls, 30 s at most, until it holds; an error counts as "not yet". */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const limit = clock.now() + 30 * SECOND;
  while (!(await holds().catch(() => false))) {
    if (clock.now() > limit) throw new Error('not within 30 s');
    await clock.sleep(50 * MILLISECOND);
  }
}

function soon(): AbortSignal {
  return AbortSignal.timeout(2000);
}

async function open(workload: string, node: NodeName): Promise<Client> {
  const client = zookeeper.client(cluster, workload);
  await client.open(node, abort.signal);
  return client;
}

async function raw(node: NodeName): Promise<Connection> {
  return connectSession({ address: cluster.node(node).address }, clock, abort.signal);
}

describe('requests', () => {
  it('creates, reads, writes, lists and deletes nodes', async () => {
    const connection = await raw('n1');
    const path = await requests.create(connection, '/a', Buffer.from('1'));
    expect(path).toBe('/a');
    const stat = await requests.setData(connection, '/a', Buffer.from('22'), 0);
    expect([stat.version, stat.dataLength]).toEqual([1, 2]);
    expect((await requests.getData(connection, '/a')).data.toString()).toBe('22');
    expect((await requests.exists(connection, '/a')).mzxid).toBe(stat.mzxid);
    const child = await requests.create(
      connection,
      '/a/s-',
      Buffer.alloc(0),
      'persistent-sequential',
    );
    expect(await requests.getChildren(connection, '/a')).toEqual([child.slice('/a/'.length)]);
    await requests.sync(connection, '/a');
    await requests.deleteNode(connection, child);
    await requests.deleteNode(connection, '/a', 1);
    await expect(requests.getData(connection, '/a')).rejects.toMatchObject({ code: 'NONODE' });
    await connection.close();
  });

  it('keeps an idle session alive by pings, and ends ephemeral nodes with it', async () => {
    const address = cluster.node('n1').address;
    const idle = await connectSession({ address, timeoutMs: 1000 }, clock, abort.signal);
    expect(idle.timeoutMs).toBe(1000);
    await requests.create(idle, '/mine', Buffer.alloc(0), 'ephemeral');
    await clock.sleep(2 * SECOND);
    expect((await requests.exists(idle, '/mine')).version).toBe(0);
    await idle.close();
    const other = await raw('n1');
    await expect(requests.exists(other, '/mine')).rejects.toMatchObject({ code: 'NONODE' });
    await other.close();
  });
});

describe('workload clients', () => {
  it('writes, swaps and reads a register with its versions', async () => {
    const client = await open('register', 'n1');
    const ask = (f: string, value: Value): Promise<Value> =>
      client.invoke({ f, value: ['k', value] });
    expect(await ask('read', null)).toEqual(['k', { value: null, version: -1 }]);
    expect(await ask('write', 1)).toEqual(['k', { value: 1, version: 0 }]);
    expect(await ask('cas', { from: 1, to: 2 })).toEqual(['k', { swapped: true, version: 1 }]);
    expect(await ask('cas', { from: 1, to: 3 })).toEqual(['k', { swapped: false, version: 1 }]);
    expect(await ask('read', null)).toEqual(['k', { value: 2, version: 1 }]);
    await client.close();
  });

  it('reads strictly on one node what another has just acknowledged', async () => {
    const [writer, reader] = [await open('register', 'n3'), await open('register', 'n1')];
    for (let value = 0; value < 100; value++) {
      await writer.invoke({ f: 'write', value: ['strict', value] });
      const read = await reader.invoke({ f: 'strict-read', value: ['strict', null] });
      expect(read).toEqual(['strict', { value, version: value }]);
    }
    await Promise.all([writer.close(), reader.close()]);
  });

  it('adds to the set, each element once', async () => {
    const client = await open('set', 'n2');
    for (const value of [10, 9, 11]) await client.invoke({ f: 'add', value });
    await expect(client.invoke({ f: 'add', value: 9 })).rejects.toMatchObject({
      code: 'NODEEXISTS',
    });
    expect(await client.invoke({ f: 'strict-read', value: null })).toEqual([9, 10, 11]);
    await client.close();
  });
});

describe('servers', () => {
  it('tell their roles, with the epoch of the leader', async () => {
    const seen: RunEvent[] = [];
    for (const node of cluster.nodes) {
      const [observer] = zookeeper.observers;
      await observer?.poll(node, clock, (event) => seen.push(event), soon());
    }
    expect(seen.map((event) => (event.type === 'role-seen' ? event.role : event.type))).toEqual([
      'follower',
      'follower',
      'leader',
      'leader-seen',
    ]);
    expect(seen.at(-1)).toMatchObject({ node: 'n3', term: 1 });
    expect(await zookeeper.leader(cluster, soon())).toBe('n3');
  });

  it('elect another leader when theirs is killed; its address refuses at once', async () => {
    const leader = cluster.node('n3');
    await leader.kill();
    const client = zookeeper.client(cluster, 'register');
    const refused = await client.open('n3', abort.signal).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DefiniteError);
    expect((refused as DefiniteError).code).toBe('ECONNREFUSED');
    expect(await zookeeper.probes['serving']?.(cluster, 'n3', soon())).toBe(false);
    await until(async () => (await zookeeper.leader(cluster, soon())) === 'n2');
    await until(() => zookeeper.ready(cluster.node('n1'), soon()));
    await leader.start();
    await until(() => zookeeper.ready(leader, soon()));
    expect(await zookeeper.leader(cluster, soon())).toBe('n2');
  });
});

/**
 * Each error that ZooKeeper's client can meet is provoked on a real ensemble, and what the operation did is read back
 * through another server: one that is called definite did nothing, one that is not may have done it.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectSession, type Connection } from '../../clusters/zookeeper/client/connection.ts';
import { JuteWriter } from '../../clusters/zookeeper/client/jute.ts';
import * as requests from '../../clusters/zookeeper/client/requests.ts';
import { settle } from '../../clusters/zookeeper/client/session.ts';
import { ERRORS } from '../../clusters/zookeeper/errors.ts';
import { zookeeper } from '../../clusters/zookeeper/system.ts';
import { nodeNames } from '../../clusters/test-spec.ts';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Node } from '../../harness/testbed.ts';
import { liveCluster, type LiveCluster } from '../live/live-cluster.ts';

const options: SystemOptions = {
  version: '3.9.4',
  nodes: nodeNames(3),
  extra: { firstLeader: 'n3' },
};
const clock = realClock();
const never = new AbortController().signal;
const NEW = Buffer.from('new');
const OLD = Buffer.from('old');
let live: LiveCluster;

beforeAll(async () => {
  live = await liveCluster(zookeeper, options, 'zookeeper-errors');
}, 600_000);

afterAll(async () => {
  expect(await live.testbed.down()).toEqual([]);
});

function nodeAt(index: number): Node {
  return live.cluster.nodes[index] as Node;
}

/** Asked again until there is a quorum. */
function connect(node: Node, signal = never, timeoutMs = 10_000): Promise<Connection> {
  const given = { address: node.address, timeoutMs };
  return vi.waitFor(() => connectSession(given, clock, signal), { timeout: 30_000, interval: 100 });
}

/** What the node holds, read from another server that has caught up first; null when there is none. */
async function valueOf(path: string, node = nodeAt(1)): Promise<string | null> {
  const connection = await connect(node);
  await requests.create(connection, `/barrier-${connection.session}`, NEW, 'ephemeral');
  const found = await requests.getData(connection, path).catch(() => null);
  await connection.close();
  return found === null ? null : found.data.toString();
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return settle(work).then(
    () => expect.fail('expected an error'),
    (error: unknown) => error as Error,
  );
}

/** A node of its own for a test. */
async function fresh(path: string): Promise<string> {
  const connection = await connect(nodeAt(0));
  await requests.create(connection, path, OLD);
  await connection.close();
  return path;
}

function create(path: string, acl: readonly [number, string, string][]) {
  return (xid: number): Buffer => {
    const writer = new JuteWriter().int(xid).int(1).string(path).buffer(OLD).int(acl.length);
    for (const [permissions, scheme, id] of acl) {
      writer.int(permissions).string(scheme).string(id);
    }
    return writer.int(0).finish();
  };
}

/** By the code's name: a request on `path` that is refused. */
const REFUSED: Readonly<
  Record<string, (connection: Connection, path: string) => Promise<unknown>>
> = {
  NONODE: (connection, path) => requests.setData(connection, `${path}/none`, NEW, -1),
  NODEEXISTS: (connection, path) => requests.create(connection, path, NEW),
  BADVERSION: (connection, path) => requests.setData(connection, path, NEW, 77),
  NOTEMPTY: async (connection, path) => {
    await requests.create(connection, `${path}/child`, OLD);
    return requests.deleteNode(connection, path);
  },
  NOCHILDRENFOREPHEMERALS: async (connection, path) => {
    const parent = `${path}/ephemeral`;
    await requests.create(connection, parent, OLD, 'ephemeral');
    return requests.create(connection, `${parent}/child`, NEW);
  },
  NOAUTH: async (connection, path) => {
    const readable: [number, string, string] = [1, 'world', 'anyone'];
    await connection.send('create', create(`${path}/locked`, [readable]));
    return requests.setData(connection, `${path}/locked`, NEW, -1);
  },
  INVALIDACL: (connection, path) => connection.send('create', create(`${path}/open`, [])),
  BADARGUMENTS: (connection, path) => requests.create(connection, path.slice(1), NEW),
  UNIMPLEMENTED: (connection) =>
    connection.send('request 77', (xid) => new JuteWriter().int(xid).int(77).finish()),
  RECONFIGDISABLED: (connection) => requests.reconfigure(connection, null, '1'),
  AUTHFAILED: (connection) =>
    connection.send('auth', (xid) =>
      new JuteWriter().int(xid).int(100).int(0).string('no-such-scheme').buffer(NEW).finish(),
    ),
};

describe('a refusal is definite, and nothing was done', () => {
  test.each(Object.keys(REFUSED))('%s', async (code) => {
    const path = await fresh(`/refused-${code.toLowerCase()}`);
    const connection = await connect(nodeAt(0));
    const error = await errorOf(REFUSED[code]?.(connection, path) ?? Promise.resolve());
    expect(error).toBeInstanceOf(DefiniteError);
    expect(error).toMatchObject({ reason: 'rejected', code });
    expect(await valueOf(path)).toBe('old');
    for (const child of ['none', 'open', 'ephemeral/child']) {
      expect(await valueOf(`${path}/${child}`)).toBeNull();
    }
    expect(await valueOf(`${path}/locked`)).toBe(code === 'NOAUTH' ? 'old' : null);
    await connection.close();
  });

  test('a transaction of which one part cannot be done: none is', async () => {
    const path = await fresh('/refused-multi');
    const connection = await connect(nodeAt(0));
    const parts = [
      { create: `${path}/one`, data: NEW, mode: 'persistent' as const },
      { create: path, data: NEW, mode: 'persistent' as const },
    ];
    const error = await errorOf(requests.multi(connection, parts));
    expect(error).toMatchObject({ reason: 'rejected', code: 'NODEEXISTS' });
    expect(await valueOf(`${path}/one`)).toBeNull();
    await connection.close();
  });

  test('every code that is provoked here is in the table', () => {
    const names = Object.values(ERRORS).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(REFUSED)));
  });
});

describe('a lost connection', () => {
  test('while a request is under way is indefinite; afterwards nothing is sent', async () => {
    const path = await fresh('/lost');
    const connection = await connect(nodeAt(0));
    let value = 0;
    const writing = errorOf(
      (async () => {
        for (;;) await requests.setData(connection, path, Buffer.from(String(++value)), -1);
      })(),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await nodeAt(0).kill();
    const error = await writing;
    const held = Number(await valueOf(path));
    if (error instanceof IndefiniteError) expect([value - 1, value]).toContain(held);
    else expect(held).toBe(value - 1);
    const after = await errorOf(requests.setData(connection, path, NEW, -1));
    expect(after).toMatchObject({ reason: 'refused', code: 'NOTCONNECTED' });
    const refused = await errorOf(connectSession({ address: nodeAt(0).address }, clock, never));
    expect(refused).toMatchObject({ reason: 'refused', code: 'ECONNREFUSED' });
    expect(Number(await valueOf(path))).toBe(held);
    await nodeAt(0).start();
    await live.serving(nodeAt(0));
  });

  test('that was given up is indefinite: a paused server may do it when it goes on', async () => {
    const path = await fresh('/given-up');
    const deadline = new AbortController();
    const connection = await connect(nodeAt(0), deadline.signal);
    await nodeAt(0).pause();
    const writing = errorOf(requests.setData(connection, path, NEW, -1));
    setTimeout(() => deadline.abort(), 500);
    const error = await writing;
    expect(error).toBeInstanceOf(IndefiniteError);
    expect(error).toMatchObject({ code: 'CONNECTIONLOSS' });
    expect(await valueOf(path)).toBe('old');
    await nodeAt(0).resume();
    await live.serving(nodeAt(0));
    expect(['old', 'new']).toContain(await valueOf(path));
  });

  test('whose session has expired: what it held is gone, and its request is indefinite', async () => {
    const path = await fresh('/expired');
    const connection = await connect(nodeAt(0), never, 1000);
    await requests.create(connection, `${path}/held`, OLD, 'ephemeral');
    expect(await valueOf(`${path}/held`)).toBe('old');
    await nodeAt(0).pause();
    const error = await errorOf(requests.setData(connection, path, NEW, -1));
    expect(error).toBeInstanceOf(IndefiniteError);
    expect(error).toMatchObject({ code: 'CONNECTIONLOSS' });
    await vi.waitUntil(async () => (await valueOf(`${path}/held`)) === null, { timeout: 20_000 });
    await nodeAt(0).resume();
    await live.serving(nodeAt(0));
    expect(['old', 'new']).toContain(await valueOf(path));
  });

  test('without a quorum: a write is indefinite, and no session is given', async () => {
    const path = await fresh('/no-quorum');
    const connection = await connect(nodeAt(0));
    await Promise.all([nodeAt(1).pause(), nodeAt(2).pause()]);
    const error = await errorOf(requests.setData(connection, path, NEW, -1));
    expect(error).toBeInstanceOf(IndefiniteError);
    const address = nodeAt(0).address;
    const none = await errorOf(
      connectSession({ address, timeoutMs: 2000 }, clock, AbortSignal.timeout(5000)),
    );
    expect(none).toMatchObject({ reason: 'refused' });
    await Promise.all([nodeAt(1).resume(), nodeAt(2).resume()]);
    await Promise.all(live.cluster.nodes.map((node) => live.serving(node)));
    expect(['old', 'new']).toContain(await valueOf(path));
  });
});

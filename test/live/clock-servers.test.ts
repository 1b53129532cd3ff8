/** Wrong clocks in real servers: a static Go program (etcd) and a Java virtual machine (ZooKeeper). */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { withGateway } from '../../clusters/etcd/members.ts';
import { etcd } from '../../clusters/etcd/system.ts';
import { connectSession, type Connection } from '../../clusters/zookeeper/client/connection.ts';
import { JuteWriter } from '../../clusters/zookeeper/client/jute.ts';
import { exists } from '../../clusters/zookeeper/client/requests.ts';
import { zookeeper } from '../../clusters/zookeeper/system.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { ensureImage } from '../../harness/testbeds/docker/images.ts';
import { arm, bytesOf, fire, heal, verified, verifiedHealed } from './clock-faults.ts';
import { bringUp, docker, printMeasures, type Running, takeDown, until } from './docker-cluster.ts';

const HOUR = 3600 * SECOND;
const ALONE = new Map([['n1', '127.0.0.1']]);
const SIGNAL = new AbortController().signal;

let running: Running | null = null;

afterEach(async () => {
  if (running !== null) await takeDown(running);
  running = null;
});
afterAll(printMeasures);

async function settles(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

describe('etcd', () => {
  it('dates its answers by a changed clock, and keeps its leases by the monotonic one', async () => {
    const image = await ensureImage(docker, etcd.image('3.5.16'), () => undefined);
    const options = { version: '3.5.16', nodes: ['n1'], extra: {} };
    running = await bringUp({ image, nodes: ['n1'], plan: etcd.node(options, 'n1', ALONE) });
    const up = running;
    const { address } = up.cluster.node('n1');
    const ask = (path: string, body: object): Promise<Record<string, string>> =>
      withGateway(address, SIGNAL, (gateway) => gateway.post(path, body)) as never;
    const aheadSeconds = async (): Promise<number> => {
      const response = await fetch(`http://${address}:2379/version`);
      return (Date.parse(response.headers.get('date') ?? '') - Date.now()) / 1000;
    };
    await until(up.clock, 'etcd serves', () =>
      settles(ask('/v3/lease/grant', { ID: '7', TTL: '60' })),
    );
    expect(Math.abs(await aheadSeconds())).toBeLessThan(2);
    const before = bytesOf(up);
    const armed = await arm(up, { kind: 'jump', by: HOUR });
    fire(armed, 'jump of etcd');
    expect(Math.abs((await aheadSeconds()) - 3600)).toBeLessThan(2);
    await verified(armed);
    await up.clock.sleep(1500 * MILLISECOND);
    // Checked for expiry each 500 ms.
    const { TTL: left } = await ask('/v3/lease/timetolive', { ID: '7' });
    expect(Number(left)).toBeGreaterThan(40);
    await heal(armed, 'jump of etcd');
    await verifiedHealed(armed);
    expect(bytesOf(up)).toEqual(before);
    expect(Math.abs(await aheadSeconds())).toBeLessThan(2);
  });
});

/** A znode with a time to live, the lease that ZooKeeper has besides sessions (since 3.5.3, off by default). */
const TTL_MS = 60_000;
const CHECK_MS = 500;
const PERSISTENT_WITH_TTL = 5;
const CREATE_TTL = 21;

async function createWithTtl(connection: Connection, path: string): Promise<void> {
  await connection.send(`createTTL ${path}`, (xid) => {
    const writer = new JuteWriter().int(xid).int(CREATE_TTL).string(path).buffer(Buffer.from('x'));
    writer.vector(['world'], (scheme) => writer.int(31).string(scheme).string('anyone'));
    return writer.int(PERSISTENT_WITH_TTL).long(BigInt(TTL_MS)).finish();
  });
}

describe('ZooKeeper', () => {
  it('ends a lease of 60 s at once when its clock jumps by 61 s, and only then', async () => {
    const image = await ensureImage(docker, zookeeper.image('3.9.4'), () => undefined);
    const options = { version: '3.9.4', nodes: ['n1'], extra: {} };
    const { command, ...plan } = zookeeper.node(options, 'n1', ALONE);
    const [java = '', ...rest] = command;
    const settings = ['extendedTypesEnabled=true'].map((each) => `-Dzookeeper.${each}`);
    const interval = `-Dznode.container.checkIntervalMs=${CHECK_MS}`;
    running = await bringUp({
      image,
      nodes: ['n1'],
      plan: { ...plan, command: [java, ...settings, interval, ...rest] },
    });
    const up = running;
    const { address } = up.cluster.node('n1');
    let connection: Connection | null = null;
    await until(up.clock, 'ZooKeeper serves', async () => {
      connection = await connectSession({ address }, up.clock, SIGNAL).catch(() => null);
      return connection !== null;
    });
    const session = connection as unknown as Connection;
    await createWithTtl(session, '/lease');
    await up.clock.sleep(4 * CHECK_MS * MILLISECOND);
    await exists(session, '/lease');

    const armed = await arm(up, { kind: 'jump', by: (TTL_MS + 1000) * MILLISECOND });
    fire(armed, 'jump of ZooKeeper');
    await verified(armed);
    await until(
      up.clock,
      'the lease ends',
      async () => !(await settles(exists(session, '/lease'))),
    );
    await expect(exists(session, '/lease')).rejects.toThrow('NONODE');
    // Sessions are kept by the monotonic clock; so are the pauses between the checks for them.
    await exists(session, '/');
    await heal(armed, 'jump of ZooKeeper');
    await verifiedHealed(armed);
    await createWithTtl(session, '/lease');
    await up.clock.sleep(4 * CHECK_MS * MILLISECOND);
    await exists(session, '/lease');
    await session.close();
  });
});

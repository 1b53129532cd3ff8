/**
 * Masters of Alluxio 2.9.6 refuse, reject and fall silent: each status of the table that can be had is provoked, and what
 * the call did is read back from another master, which leads after the first one was stopped.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupStatus, startBackup } from '../../clusters/alluxio/grpc/backup-calls.ts';
import { GrpcChannel } from '../../clusters/alluxio/grpc/channel.ts';
import * as files from '../../clusters/alluxio/grpc/file-system-calls.ts';
import { openLeader } from '../../clusters/alluxio/grpc/leader.ts';
import { masterInfo, workerInfos } from '../../clusters/alluxio/grpc/master-calls.ts';
import { RPC_PORT } from '../../clusters/alluxio/servers.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, type NodeName } from '../../harness/operation.ts';
import type { Cluster, Testbed } from '../../harness/testbed.ts';
import { bringUpAlluxio, outcome, until } from './alluxio-cluster.ts';

const clock = realClock();
const forever = new AbortController().signal;

describe('Alluxio 2.9.6', () => {
  let testbed: Testbed;
  let cluster: Cluster;
  let leader: NodeName;
  let channel: GrpcChannel;

  beforeAll(async () => {
    const plan = { version: '2.9.6', extra: {}, setupMs: 120_000 };
    ({ cluster, testbed } = await bringUpAlluxio(plan, 'alluxio-grpc-errors'));
    ({ node: leader, channel } = await openLeader(cluster.nodes, clock, forever));
    for (const path of ['/e', '/e/full', '/e/full/child', '/e/other']) {
      await files.createDirectory(channel, path);
    }
    await files.createFile(channel, '/e/file');
  }, 300_000);

  afterAll(async () => {
    channel.close();
    expect(await testbed.down()).toEqual([]);
  });

  test('what a master rejects is definite, and did nothing', async () => {
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      'a directory that is there': () => files.createDirectory(channel, '/e/full'),
      'a directory without a parent': () => files.createDirectory(channel, '/nowhere/a'),
      'a file that is there': () => files.createFile(channel, '/e/file'),
      'no path': () => files.createDirectory(channel, 'no path'),
      'removal of what is not there': () => files.remove(channel, '/e/missing'),
      'rename of what is not there': () => files.rename(channel, '/e/missing', '/e/b'),
      'rename onto what is there': () => files.rename(channel, '/e/full', '/e/other'),
      'status of what is not there': () => files.getStatus(channel, '/e/missing'),
    };
    const told: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls)) told[name] = await outcome(call());
    expect(told).toEqual({
      'a directory that is there': 'definite rejected 6',
      'a directory without a parent': 'definite rejected 5',
      'a file that is there': 'definite rejected 6',
      'no path': 'definite rejected 3',
      'removal of what is not there': 'definite rejected 5',
      'rename of what is not there': 'definite rejected 5',
      'rename onto what is there': 'definite rejected 6',
      'status of what is not there': 'definite rejected 5',
    });
    // Not empty, and not asked to be removed with what is in it.
    expect(await outcome(files.remove(channel, '/e/full'))).toMatch(/^(definite|indefinite)/);
    expect(await paths('/e/full')).toEqual(['/e/full/child']);
  });

  test('workers are listed, and there are none', async () => {
    expect(await workerInfos(channel)).toEqual([]);
  });

  test('a second backup is rejected while one has not ended; an unknown one has no state', async () => {
    let second = '';
    for (let tries = 0; tries < 20 && second !== 'definite rejected 13'; tries++) {
      const first = await startBackup(channel, 'local');
      second = await outcome(startBackup(channel, 'local'));
      await until(async () => (await backupStatus(channel, first.id)).state === 'Completed');
    }
    expect(second).toBe('definite rejected 13');
    const unknown = await backupStatus(channel, '00000000-0000-0000-0000-000000000000');
    expect(unknown.state).toBe(null);
  });

  test('a standby serves nothing', async () => {
    const standby = cluster.nodes.find(({ name }) => name !== leader);
    const other = await GrpcChannel.open(standby!.address, RPC_PORT, forever);
    expect(await outcome(masterInfo(other))).toBe('definite refused 12');
    expect(await outcome(files.createDirectory(other, '/e/standby'))).toBe('definite refused 12');
    other.close();
  });

  test('a leader that was stopped through an election answers INTERNAL, and what it did is gone', async () => {
    const stopped = cluster.node(leader);
    await stopped.pause();
    const asked = ['/e/z0', '/e/z1'].map((path) => outcome(files.createDirectory(channel, path)));
    const others = cluster.nodes.filter(({ name }) => name !== leader);
    const next = await openLater(others);
    expect(await outcome(files.createDirectory(next.channel, '/e/next'))).toBe('ok');
    await stopped.resume();
    // INTERNAL (13), or the connection is ended first, as the master steps down: never definite, never `ok`.
    for (const told of await Promise.all(asked)) expect(told).toMatch(/^indefinite/);
    channel.close();
    ({ channel, node: leader } = next);
    expect(await paths('/e')).toEqual(['/e/file', '/e/full', '/e/next', '/e/other']);
    expect(await paths('/')).not.toContain('/nowhere');
  });

  test('a leader that dies leaves what it was asked unknown; its successor has no standby at first', async () => {
    const dying = leader;
    await cluster.node(dying).pause();
    const asked = outcome(files.createDirectory(channel, '/e/unknown'));
    await clock.sleep(200 * MILLISECOND);
    await cluster.node(dying).kill();
    expect(await asked).toMatch(/^indefinite/);
    expect(await outcome(files.createDirectory(channel, '/e/unsent'))).toMatch(/^definite refused/);
    const refused = await outcome(GrpcChannel.open(cluster.node(dying).address, RPC_PORT, forever));
    expect(refused).toBe('definite refused ECONNREFUSED');
    const next = await openLater(cluster.nodes.filter(({ name }) => name !== dying));
    const early = await outcome(startBackup(next.channel, 'delegated'));
    expect(['definite rejected 9', 'ok']).toContain(early);
    channel = next.channel;
    const found = (await paths('/e')).filter((path) => path !== '/e/unknown');
    expect(found).toEqual(['/e/file', '/e/full', '/e/next', '/e/other']);
  });

  async function paths(path: string): Promise<readonly string[]> {
    return (await files.listStatus(channel, path)).map((entry) => entry.path).sort();
  }

  async function openLater(
    masters: Cluster['nodes'],
  ): Promise<Awaited<ReturnType<typeof openLeader>>> {
    let found: Awaited<ReturnType<typeof openLeader>> | null = null;
    await until(async () => {
      found = await openLeader(masters, clock, forever);
      return true;
    });
    return found!;
  }
});

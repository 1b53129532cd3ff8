/**
 * Masters of Alluxio 1.x refuse, reject and fall silent: each error of the table that can be had is provoked, and what the
 * call did is read back from the master that leads after a failover, which knows only what the journal holds.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMaster } from '../../clusters/alluxio/roles.ts';
import { alluxio } from '../../clusters/alluxio/system.ts';
import * as blocks from '../../clusters/alluxio/thrift/block-master-calls.ts';
import { i64Field, struct, structField } from '../../clusters/alluxio/thrift/codec.ts';
import type { ThriftConnection } from '../../clusters/alluxio/thrift/connection.ts';
import { settle } from '../../clusters/alluxio/thrift/errors.ts';
import * as files from '../../clusters/alluxio/thrift/file-system-calls.ts';
import { connectMaster } from '../../clusters/alluxio/thrift/master-connection.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, type NodeName } from '../../harness/operation.ts';
import type { Cluster, Testbed } from '../../harness/testbed.ts';
import { bringUpAlluxio, outcome as outcomeOf, until } from './alluxio-cluster.ts';

const clock = realClock();
const forever = new AbortController().signal;
const BLOCK = 1n << 24n;

describe.each(['1.7.1', '1.8.1'])('Alluxio %s', (version) => {
  // Safe mode is long enough to be met.
  const extra = { workers: '0', safeModeMs: '4000' };
  let testbed: Testbed;
  let cluster: Cluster;
  let leader: NodeName;
  let connection: ThriftConnection;

  beforeAll(async () => {
    const name = `alluxio-errors-${version.replaceAll('.', '-')}`;
    ({ cluster, testbed } = await bringUpAlluxio({ version, extra, setupMs: 60_000 }, name));
    leader = await nextLeader([]);
    connection = await connectMaster(cluster.node(leader), forever);
    for (const path of ['/e', '/e/full', '/e/full/child']) {
      await files.createDirectory(connection, path);
    }
    await files.createFile(connection, '/e/done');
    await files.completeFile(connection, '/e/done');
  }, 300_000);

  afterAll(async () => {
    connection.close();
    expect(await testbed.down()).toEqual([]);
  });

  test('what a master rejects is definite, and did nothing', async () => {
    const rejected = await Promise.all([
      outcome(files.createDirectory(connection, '/e/full')),
      outcome(files.createDirectory(connection, '/nowhere/a')),
      outcome(files.createFile(connection, '/e/done')),
      outcome(files.remove(connection, '/e/missing')),
      outcome(files.remove(connection, '/e/full')),
      outcome(files.rename(connection, '/e/missing', '/e/b')),
      outcome(files.rename(connection, '/e/full', '/e/done')),
      outcome(files.rename(connection, '/e/full', '/e/full/inside')),
      outcome(files.completeFile(connection, '/e/done')),
      outcome(files.getStatus(connection, '/e/missing')),
      outcome(files.createDirectory(connection, 'no path')),
    ]);
    expect(rejected).toMatchInlineSnapshot(`
      [
        "definite rejected ALREADY_EXISTS",
        "definite rejected NOT_FOUND",
        "definite rejected ALREADY_EXISTS",
        "definite rejected NOT_FOUND",
        "definite rejected FAILED_PRECONDITION",
        "definite rejected NOT_FOUND",
        "definite rejected ALREADY_EXISTS",
        "definite rejected INVALID_ARGUMENT",
        "definite rejected ALREADY_EXISTS",
        "definite rejected NOT_FOUND",
        "definite rejected INVALID_ARGUMENT",
      ]
    `);
  });

  test('a call that there is not', async () => {
    const unknown = connection.call('FileSystemMasterClient', 'noSuchCall', struct());
    expect(await outcome(unknown)).toBe('definite rejected THRIFT(1)');
  });

  test('a block for a worker that has not registered yet, or is not known', async () => {
    const id = await blocks.getWorkerId(connection, 'played');
    const early = await outcome(blocks.commitBlock(connection, id, BLOCK));
    const unknown = await outcome(blocks.commitBlock(connection, id + 1n, 2n * BLOCK));
    const answers = { early, unknown, told: [await isBlock(1), await isBlock(2)] };
    // 1.7.1 has journaled the first block before it fails: indefinite, rightly.
    expect(answers).toEqual(
      version === '1.7.1'
        ? {
            early: 'indefinite INTERNAL',
            unknown: 'definite rejected UNAVAILABLE',
            told: [true, false],
          }
        : {
            ...{ early: 'definite rejected NOT_FOUND', unknown: 'definite rejected NOT_FOUND' },
            told: [false, false],
          },
    );
  });

  test('a master that stands by does not listen', async () => {
    const standby = cluster.nodes.find((node) => isMaster(node) && node.name !== leader);
    const refused = connectMaster(standby!, forever);
    expect(await outcome(refused)).toBe('definite refused ECONNREFUSED');
  });

  test('a leader that dies leaves what it was asked unknown; its successor knows what it had answered', async () => {
    await cluster.node(leader).pause();
    const asked = outcome(files.createDirectory(connection, '/e/unknown'));
    await clock.sleep(200 * MILLISECOND);
    await cluster.node(leader).kill();
    expect(await asked).toBe('indefinite CONNECTIONLOSS');
    expect(await outcome(files.createDirectory(connection, '/e/unsent'))).toBe(
      'definite refused NOTCONNECTED',
    );
    leader = await nextLeader([leader]);
    connection = await connectMaster(cluster.node(leader), forever);
    const safeMode = await outcome(blocks.workerInfoList(connection));
    expect(safeMode).toBe('definite refused UNAVAILABLE');
    const paths = async (path: string): Promise<readonly string[]> =>
      (await files.listStatus(connection, path)).map((entry) => entry.path).sort();
    expect((await paths('/e')).filter((path) => path !== '/e/unknown')).toEqual([
      '/e/done',
      '/e/full',
    ]);
    expect(await paths('/e/full')).toEqual(['/e/full/child']);
    expect(await paths('/')).not.toContain('/nowhere');
    expect([await isBlock(1), await isBlock(2)]).toEqual([version === '1.7.1', false]);
  });

  /** Whether the master knows the block of this number; not told in safe mode, which is waited for. */
  async function isBlock(number: number): Promise<boolean> {
    const args = struct(i64Field(1, BigInt(number) * BLOCK), structField(2, struct()));
    let told = '';
    await until(async () => {
      told = await outcome(connection.call('BlockMasterClient', 'getBlockInfo', args));
      return !told.includes('UNAVAILABLE');
    });
    return told === 'ok';
  }

  async function nextLeader(except: readonly NodeName[]): Promise<NodeName> {
    let found: NodeName | null = null;
    await until(async () => {
      found = await alluxio.leader(cluster, AbortSignal.timeout(2000));
      return found !== null && !except.includes(found);
    });
    return found!;
  }
});

/** What came of a call, by the table of errors. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return outcomeOf(settle(call));
}

/**
 * Kudu's masters refuse, reject and fall silent: each error of the table is provoked, and what the operation did is read
 * back through another master, after a failover.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectKrpc, type KrpcConnection } from '../../clusters/kudu/krpc/connection.ts';
import { KuduError } from '../../clusters/kudu/krpc/kudu-error.ts';
import {
  consensusState,
  leaderStepDown,
  setFlag,
} from '../../clusters/kudu/master/administration.ts';
import { list } from '../../clusters/kudu/master/ddl-operations.ts';
import { MASTER_ERRORS, settleOnce } from '../../clusters/kudu/master/errors.ts';
import { findLeadingMaster, type LeadingMaster } from '../../clusters/kudu/master/find-leader.ts';
import {
  addColumn,
  connectToMaster,
  createTable,
  deleteTable,
  dropColumn,
  isAlterTableDone,
  isCreateTableDone,
  listTables,
  MASTER_PORT,
  renameTable,
  tableColumns,
} from '../../clusters/kudu/master/requests.ts';
import type { Column, TableDefinition } from '../../clusters/kudu/master/table-schema.ts';
import { isMaster } from '../../clusters/kudu/node-plan.ts';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import type { Value } from '../../harness/operation.ts';
import type { Cluster, Node, Testbed } from '../../harness/testbed.ts';
import { bringUpKudu } from './kudu-cluster.ts';

const forever = new AbortController().signal;
const KEY: Column = { name: 'key', type: 'int32', key: true, nullable: false };
const VALUE: Column = { name: 'val', type: 'int32', key: false, nullable: true };
const clock = realClock();
let testbed: Testbed;
let cluster: Cluster;
let masters: readonly Node[];

beforeAll(async () => {
  ({ cluster, testbed } = await bringUpKudu('kudu-ddl-errors', '1.18.1'));
  masters = cluster.nodes.filter(isMaster);
  const { connection } = await leader();
  await createTable(connection, table('there'));
  await vi.waitUntil(() => isCreateTableDone(connection, 'there'), { timeout: 20_000 });
  connection.close();
}, 600_000);

afterAll(async () => {
  expect(await testbed.down()).toEqual([]);
});

function table(name: string, more: Partial<TableDefinition> = {}): TableDefinition {
  return { name, columns: [KEY, VALUE], replicas: 3, ...more };
}

async function leader(): Promise<LeadingMaster> {
  return vi.waitUntil(() => findLeadingMaster(masters, clock, forever), { timeout: 30_000 });
}

function connect(node: Node, user = 'root'): Promise<KrpcConnection> {
  return connectKrpc({ address: node.address, port: MASTER_PORT, user }, clock, forever);
}

/** The tables and columns, through another master than this one, made the leader for it. */
async function readBackThroughAnother({ node, connection }: LeadingMaster): Promise<Value> {
  const { leaderUuid } = await consensusState(connection);
  await leaderStepDown(connection, leaderUuid ?? '');
  const other = await vi.waitUntil(
    async () => {
      const found = await findLeadingMaster(masters, clock, forever);
      if (found?.node !== node) return found;
      const state = await consensusState(found.connection);
      await leaderStepDown(found.connection, state.leaderUuid ?? '');
      return null;
    },
    { timeout: 60_000, interval: 100 },
  );
  expect(other.node).not.toBe(node);
  return list(other);
}

/** The leader does not reach the other masters, nor they it; clients reach all. @returns the others' names */
async function cutOff({ node }: LeadingMaster): Promise<readonly string[]> {
  const others = masters.map(({ name }) => name).filter((name) => name !== node);
  const links = others.flatMap((other) => [
    { from: node, to: other },
    { from: other, to: node },
  ]);
  await cluster.network.cut('deposed', links);
  return others;
}

type Provocation = readonly [
  code: string,
  what: string,
  provoke: (connection: KrpcConnection) => Promise<unknown>,
];
const raw = (service: string, method: string, body?: Buffer) => (connection: KrpcConnection) =>
  connection.call({ service, method, ...(body === undefined ? {} : { body }) });
const MASTER_SERVICE = 'kudu.master.MasterService';

const REJECTED: readonly Provocation[] = [
  ['master/2 ALREADY_PRESENT', 'add a column that is there', (c) => addColumn(c, 'there', VALUE)],
  ['master/2 NOT_FOUND', 'drop a column that is not there', (c) => dropColumn(c, 'there', 'nil')],
  ['master/2 INVALID_ARGUMENT', 'no key', (c) => createTable(c, table('x', { columns: [VALUE] }))],
  ['master/3 NOT_FOUND', 'delete no table', (c) => deleteTable(c, 'nil')],
  ['master/3 NOT_FOUND', 'rename no table', (c) => renameTable(c, 'nil', 'x')],
  ['master/3 NOT_FOUND', 'alter no table', (c) => addColumn(c, 'nil', VALUE)],
  ['master/4 ALREADY_PRESENT', 'create what is there', (c) => createTable(c, table('there'))],
  ['master/4 ALREADY_PRESENT', 'rename over another', (c) => renameTable(c, 'there', 'registers')],
  [
    'master/5 INVALID_ARGUMENT',
    'more tablets than servers take at once',
    (c) => createTable(c, table('x', { partitioning: { hashBy: 'key', buckets: 1000 } })),
  ],
  [
    'master/8 INVALID_ARGUMENT',
    'nine replicas',
    (c) => createTable(c, table('x', { replicas: 9 })),
  ],
  [
    'master/10 INVALID_ARGUMENT',
    'two replicas',
    (c) => createTable(c, table('x', { replicas: 2 })),
  ],
  ['master/11 INVALID_ARGUMENT', 'none', (c) => createTable(c, table('x', { replicas: -1 }))],
  ['rpc/2', 'no such method', raw(MASTER_SERVICE, 'MakeTea')],
  ['rpc/3', 'no such service', raw('kudu.master.TeaService', 'MakeTea')],
  ['rpc/5', 'no message', raw(MASTER_SERVICE, 'DeleteTable', Buffer.from('ff', 'hex'))],
];

describe('definite: nothing was done', () => {
  test('rejected by the leader', async () => {
    const leading = await leader();
    const before = await list(leading);
    const met: [string, string][] = [];
    for (const [, what, provoke] of REJECTED) {
      const error = await settleOnce(provoke(leading.connection)).catch(
        (thrown: unknown) => thrown,
      );
      expect(error, what).toBeInstanceOf(DefiniteError);
      expect((error as DefiniteError).reason, what).toBe('rejected');
      met.push([(error as DefiniteError).code ?? '', what]);
    }
    expect(met).toEqual(REJECTED.map(([code, what]) => [code, what]));
    expect(await readBackThroughAnother(leading)).toEqual(before);
  }, 120_000);

  test('refused by a follower', async () => {
    const leading = await leader();
    const before = await list(leading);
    const follower = await connect(masters.find(({ name }) => name !== leading.node) as Node);
    for (const request of [
      createTable(follower, table('x')),
      renameTable(follower, 'there', 'x'),
      addColumn(follower, 'there', { ...VALUE, name: 'x' }),
      deleteTable(follower, 'there'),
    ]) {
      const error = await settleOnce<unknown>(request).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'refused', code: 'master/7 ILLEGAL_STATE' });
    }
    follower.close();
    expect(await readBackThroughAnother(leading)).toEqual(before);
  }, 120_000);

  test('every entry that claims to have been seen', () => {
    const provoked = new Set([...REJECTED.map(([code]) => code.split(' ')[0]), 'master/7']);
    const seen = MASTER_ERRORS.filter(({ source }) => source.includes('[seen]'));
    expect(
      seen
        .filter(({ layer, number }) => !provoked.has(`${layer}/${number}`))
        .map(({ name }) => name),
    ).toEqual([]);
  });
});

describe('indefinite: it may have been done', () => {
  test('an error of the layer that any application may mean: not authorized', async () => {
    const connection = await connect(masters[0] as Node, 'nobody');
    const error = await settleOnce(setFlag(connection, 'v', '0')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(IndefiniteError);
    expect((error as IndefiniteError).code).toBe('rpc/1');
    connection.close();
  });

  test('no answer: the leader was paused, and does it when it goes on', async () => {
    const leading = await leader();
    await cluster.node(leading.node).pause();
    const request = createTable(leading.connection, table('unanswered'), { timeoutMs: 300 });
    const error = await settleOnce(request).catch((thrown: unknown) => thrown);
    await cluster.node(leading.node).resume();
    expect(error).toMatchObject({ name: 'IndefiniteError', code: 'TIMED_OUT' });
    await vi.waitUntil(async () =>
      ((await list(await leader())) as string[]).includes('unanswered'),
    );
    expect(await readBackThroughAnother(await leader())).toContain('unanswered');
  }, 60_000);

  test('the connection is lost: the leader dies with the answer', async () => {
    const leading = await leader();
    const request = settleOnce(renameTable(leading.connection, 'there', 'renamed'));
    const outcome = request.catch((thrown: unknown) => thrown);
    leading.connection.close();
    expect(await outcome).toMatchObject({ name: 'IndefiniteError', code: 'CONNECTION_LOST' });
    await clock.sleep(100e6);
    await cluster.node(leading.node).kill();
    const survivor = await leader();
    expect(survivor.node).not.toBe(leading.node);
    expect(await list(survivor)).toContain('renamed');
    await cluster.node(leading.node).start();
  }, 60_000);

  test('a leader that is deposed while it writes: it may yet be done', async () => {
    const leading = await leader();
    const others = await cutOff(leading);
    const request = settleOnce(
      createTable(leading.connection, table('cut'), { timeoutMs: 60_000 }),
    );
    const outcome = request.catch((thrown: unknown) => thrown);
    await vi.waitUntil(async () => others.includes((await leader()).node), { timeout: 30_000 });
    await cluster.network.heal('deposed');
    const error = await outcome;
    expect(error).toBeInstanceOf(IndefiniteError);
    expect((error as IndefiniteError).code).toBe('master/7 SERVICE_UNAVAILABLE');
    // Nobody else had it, so that it is undone here; one of two others that had it would have done it.
    expect(await list(await leader())).not.toContain('cut');
  }, 120_000);
});

test('what a resent request is answered tells nothing of the first attempt', async () => {
  const { connection } = await leader();
  await deleteTable(connection, 'renamed');
  const again = await deleteTable(connection, 'renamed').catch((thrown: unknown) => thrown);
  expect(again).toBeInstanceOf(KuduError);
  expect((again as KuduError).code).toBe('master/3 NOT_FOUND');
  await expect(isAlterTableDone(connection, 'renamed')).rejects.toMatchObject({ number: 3 });
});

test('a deposed leader, which has no lease, shows what was, and calls done what it never heard of', async () => {
  const before = await leader();
  await createTable(before.connection, table('old'));
  await vi.waitUntil(() => isCreateTableDone(before.connection, 'old'), { timeout: 20_000 });
  const others = await cutOff(before);
  const after = await vi.waitUntil(
    async () => {
      const found = await leader();
      return others.includes(found.node) ? found : null;
    },
    { timeout: 30_000 },
  );
  await addColumn(after.connection, 'old', { ...VALUE, name: 'more' });
  await vi.waitUntil(async () => (await tableColumns(after.connection, 'old')).includes('more'));
  await renameTable(after.connection, 'old', 'new');
  expect((await connectToMaster(before.connection)).role).toBe('leader');
  const shown = (await listTables(before.connection)).map(({ name }) => name);
  expect(shown).toContain('old');
  expect(shown).not.toContain('new');
  expect(await isAlterTableDone(before.connection, 'old')).toBe(true);
  expect(await tableColumns(before.connection, 'old')).not.toContain('more');
  await cluster.network.heal('deposed');
  await vi.waitUntil(async () => (await connectToMaster(before.connection)).role !== 'leader', {
    timeout: 30_000,
  });
  expect(await list(await leader())).toEqual(expect.arrayContaining(['new', 'new.more']));
}, 120_000);

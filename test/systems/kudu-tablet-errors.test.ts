/**
 * Kudu's tablet servers reject, refuse and fall silent: errors of the table are provoked, each by a write to a key of its
 * own, and what the write did is read back from another replica.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectKrpc, type KrpcConnection } from '../../clusters/kudu/krpc/connection.ts';
import { KuduError, serverError } from '../../clusters/kudu/krpc/kudu-error.ts';
import {
  createTable,
  isCreateTableDone,
  MASTER_PORT,
  tableLocations,
  type TabletLocation,
} from '../../clusters/kudu/master/requests.ts';
import type { Column } from '../../clusters/kudu/master/table-schema.ts';
import { isMaster } from '../../clusters/kudu/node-plan.ts';
import { findLeader } from '../../clusters/kudu/servers.ts';
import { REGISTERS, ROW_COLUMNS } from '../../clusters/kudu/tables.ts';
import { readOutcome, writeOutcome } from '../../clusters/kudu/tablet/errors.ts';
import {
  scan,
  type ScanOptions,
  TABLET_SERVER_PORT,
  writeRow,
} from '../../clusters/kudu/tablet/requests.ts';
import type { RowOperation } from '../../clusters/kudu/tablet/rows.ts';
import { bytesField, message, varintField } from '../../clusters/wire/protobuf.ts';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { Node } from '../../harness/testbed.ts';
import type { LiveCluster } from '../live/live-cluster.ts';
import { bringUpKudu } from './kudu-cluster.ts';

const SERVICE = 'kudu.tserver.TabletServerService';
const HASHED = 'hashed';
const [KEY, VALUE] = ROW_COLUMNS as readonly [Column, Column];
const clock = realClock();
const signal = new AbortController().signal;
let running: LiveCluster;
let tablet: string;
let leader: KrpcConnection;
/** Its two followers. */
let follower: KrpcConnection;
let other: KrpcConnection;
let followers: readonly Node[];

beforeAll(async () => {
  running = await bringUpKudu('kudu-tablet-errors', '1.18.1');
  await look();
}, 600_000);

afterAll(async () => {
  expect(await running.testbed.down()).toEqual([]);
});

/** Who leads the tablet of the registers now. */
async function look(): Promise<void> {
  const location = (await locations(REGISTERS))[0]!;
  tablet = location.tablet;
  const node = (host: string): Node =>
    running.cluster.nodes.find(({ address }) => address === host)!;
  const leading = location.replicas.find((replica) => replica.leader)!;
  followers = location.replicas.filter((each) => each !== leading).map(({ host }) => node(host));
  leader = await connect(node(leading.host), TABLET_SERVER_PORT);
  follower = await connect(followers[0]!, TABLET_SERVER_PORT);
  other = await connect(followers[1]!, TABLET_SERVER_PORT);
}

async function locations(table: string): Promise<readonly TabletLocation[]> {
  const name = await findLeader(running.cluster, signal);
  const master = await connect(running.cluster.node(name!), MASTER_PORT);
  if (table === HASHED) {
    const partitioning = { hashBy: 'key', buckets: 2 };
    await createTable(master, { name: table, columns: ROW_COLUMNS, replicas: 3, partitioning });
    while (!(await isCreateTableDone(master, table))) await clock.sleep(50 * MILLISECOND);
  }
  const found = await tableLocations(master, table);
  master.close();
  return found;
}

function connect(node: Node, port: number): Promise<KrpcConnection> {
  return connectKrpc({ address: node.address, port }, clock, signal);
}

function write(
  row: RowOperation,
  to: KrpcConnection = leader,
  columns: readonly Column[] = ROW_COLUMNS,
): Promise<unknown> {
  return writeRow(to, tablet, columns, row, { timeoutMs: 2000 });
}

function upsert(key: number, value = 1): RowOperation {
  return { kind: 'upsert', cells: [key, value] };
}

/** The value of a key at a follower; a moment later than all that was acknowledged before. */
async function readBack(key: number, from: KrpcConnection = other): Promise<number | null> {
  const { rows } = await scanAtSnapshot(from, tablet, key);
  return rows[0]?.[1] ?? null;
}

/** From a replica; one that has not heard of its leader yet has no time to read at, and is asked again until it has. */
function scanAtSnapshot(from: KrpcConnection, of: string, key: number): ReturnType<typeof scan> {
  return vi.waitUntil(
    () =>
      scan(from, of, ROW_COLUMNS, { mode: 'at-snapshot', key }).catch((error: unknown) => {
        if (String(error).includes('clean time has not yet been initialized')) return null;
        throw error;
      }),
    { timeout: 10_000 },
  );
}

async function errorOf(work: Promise<unknown>): Promise<KuduError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KuduError);
  return error as KuduError;
}

/** The first of the keys 0, 1, 2 … that is refused. */
async function firstRefused(
  attempt: (key: number) => Promise<unknown>,
  key = 0,
): Promise<{ readonly key: number; readonly error: KuduError }> {
  const error = await attempt(key).then(
    () => null,
    (thrown: unknown) => thrown as KuduError,
  );
  return error === null ? firstRefused(attempt, key + 1) : { key, error };
}

const raw = (service: string, method: string, body = Buffer.alloc(0)): Promise<unknown> =>
  leader.call({ service, method, body });

/** Code, what is done, and the key that it is done to. */
type Provocation = readonly [
  code: string,
  reason: DefiniteError['reason'],
  what: string,
  key: number,
  provoke: (key: number) => Promise<unknown>,
];

const PROVOCATIONS: readonly Provocation[] = [
  [
    'row/1 NOT_FOUND',
    'rejected',
    'update of a key that is not there',
    1,
    (key) => write({ kind: 'update', cells: [key, 1] }),
  ],
  [
    'row/1 NOT_FOUND',
    'rejected',
    'delete of a key that is not there',
    2,
    (key) => write({ kind: 'delete', cells: [key] }),
  ],
  [
    'row/4 INVALID_ARGUMENT',
    'rejected',
    'delete with a value',
    3,
    (key) => write({ kind: 'delete', cells: [key, 1] }),
  ],
  [
    'row/4 INVALID_ARGUMENT',
    'rejected',
    'a row without a key',
    0,
    () => write({ kind: 'upsert', cells: [undefined, 1] }),
  ],
  ['tserver/1 ILLEGAL_STATE', 'refused', 'a follower', 4, (key) => write(upsert(key), follower)],
  [
    'tserver/5 INVALID_ARGUMENT',
    'rejected',
    'a column that the tablet does not have',
    5,
    (key) => write(upsert(key), leader, [KEY, { ...VALUE, name: 'other' }]),
  ],
  [
    'tserver/5 INVALID_ARGUMENT',
    'rejected',
    'a column of another type',
    6,
    (key) => write(upsert(key), leader, [KEY, { ...VALUE, type: 'int64' }]),
  ],
  [
    'tserver/5 CORRUPTION',
    'rejected',
    'a row that is cut short',
    7,
    () => write({ kind: 'upsert', cells: [null, 1] }),
  ],
  [
    'tserver/6 NOT_FOUND',
    'refused',
    'a tablet that is not there',
    8,
    (key) => writeRow(leader, 'f'.repeat(32), ROW_COLUMNS, upsert(key)),
  ],
  ['rpc/2', 'rejected', 'an unknown method', 9, () => raw(SERVICE, 'Nope')],
  ['rpc/3', 'rejected', 'an unknown service', 10, () => raw('kudu.Nope', 'Write')],
  ['rpc/5', 'rejected', 'no message of the method', 11, () => raw(SERVICE, 'Write')],
];

describe('a write that is refused or rejected', () => {
  test.each(PROVOCATIONS)('%s, %s: %s', async (code, reason, _what, key, provoke) => {
    const error = await errorOf(provoke(key));
    expect(error.code).toBe(code);
    expect(writeOutcome(error)).toMatchObject({ name: 'DefiniteError', reason });
    expect(await readBack(key)).toBeNull();
  });

  test('row/6 ALREADY_PRESENT: the first insert stays', async () => {
    await write({ kind: 'insert', cells: [20, 1] });
    const error = await errorOf(write({ kind: 'insert', cells: [20, 2] }));
    expect(error.code).toBe('row/6 ALREADY_PRESENT');
    expect(writeOutcome(error)).toBeInstanceOf(DefiniteError);
    expect(await readBack(20)).toBe(1);
  });

  test('Row not in tablet partition: the row is in neither tablet', async () => {
    const [first, second] = await locations(HASHED);
    const host = first!.replicas.find((replica) => replica.leader)!.host;
    const to = await connectKrpc({ address: host, port: TABLET_SERVER_PORT }, clock, signal);
    const { key, error } = await firstRefused((key) =>
      writeRow(to, first!.tablet, ROW_COLUMNS, upsert(key)),
    );
    expect(error.code).toBe('tserver/1 NOT_FOUND');
    expect(writeOutcome(error)).toMatchObject({ reason: 'rejected' });
    for (const { tablet: of, replicas } of [first!, second!]) {
      const address = replicas.find((replica) => !replica.leader)!.host;
      const from = await connectKrpc({ address, port: TABLET_SERVER_PORT }, clock, signal);
      const { rows } = await scanAtSnapshot(from, of, key);
      expect(rows).toEqual([]);
      from.close();
    }
    to.close();
  });
});

describe('a read that is not served', () => {
  const read = (options: ScanOptions): Promise<unknown> =>
    scan(leader, tablet, ROW_COLUMNS, { ...options, timeoutMs: 2000 });
  test('tserver/13: a snapshot that is too old, or in the future', async () => {
    for (const snapshot of [1n, 1n << 63n]) {
      const error = await errorOf(read({ mode: 'at-snapshot', snapshot }));
      expect(error.number).toBe(13);
      expect(readOutcome(error)).toMatchObject({ reason: 'rejected' });
    }
  });

  test('tserver/7: a scanner that is not there', async () => {
    const body = message(bytesField(1, 'x'.repeat(32)), varintField(3, 1));
    const answer = await leader.call({ service: SERVICE, method: 'Scan', body });
    const error = serverError('tserver', answer.body.message(1)!);
    expect(error.code).toBe('tserver/7 NOT_FOUND');
    expect(readOutcome(error)).toMatchObject({ reason: 'rejected' });
  });
});

describe('a write without an answer', () => {
  test('TIMED_OUT while both followers are stopped: done when they go on', async () => {
    await Promise.all(followers.map((node) => node.pause()));
    const error: unknown = await write(upsert(30, 7)).catch((thrown: unknown) => thrown);
    await Promise.all(followers.map((node) => node.resume()));
    expect(error).toBeInstanceOf(IndefiniteError);
    expect((error as IndefiniteError).code).toBe('TIMED_OUT');
    await expect.poll(() => readBack(30).catch(() => null), { timeout: 20_000 }).toBe(7);
  }, 60_000);

  test('CONNECTION_LOST by a kill of the leader: outcome unknown, all replicas agree on it', async () => {
    await look();
    const node = running.cluster.nodes.find(
      (each) => !isMaster(each) && !followers.some(({ name }) => name === each.name),
    )!;
    const work = write(upsert(31, 8)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    await node.kill();
    const error = await work;
    if (error !== null) expect((error as IndefiniteError).code).toBe('CONNECTION_LOST');
    await node.start();
    await clock.sleep(5 * SECOND);
    const back = await connect(node, TABLET_SERVER_PORT);
    const values = await Promise.all([follower, other, back].map((from) => readBack(31, from)));
    expect(new Set(values).size).toBe(1);
    if (error === null) expect(values[0]).toBe(8);
  }, 60_000);
});

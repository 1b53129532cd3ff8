/** The Kudu client, observers and questions, against three real masters and three tablet servers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectKrpc } from '../../clusters/kudu/krpc/connection.ts';
import type { RequestId } from '../../clusters/kudu/krpc/frames.ts';
import { tableLocations } from '../../clusters/kudu/master/requests.ts';
import { findLeader, tabletServerObserver, withServer } from '../../clusters/kudu/servers.ts';
import { kudu } from '../../clusters/kudu/system.ts';
import { ELEMENTS, ROW_COLUMNS } from '../../clusters/kudu/tables.ts';
import { TABLET_SERVER_PORT, writeRow } from '../../clusters/kudu/tablet/requests.ts';
import { DefiniteError, type Client } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { bringUpKudu } from '../systems/kudu-cluster.ts';
import type { LiveCluster } from './live-cluster.ts';

const forever = new AbortController().signal;
const clients: Client[] = [];
let running: LiveCluster;

beforeAll(async () => {
  running = await bringUpKudu('kudu-live', '1.18.1');
}, 600_000);

afterAll(async () => {
  for (const client of clients) await client.close();
  expect(await running.testbed.down()).toEqual([]);
});

async function connect(node: string, workload: string): Promise<Client> {
  const client = kudu.client(running.cluster, workload);
  await client.open(node, forever);
  clients.push(client);
  return client;
}

/** The second of what was answered: `{value, …}`. */
async function ask(client: Client, f: string, value: Value): Promise<Record<string, Value>> {
  const answer = (await client.invoke({ f, value })) as readonly [Value, Record<string, Value>];
  return answer[1];
}

function timestamp(told: Value | undefined): bigint {
  expect(told).toMatch(/^\d+$/);
  return BigInt(told as string);
}

test('rows are read as they were written, in every mode, with who answered', async () => {
  const [one, two] = [await connect('m1', 'register'), await connect('m2', 'register')];
  const written = await ask(one, 'write', [1, 10]);
  expect(written).toMatchObject({ value: 10, by: expect.stringMatching(/^t[123]$/) as string });
  expect(await ask(one, 'read', [1, null])).toEqual({ value: 10, by: written['by'] });
  expect(await ask(two, 'final-read', [1, null])).toMatchObject({ value: 10, by: written['by'] });
  const session = await ask(one, 'session-read', [1, null]);
  expect(session).toMatchObject({ value: 10, by: 't1' });
  expect(timestamp(session['snapshot'])).toBeGreaterThan(timestamp(written['timestamp']));

  await ask(two, 'write', [1, 11]);
  const before = await ask(one, 'snapshot-read', [1, 1]);
  expect(before).toMatchObject({ value: 10 });
  expect(await ask(two, 'snapshot-read', [1, 1])).toMatchObject(before);
  expect(await ask(two, 'snapshot-read', [1, 0])).toMatchObject({ value: 11 });
  expect(one.session?.()).not.toBe(two.session?.());
});

test('a write that is sent again under its identifier is done once, and answered alike', async () => {
  const name = await findLeader(running.cluster, forever);
  const [location] = await withServer(running.cluster.node(name!), forever, (master) =>
    tableLocations(master, ELEMENTS),
  );
  const { tablet, replicas } = location!;
  const leader = replicas.find((replica) => replica.leader)!;
  const options = { address: leader.host, port: TABLET_SERVER_PORT };
  const connection = await connectKrpc(options, realClock(), forever);
  const insert = (key: number, requestId?: RequestId): Promise<bigint> =>
    writeRow(
      connection,
      tablet,
      ROW_COLUMNS,
      { kind: 'insert', cells: [key, 1] },
      requestId === undefined ? {} : { requestId },
    );
  const id = { client: 'live', sequence: 1, firstIncomplete: 1, attempt: 1 };
  const first = await insert(1001, id);
  expect(await insert(1001, { ...id, attempt: 2 })).toBe(first);
  await insert(1002);
  await expect(insert(1002)).rejects.toMatchObject({ code: 'row/6 ALREADY_PRESENT' });
  connection.close();
});

test('a set holds what was added, once', async () => {
  const client = await connect('m3', 'set');
  expect(await client.invoke({ f: 'add', value: 1 })).toBe(1);
  expect(await client.invoke({ f: 'add-once', value: 2 })).toBe(2);
  await expect(client.invoke({ f: 'add-once', value: 2 })).rejects.toBeInstanceOf(DefiniteError);
  expect(await client.invoke({ f: 'final-read', value: null })).toEqual(
    expect.arrayContaining([1, 2]),
  );
});

test('masters tell who leads, and the leader which tablet servers there are', async () => {
  const leader = await findLeader(running.cluster, forever);
  const events: RunEvent[] = [];
  const observers = [...kudu.observers, tabletServerObserver()];
  for (const node of [...running.cluster.nodes].reverse()) {
    for (const observer of observers.filter((each) => each.polls?.(node.name) ?? true)) {
      await observer.poll(node, realClock(), (event) => events.push(event), forever);
    }
  }
  const leaders = events.flatMap((event) => (event.type === 'leader-seen' ? [event.node] : []));
  expect(leaders).toEqual([leader]);
  const workers = events.flatMap((event) => (event.type === 'worker-state' ? [event] : []));
  expect(workers.map(({ worker }) => worker).sort()).toEqual(['t1', 't2', 't3']);
  for (const { registered, entries, declared, shown } of workers) {
    expect([registered, entries]).toEqual([true, 1]);
    expect(shown).toEqual(declared);
  }
  expect(await kudu.probes['registered']!(running.cluster, undefined, forever)).toBe(true);
  expect(await kudu.probes['leading']!(running.cluster, leader!, forever)).toBe(true);
});

/** The join-protocol node over real corosync: three nodes form a ring, one that comes back is in, a stopped one stays. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { statusOf } from '../../clusters/corosync/client/connection.ts';
import { ERRORS } from '../../clusters/corosync/client/errors.ts';
import type { Status } from '../../clusters/corosync/join/protocol.ts';
import { sheepdogJoin } from '../../clusters/corosync/system.ts';
import { nodeNames } from '../../clusters/test-spec.ts';
import type { Client } from '../../harness/client.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Cluster, Testbed } from '../../harness/testbed.ts';
import { liveCluster } from './live-cluster.ts';

const options: SystemOptions = { version: 'with-quorum', nodes: nodeNames(3), extra: {} };
const forever = new AbortController().signal;
let testbed: Testbed;
let cluster: Cluster;

beforeAll(async () => {
  ({ cluster, testbed } = await liveCluster(sheepdogJoin, options, 'corosync-live'));
  for (const node of options.nodes) await until(node, ({ view }) => view !== null);
}, 600_000);

afterAll(async () => {
  expect(await testbed.down()).toEqual([]);
});

async function until(node: string, is: (status: Status) => boolean): Promise<Status> {
  return vi.waitUntil<Status | null>(
    async () => {
      try {
        const status = await statusOf(cluster.node(node), AbortSignal.timeout(1000));
        return is(status) ? status : null;
      } catch {
        return null; // not yet: it is asked again
      }
    },
    { timeout: 30_000, interval: 30 },
  );
}

async function client(node: string, signal = forever): Promise<Client> {
  const made = sheepdogJoin.client(cluster, 'join');
  await made.open(node, signal);
  return made;
}

async function failureOf(work: Promise<unknown>): Promise<{ name: string; code: unknown }> {
  try {
    await work;
  } catch (error) {
    const { name, code } = error as Error & { code?: unknown };
    return { name, code };
  }
  throw new Error('it did not fail');
}

test('all are in one epoch, over one ring; notes come back; who is killed is out, and in again', async () => {
  const views = await Promise.all(
    options.nodes.map((node) => until(node, ({ view }) => view?.epoch === 3)),
  );
  expect(new Set(views.map(({ view }) => JSON.stringify(view))).size).toBe(1);
  expect(new Set(views.map(({ ring }) => JSON.stringify(ring))).size).toBe(1);

  const n2 = await client('n2');
  expect(await n2.invoke({ f: 'note', value: 1 })).toBe(1);
  await cluster.node('n3').kill();
  await until('n2', ({ view }) => view?.members.join() === 'n1,n2');
  expect(await failureOf(client('n3'))).toEqual({ name: 'DefiniteError', code: 'ECONNREFUSED' });

  await cluster.node('n1').pause();
  await cluster.node('n3').start();
  await until('n3', ({ view }) => view?.members.join() === 'n1,n2,n3');
  await cluster.node('n1').resume();
  const n1 = await client('n1');
  expect(await n1.invoke({ f: 'note', value: 2 })).toBe(2);
  await Promise.all([n1.close(), n2.close()]);
});

test('each error is provoked, and what became of the note is looked at', async () => {
  const seen = new Set<unknown>();
  const see = async (work: Promise<unknown>): Promise<string> => {
    const { name, code } = await failureOf(work);
    seen.add(code);
    return `${name} ${String(code)}`;
  };
  const n3 = await client('n3');
  await cluster.node('n3').pause();
  const lost = see(n3.invoke({ f: 'note', value: 3 }));
  await cluster.node('n3').kill();
  expect(await lost).toBe('IndefiniteError ECONNRESET');
  expect(await see(client('n3'))).toBe('DefiniteError ECONNREFUSED');

  // n1 alone is in, and stopped: its client gives up, and a joiner is not in.
  await cluster.node('n2').kill();
  await until('n1', ({ view }) => view?.members.join() === 'n1');
  const deadline = new AbortController();
  const n1 = await client('n1', deadline.signal);
  await cluster.node('n1').pause();
  const late = see(n1.invoke({ f: 'note', value: 4 }));
  deadline.abort(new Error('deadline'));
  expect(await late).toBe('IndefiniteError ECONNABORTED');
  await cluster.node('n2').start();
  await until('n2', ({ joined, waiting }) => !joined && waiting.includes('join of n2'));
  const n2 = await client('n2');
  expect(await see(n2.invoke({ f: 'note', value: 5 }))).toBe('DefiniteError NOT_IN');
  await cluster.node('n1').resume();
  await until('n2', ({ joined }) => joined);
  await n2.close();

  // Not here: EHOSTUNREACH, which takes the kernel a minute to tell of a host that is lost.
  const others = Object.keys(ERRORS).filter((code) => code !== 'EHOSTUNREACH');
  expect([...seen].sort()).toEqual(others.sort());
});

/** The etcd client, observers and questions, against three real members. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeNames } from '../../clusters/test-spec.ts';
import { etcd } from '../../clusters/etcd/system.ts';
import type { Client } from '../../harness/client.ts';
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { liveCluster, type LiveCluster } from './live-cluster.ts';

const options: SystemOptions = {
  version: '3.5.16',
  nodes: nodeNames(3),
  extra: { guardKeys: '300' },
};
const forever = new AbortController().signal;
const clients: Client[] = [];
let running: LiveCluster;
let cluster: Cluster;

beforeAll(async () => {
  running = await liveCluster(etcd, options, 'etcd-live');
  ({ cluster } = running);
}, 600_000);

afterAll(async () => {
  for (const client of clients) await client.close();
  expect(await running.testbed.down()).toEqual([]);
});

async function connect(node: string, workload: string): Promise<Client> {
  const client = etcd.client(cluster, workload);
  await client.open(node, forever);
  clients.push(client);
  return client;
}

test.each(['register', 'guarded-register'])(
  '%s: read, write, compare-and-set',
  async (workload) => {
    const one = await connect('n1', workload);
    const two = await connect('n2', workload);
    const key = workload;
    const answer = async (client: Client, f: string, value: Value): Promise<Value> => {
      const result = (await client.invoke({ f, value: [key, value] })) as readonly Value[];
      expect(result[0]).toBe(key);
      return result[1] ?? null;
    };
    expect(await answer(one, 'read', null)).toEqual({ value: null, version: 0 });
    expect(await answer(one, 'cas', [1, 2])).toEqual({ swapped: false });
    const written = (await answer(one, 'write', 1)) as { version: number };
    expect(await answer(two, 'read', null)).toEqual({ value: 1, version: written.version });
    expect(await answer(two, 'cas', [1, 2])).toEqual({
      swapped: true,
      version: written.version + 1,
    });
    expect(await answer(one, 'cas', [1, 3])).toEqual({ swapped: false });
    expect(await answer(one, 'read', null)).toEqual({ value: 2, version: written.version + 1 });
    expect(one.session?.()).not.toBe(two.session?.());
  },
);

test('guarded-set: what is added on one member is read on another, and members converge', async () => {
  const one = await connect('n1', 'guarded-set');
  const states: Value[] = [];
  for (const element of [0, 1, 2]) await one.invoke({ f: 'add', value: element });
  for (const node of options.nodes) {
    const client = await connect(node, 'guarded-set');
    expect(await client.invoke({ f: 'read', value: null })).toEqual([0, 1, 2]);
    states.push(await client.invoke({ f: 'final-state', value: null }));
  }
  expect(states[0]).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(states[1]).toEqual(states[0]);
  expect(states[2]).toEqual(states[0]);
});

test('the leader that is found is the one that the observer sees; a killed leader is replaced', async () => {
  const leader = await etcd.leader(cluster, AbortSignal.timeout(5000));
  expect(options.nodes).toContain(leader);
  const seen: RunEvent[] = [];
  const clock = { now: () => 0 } as never;
  for (const node of cluster.nodes) {
    await etcd.observers[0]?.poll(node, clock, (event) => seen.push(event), forever);
  }
  expect(seen.filter(({ type }) => type === 'leader-seen')).toMatchObject([{ node: leader }]);
  expect(seen.filter(({ type }) => type === 'role-seen')).toHaveLength(3);
  const probe = (name: string, node: string | null): Promise<boolean> | undefined =>
    etcd.probes[name]?.(cluster, node ?? 'none', AbortSignal.timeout(5000));
  const follower = options.nodes.find((node) => node !== leader) ?? null;
  expect(await probe('leading', leader)).toBe(true);
  expect(await probe('leading', follower)).toBe(false);
  expect([await probe('serving', leader), await probe('serving', follower)]).toEqual([true, true]);
  const client = await connect(leader ?? 'none', 'register');
  await cluster.node(leader ?? 'none').kill();
  const lost = client.invoke({ f: 'write', value: ['killed', 1] });
  await expect(lost).rejects.toMatchObject({ name: /^(Indefinite|Definite)Error$/ });
  expect(await probe('serving', leader)).toBe(false);
  const next = (): Promise<string | null> => etcd.leader(cluster, AbortSignal.timeout(1000));
  await expect.poll(next, { timeout: 30_000 }).not.toBe(null);
  expect(await next()).not.toBe(leader);
  const refused = etcd.client(cluster, 'register');
  await expect(refused.open(leader ?? 'none', forever)).rejects.toMatchObject({
    reason: 'refused',
  });
  await cluster.node(leader ?? 'none').start();
  await running.serving(cluster.node(leader ?? 'none'));
});

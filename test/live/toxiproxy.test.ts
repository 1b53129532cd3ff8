/** Toxics on real etcd members whose dials go through the real Toxiproxy: what each does to the system, and its heal. */
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { groundFor } from '../../cli/testbeds.ts';
import { withGateway } from '../../clusters/etcd/members.ts';
import { putKey } from '../../clusters/etcd/client/key-value.ts';
import { etcd } from '../../clusters/etcd/system.ts';
import { nodeNames } from '../../clusters/test-spec.ts';
import type { Clock } from '../../harness/clock.ts';
import type { RunEvent } from '../../harness/event.ts';
import { Feed } from '../../harness/feed.ts';
import { FaultLanes } from '../../harness/lanes.ts';
import type { FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Cluster, Testbed } from '../../harness/testbed.ts';
import { listLeftovers } from '../../harness/testbeds/docker/leftovers.ts';
import { sidecarName } from '../../harness/testbeds/docker/proxies/sidecar.ts';
import {
  type ToxicForm,
  ToxiproxyServer,
} from '../../harness/testbeds/docker/proxies/toxiproxy.ts';
import { FAULTS } from '../../nemesis/registry.ts';
import { toxics } from '../../nemesis/toxics.ts';
import { step } from '../fakes/fake-run.ts';
import { docker } from './docker-cluster.ts';

const VERSION = '3.5.16';
const RUN = `toxiproxy-live-${process.pid}`;
const options: SystemOptions = {
  version: VERSION,
  nodes: nodeNames(3),
  needs: ['proxies'],
  extra: {},
};
const forever = new AbortController().signal;
const events: RunEvent[] = [];
const feed = new Feed();
let clock: Clock;
let testbed: Testbed;
let cluster: Cluster;

beforeAll(async () => {
  const ground = await groundFor(etcd, 'docker', 1n);
  ({ testbed, clock } = ground);
  cluster = await testbed.up(
    {
      runId: RUN,
      nodes: options.nodes,
      directory: null,
      seed: 1n,
      image: etcd.image(VERSION),
      needs: ['proxies'],
      peerPorts: [etcd.peerPort],
      ...(etcd.peerRequest === undefined ? {} : { peerRequest: etcd.peerRequest }),
      node: (node, addresses) => etcd.node(options, node, addresses),
    },
    { clock, events: tell, say: () => undefined, signal: forever },
  );
  await serving();
}, 600_000);

afterAll(async () => {
  expect(await testbed.down()).toEqual([]);
  expect((await listLeftovers(docker)).filter(({ run }) => run === RUN)).toEqual([]);
});

function tell(event: RunEvent): void {
  events.push(event);
  feed.publishEvent(event);
}

async function serving(): Promise<void> {
  for (const node of cluster.nodes) {
    const ready = (): Promise<boolean> =>
      etcd.ready(node, AbortSignal.timeout(1000)).catch(() => false);
    await vi.waitUntil(ready, { timeout: 30_000, interval: 50 });
  }
}

function leader(): Promise<string> {
  const ask = (): Promise<string | null> => etcd.leader(cluster, AbortSignal.timeout(2000));
  return vi.waitUntil(ask, { timeout: 15_000, interval: 50 });
}

/** Median time of puts at a node, in milliseconds. */
async function putMs(node: string): Promise<number> {
  const times: number[] = [];
  await withGateway(cluster.node(node).address, forever, async (gateway) => {
    for (let count = 0; count < 7; count++) {
      const began = clock.now();
      await putKey(gateway, 'x', String(count));
      times.push((clock.now() - began) / MILLISECOND);
    }
  });
  return times.sort((a, b) => a - b)[3] ?? NaN;
}

/** Runs one step, with something done while it is seen in effect. */
async function during(
  one: Partial<FaultStep>,
  doing: () => Promise<void>,
): Promise<readonly FaultRecord[]> {
  const records: FaultRecord[] = [];
  const lanes = new FaultLanes({
    ...{ clock, cluster, feed, faults: FAULTS, probes: {}, peerPort: etcd.peerPort },
    random: seededRandom(1n),
    events: tell,
    record: (record) => void records.push(record),
    leader: () => etcd.leader(cluster, AbortSignal.timeout(2000)),
  });
  lanes.enqueue(step({ id: 'it', trigger: { at: 0 }, heal: { end: true }, ...one }));
  const seen = (): boolean =>
    records.some(({ state }) => ['verified', 'failed', 'skipped'].includes(state));
  await vi.waitUntil(seen, { timeout: 15_000, interval: 5 });
  const verified = records.find(({ state }) => state === 'verified');
  if (verified !== undefined) await doing();
  await lanes.end();
  const took = records.map((record) =>
    'tookNanos' in record ? `${record.state} ${((record.tookNanos ?? 0) / 1e6).toFixed(1)} ms` : '',
  );
  process.stdout.write(`${one.kind ?? ''}: ${took.filter(Boolean).join(', ')}\n`);
  expect(
    records.map(({ state }) => state),
    JSON.stringify(records),
  ).toEqual(['intended', 'armed', 'fired', 'verified', 'healing', 'healed']);
  return records;
}

test('latency on what the leader sends slows its writes, on what it receives too, on neither nothing', async () => {
  const before = await leader();
  const others = options.nodes.filter((node) => node !== before);
  expect(await putMs(before)).toBeLessThan(60);
  const parameters = { latencyMs: 150 };
  const slow = { kind: 'toxic-latency', selector: [before], parameters };
  await during({ ...slow, parameters: { ...parameters, direction: 'out' } }, async () => {
    const ms = await putMs(before);
    expect(ms).toBeGreaterThan(145);
    expect(ms).toBeLessThan(290);
  });
  await during({ ...slow, parameters: { ...parameters, direction: 'in' } }, async () => {
    const ms = await putMs(before);
    expect(ms).toBeGreaterThan(145);
    expect(ms).toBeLessThan(290);
  });
  const between = `${others[0] ?? ''}->${others[1] ?? ''}`;
  await during({ ...slow, parameters: { ...parameters, links: [between] } }, async () => {
    expect(await putMs(before)).toBeLessThan(60);
  });
  expect(await putMs(before)).toBeLessThan(60);
  const told = events.filter(({ type }) => type === 'link-degraded' || type === 'link-restored');
  expect(told.length).toBeGreaterThan(0);
});

test('swallowed data from the leader makes the others choose another', async () => {
  const before = await leader();
  await during(
    { kind: 'toxic-timeout', selector: [before], parameters: { direction: 'out' } },
    async () => {
      await vi.waitUntil(async () => (await leader()) !== before, {
        timeout: 15_000,
      });
    },
  );
  await serving();
});

describe('every toxic takes effect, is seen twice over, and heals', () => {
  it.each(toxics.map(({ kind }) => kind))('%s', async (kind) => {
    const records = await during({ kind, selector: ['n2'] }, () => Promise.resolve());
    const verified = records.find(({ state }) => state === 'verified');
    const seen = verified?.state === 'verified' ? (verified.observations ?? []) : [];
    expect(
      new Set(seen.filter(({ confirms }) => confirms).map(({ means }) => means)).size,
    ).toBeGreaterThanOrEqual(2);
    await serving();
  });
});

test('a node that is lost and comes back under a toxic has it again', async () => {
  const [from = '', to = ''] = options.nodes;
  const links = [`${from}->${to}`];
  await during({ kind: 'toxic-latency', parameters: { links, latencyMs: 300 } }, async () => {
    await cluster.node(from).crash();
    await cluster.node(from).start();
    await serving();
    const state = await serverOf(from).proxies();
    expect(state.get(`${from}-${to}-2380`)?.toxics).toHaveLength(1);
  });
});

test('a server that hangs is given up and begun again, its toxics gone', async () => {
  const slow = { kind: 'toxic-latency', selector: ['n2'], parameters: { latencyMs: 200 } };
  const records = await during(slow, async () => {
    const { State: state } = await docker.getContainer(sidecarName(RUN, 'n2')).inspect();
    process.kill(state.Pid, 'SIGSTOP');
  });
  const healed = records.find(({ state }) => state === 'healed');
  expect(healed && 'tookNanos' in healed ? healed.tookNanos : null).toBeLessThan(2 * SECOND);
  for (const { toxics: left, enabled } of (await serverOf('n2').proxies()).values()) {
    expect({ left, enabled }).toEqual({ left: [], enabled: true });
  }
  await serving();
  await during(slow, () => Promise.resolve());
});

test('the server’s own words and status, and changes that are made whole or not at all', async () => {
  const server = serverOf('n1');
  expect(await server.version()).toMatch(/^2\.12\.0|git$/);
  const proxy = { name: 'own', listen: '127.0.0.1:19999', upstream: '127.0.0.1:1' };
  const toxic: ToxicForm = {
    name: 'slow',
    type: 'latency',
    stream: 'upstream',
    toxicity: 1,
    attributes: { latency: 10, jitter: 0 },
  };
  await server.addProxy(proxy, [toxic]);
  expect((await server.proxies()).get('own')).toMatchObject({ enabled: true, toxics: [toxic] });
  const conflict = { problem: 'conflict', status: 409 };
  await expect(server.addProxy(proxy)).rejects.toMatchObject({
    ...conflict,
    words: 'proxy already exists',
  });
  await expect(server.addToxic('own', toxic)).rejects.toMatchObject({
    ...conflict,
    words: 'toxic already exists',
  });
  await expect(server.addToxic('none', toxic)).rejects.toMatchObject({
    ...{ problem: 'not-found', status: 404, words: 'proxy not found' },
  });
  const wrong = { ...toxic, name: 'wrong', type: 'nonsense' };
  await expect(server.addToxic('own', wrong)).rejects.toMatchObject({
    ...{ problem: 'bad-request', status: 400, words: 'invalid toxic type' },
  });
  const half = [
    { change: 'add-toxic', proxy: 'own', toxic: { ...toxic, name: 'right' } },
    { change: 'add-toxic', proxy: 'own', toxic: wrong },
  ] as const;
  await expect(server.changeAll(half)).rejects.toMatchObject({ status: 400 });
  expect((await server.proxies()).get('own')?.toxics).toEqual([toxic]);
  const broken = { ...proxy, name: 'broken', listen: '127.0.0.1:19998' };
  await expect(server.addProxy(broken, [wrong])).rejects.toMatchObject({ status: 400 });
  expect((await server.proxies()).has('broken')).toBe(false);
  const nobody = new ToxiproxyServer({
    ...{ url: 'http://127.0.0.1:9', clock, journal: () => undefined },
  });
  await expect(nobody.version()).rejects.toMatchObject({ problem: 'unreachable', status: null });
});

function serverOf(node: string): ToxiproxyServer {
  const url = `http://${cluster.node(node).address}:8474`;
  return new ToxiproxyServer({ url, clock, journal: () => undefined });
}

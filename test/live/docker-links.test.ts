/**
 * Links of the Docker testbed: cut, seen, counted, healed, on real containers.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, realClock } from '../../harness/clock.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { undoAll } from '../../harness/testbeds/docker/undo/perform.ts';
import type { Cluster, Link } from '../../harness/testbed.ts';
import { linkKey } from '../../harness/testbed.ts';
import {
  MODES,
  PORT,
  type Running,
  bringUp,
  docker,
  machine,
  measure,
  printMeasures,
  serving,
  takeDown,
  until,
} from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

afterAll(printMeasures);

describe.each(MODES)('three nodes %s', (_, hostAccess) => {
  const mode = hostAccess ? 'host' : 'engine';
  let running: Running;
  let cluster: Cluster;
  let clock: Clock;

  beforeAll(async () => {
    const image = await buildNodeImage(docker);
    const clockOfAll = realClock();
    running = await bringUp({ image, hostAccess });
    measure(`${mode} up`, clockOfAll.now());
    ({ cluster, clock } = running);
    await serving(running);
  });
  afterAll(() => takeDown(running));

  test('every node reaches every other', async () => {
    for (const from of cluster.nodes) {
      for (const to of cluster.nodes) {
        const link = { from: from.name, to: to.name };
        if (from !== to)
          expect(await cluster.network.reachable(link, PORT), linkKey(link)).toBe(true);
      }
    }
    if (hostAccess && process.getuid?.() === 0) {
      expect(running.testbed.capabilities['signals']).toBe('host pid');
    }
    if (!hostAccess) expect(running.testbed.capabilities['signals']).toBe('supervisor');
  });

  test('a cut stops both directions, is seen and counted, and heals', async () => {
    const { network } = cluster;
    const links: Link[] = [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
    ];
    const began = clock.now();
    await network.cut('a', links);
    measure(`${mode} cut`, clock.now() - began);
    expect((await network.observed()).map(linkKey).sort()).toEqual(['n1->n2', 'n2->n1']);
    expect(await network.reachable({ from: 'n1', to: 'n2' }, PORT)).toBe(false);
    expect(await network.reachable({ from: 'n2', to: 'n1' })).toBe(false);
    expect(await network.reachable({ from: 'n1', to: 'n3' }, PORT)).toBe(true);
    const dropped = await network.dropped();
    expect(dropped.get('n1->n2')).toBeGreaterThan(0);
    expect(dropped.get('n2->n1')).toBeGreaterThan(0);
    expect(dropped.get('n1->n3') ?? 0).toBe(0);
    const healing = clock.now();
    await network.heal('a');
    measure(`${mode} heal`, clock.now() - healing);
    expect(await network.observed()).toEqual([]);
    expect(await network.reachable({ from: 'n1', to: 'n2' }, PORT)).toBe(true);
    expect((await network.dropped()).get('n1->n2')).toBeGreaterThanOrEqual(
      dropped.get('n1->n2') ?? 1,
    );
    expect(running.events.slice(-2)).toMatchObject([{ type: 'link-cut' }, { type: 'link-healed' }]);
  });

  test('a one-way cut stops one direction only', async () => {
    const { network } = cluster;
    await network.cut('one-way', [{ from: 'n1', to: 'n3' }]);
    expect(await network.reachable({ from: 'n1', to: 'n3' }, PORT)).toBe(false);
    expect(await network.reachable({ from: 'n3', to: 'n1' }, PORT)).toBe(true);
    expect((await network.observed()).map(linkKey)).toEqual(['n1->n3']);
    await network.healAll();
    expect(await network.reachable({ from: 'n1', to: 'n3' }, PORT)).toBe(true);
  });

  test('overlapping cuts heal apart', async () => {
    const { network } = cluster;
    const link = { from: 'n1', to: 'n2' };
    await network.cut('a', [link]);
    await network.cut('b', [link, { from: 'n2', to: 'n3' }]);
    await network.heal('a');
    expect((await network.observed()).map(linkKey).sort()).toEqual(['n1->n2', 'n2->n3']);
    expect(await network.reachable(link)).toBe(false);
    await network.heal('b');
    expect(await network.observed()).toEqual([]);
  });

  test('a cut outlives a crash of its node', async () => {
    const { network } = cluster;
    await network.cut('a', [
      { from: 'n1', to: 'n3' },
      { from: 'n3', to: 'n1' },
    ]);
    await cluster.node('n3').crash();
    await cluster.node('n1').crash();
    await Promise.all([cluster.node('n3').start(), cluster.node('n1').start()]);
    expect((await network.observed()).map(linkKey).sort()).toEqual(['n1->n3', 'n3->n1']);
    expect(await network.reachable({ from: 'n1', to: 'n3' })).toBe(false);
    await network.healAll();
    expect(await network.reachable({ from: 'n1', to: 'n3' })).toBe(true);
  });

  test('a link is not settled while a connection over it backs off', async () => {
    const { network } = cluster;
    const links: Link[] = [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
    ];
    const program = [
      'use IO::Socket::INET; $| = 1; my $s = IO::Socket::INET->new(PeerAddr => shift, PeerPort => shift) or die;',
      'for (1..40) { syswrite $s, "x\\n"; select undef, undef, undef, 0.1 }',
    ].join(' ');
    const talker = machine(cluster, 'n1').exec(
      ['perl', '-e', program, cluster.node('n2').address, String(PORT)],
      { timeoutMs: 20_000 },
    );
    await clock.sleep(400 * MILLISECOND);
    expect(await network.settled(links)).toBe(true);
    await network.cut('a', links);
    await until(clock, 'the connection backs off', async () => !(await network.settled(links)));
    expect(await network.settled([{ from: 'n2', to: 'n3' }])).toBe(true);
    await network.heal('a');
    await until(clock, 'the link is settled', () => network.settled(links));
    await talker;
  });
});

test('an image without a packet filter: a container beside each node holds the rules', async () => {
  await buildNodeImage(docker);
  const image = 'debian:bookworm-slim';
  const running = await bringUp({ image, nodes: ['n1', 'n2'], hostAccess: false });
  const { network } = running.cluster;
  try {
    expect(running.testbed.capabilities['links']).toMatch(/from a container beside the node/);
    const link = { from: 'n1', to: 'n2' };
    await network.cut('a', [link]);
    expect((await network.observed()).map(linkKey)).toEqual(['n1->n2']);
    expect(await network.reachable(link, PORT)).toBe(false);
    expect((await network.dropped()).get('n1->n2')).toBeGreaterThan(0);
    await running.cluster.node('n1').crash();
    await running.cluster.node('n1').start();
    expect(await network.reachable(link)).toBe(false);
    const undo = network.packets?.undo([link]) ?? [];
    await undoAll(undo, { runId: running.runId, docker });
    expect(await network.observed()).toEqual([]);
    expect(await network.reachable(link)).toBe(true);
    await network.healAll();
    expect(await network.reachable(link, PORT)).toBe(true);
  } finally {
    await takeDown(running);
  }
});

test('a cut of a node that is not there names those that are', async () => {
  const running = await bringUp({ image: await buildNodeImage(docker), nodes: ['n1', 'n2'] });
  try {
    const cut = running.cluster.network.cut('a', [{ from: 'n1', to: 'n7' }]);
    await expect(cut).rejects.toThrow('no node n7; expected one of n1, n2');
    expect(() => running.cluster.node('n7')).toThrow('no node n7; expected one of n1, n2');
  } finally {
    await takeDown(running);
  }
});

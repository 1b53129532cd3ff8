/** Faults of links on real containers, each by what it does to those who use the links. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Feed } from '../../harness/feed.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { LinkRule, PacketRules } from '../../harness/packet-rules.ts';
import { hostChainOf } from '../../harness/testbeds/docker/host-chain.ts';
import { undoAll } from '../../harness/testbeds/docker/undo/perform.ts';
import { type Cluster, linkKey } from '../../harness/testbed.ts';
import { networkPackage } from '../../nemesis/network-package.ts';
import { step } from '../fakes/fake-run.ts';
import {
  PORT,
  type Running,
  bringUp,
  dial,
  docker,
  machine,
  measure,
  printMeasures,
  serving,
  takeDown,
  until,
} from './docker-cluster.ts';
import { expectWholeLife, feedOf, runSteps, type FaultRun } from './fault-run.ts';
import { buildNodeImage } from './node-image.ts';

let running: Running;
let packets: PacketRules;
let feed: Feed;
/** ECONNABORTED: the connection was ended at this end, by its kernel. */
const ABORTED = 'send: Software caused connection abort';

beforeAll(async () => {
  running = await bringUp({ image: await buildNodeImage(docker) });
  const { packets: rules } = running.cluster.network;
  if (rules === undefined) throw new Error('expected a network with rules');
  packets = rules;
  feed = feedOf(running);
  await serving(running);
});
afterAll(async () => {
  await takeDown(running);
  printMeasures();
});

/** Sends each text over one connection after another pause, and tells what came back: `n2 a`, `silence`, an error. */
const TALK = `
use strict; use IO::Socket::INET; $SIG{PIPE} = 'IGNORE';
my ($address, $port, $ms, $pause, @texts) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port, Timeout => 1) or do { print "dial: $!"; exit };
for my $text (@texts) {
  syswrite $s, "$text\\n" or do { print "send: $!\\n"; exit };
  my $r = ''; vec($r, fileno $s, 1) = 1;
  if (!select($r, undef, undef, $ms / 1000)) { print "silence\\n" }
  elsif (!defined(my $n = sysread $s, my $line, 4096)) { print "read: $!\\n"; exit }
  else { print $n ? $line : "closed\\n" }
  select undef, undef, undef, $pause / 1000;
}`;

async function talk(
  from: string,
  to: string,
  texts: readonly string[],
  { waitMs = 500, pauseMs = 0 } = {},
): Promise<readonly string[]> {
  const { address } = running.cluster.node(to);
  const argv = ['perl', '-e', TALK, address, String(PORT), String(waitMs), String(pauseMs)];
  const { stdout } = await machine(running.cluster, from).exec([...argv, ...texts]);
  return stdout.trim().split('\n');
}

/** A connection from here over which something is asked all the time. */
async function chat(node: string): Promise<{ answers: () => number; end: () => void }> {
  const socket = connect(PORT, running.cluster.node(node).address);
  await once(socket, 'connect');
  let answers = 0;
  socket.on('data', () => answers++).on('error', () => socket.destroy());
  const asking = setInterval(() => socket.write('hello\n'), 20);
  const end = (): void => {
    clearInterval(asking);
    socket.destroy();
  };
  return { answers: () => answers, end };
}

async function during<T>(rules: readonly LinkRule[], look: () => Promise<T>): Promise<T> {
  await packets.put('it', rules);
  try {
    return await look();
  } finally {
    await running.cluster.network.heal('it');
  }
}

function cluster(): Cluster {
  return running.cluster;
}

function run(steps: readonly FaultStep[]): Promise<FaultRun> {
  return runSteps(running, feed, steps, 'n2');
}

describe('every kind of the package is verified by two means and heals', () => {
  const SOON = { trigger: { at: 200 * MILLISECOND }, heal: { after: 300 * MILLISECOND } } as const;
  const parameters: Readonly<Record<string, FaultStep['parameters']>> = {
    'partition-explicit': { groups: [['n1'], ['n2', 'n3']] },
    'drop-call': { holds: 'named', from: 'n1', to: 'n2' },
  };
  const selectors: Readonly<Record<string, FaultStep['selector']>> = {
    'connection-kill': ['n1'],
  };
  it.each(
    networkPackage.kinds.map(
      ({ kind, selectors: [first = 'one'] }) => [kind, selectors[kind] ?? first] as const,
    ),
  )('%s of %s', async (kind, selector) => {
    const written = parameters[kind];
    const more = written === undefined ? {} : { parameters: written };
    const isCall = kind === 'drop-call';
    const later = isCall ? { heal: { after: SECOND } } : {};
    // A client that has a connection, and uses it.
    const chatting = await chat('n1');
    const ended = run([step({ id: 'it', kind, selector, ...SOON, ...more, ...later })]);
    if (isCall) {
      const isThere = async (): Promise<boolean> => (await packets.inForce()).length > 0;
      await until(running.clock, 'the rule is there', isThere);
      expect(await talk('n1', 'n2', ['named'], { waitMs: 100 })).toEqual(['silence']);
    }
    // A live connection, to be ended.
    const live = kind === 'connection-kill' ? talk('n1', 'n2', ['a', 'b'], { pauseMs: 700 }) : null;
    const whole = await ended;
    if (live !== null) expect(await live).toEqual(['n2 a', ABORTED]);
    chatting.end();
    expectWholeLife(whole);
  });

  it('a named call that never came was not dropped: the record says so', async () => {
    const parameter = { parameters: { holds: 'never said', from: 'n1', to: 'n2' } };
    const { records } = await run([step({ id: 'it', kind: 'drop-call', ...SOON, ...parameter })]);
    const healing = records.find((record) => record.state === 'healing');
    expect(healing?.state === 'healing' ? healing.reason : '').toMatch(/no longer in effect/);
  });
});

test('one way for connections: new ones meet silence one way, live ones go on', async () => {
  const live = talk('n1', 'n2', ['a', 'b', 'c'], { pauseMs: 300 });
  await running.clock.sleep(100 * MILLISECOND);
  await during([{ from: 'n1', to: 'n2', only: { dials: true } }], async () => {
    expect(await dial(running.cluster, 'n1', 'n2')).toBe('timeout');
    expect(await dial(running.cluster, 'n2', 'n1')).toBe('open');
    expect(await live).toEqual(['n2 a', 'n2 b', 'n2 c']);
  });
  expect(await dial(running.cluster, 'n1', 'n2')).toBe('open');
});

test('refused: a dial at once, a live connection reset; unreachable is told too', async () => {
  const both = (action: 'reset' | 'unreachable'): readonly LinkRule[] => [
    { from: 'n1', to: 'n2', action },
    { from: 'n2', to: 'n1', action },
  ];
  const live = talk('n1', 'n2', ['a', 'b'], { pauseMs: 300 });
  await running.clock.sleep(150 * MILLISECOND);
  await during(both('reset'), async () => {
    expect(await dial(running.cluster, 'n1', 'n2')).toBe('Connection refused');
    expect(await live).toEqual(['n2 a', 'read: Connection reset by peer']);
  });
  await during(both('unreachable'), async () => {
    expect(await dial(running.cluster, 'n2', 'n1')).toBe('No route to host');
    expect(running.events.at(-1)).toMatchObject({ type: 'link-cut' });
  });
});

test('one port only: others are open', async () => {
  await during([{ from: 'n1', to: 'n2', only: { port: PORT } }], async () => {
    expect(await packets.dial({ from: 'n1', to: 'n2' }, PORT)).toBe('silence');
    expect(await packets.dial({ from: 'n1', to: 'n2' }, PORT + 1)).toBe('refused');
    expect(running.events.at(-1)).toMatchObject({ type: 'link-degraded' });
    expect(await running.cluster.network.observed()).toEqual([]);
  });
  expect(running.events.at(-1)).toMatchObject({ type: 'link-restored' });
});

test('the clients are cut off, the nodes are not', async () => {
  const rules = [
    { from: '@clients', to: 'n1' },
    { from: 'n1', to: '@clients' },
  ];
  await during(rules, async () => {
    expect(await packets.dial({ from: '@clients', to: 'n1' }, PORT)).toBe('silence');
    expect(await packets.dial({ from: '@clients', to: 'n2' }, PORT)).toBe('open');
    expect(await dial(running.cluster, 'n2', 'n1')).toBe('open');
    expect(await running.cluster.node('n1').alive()).toBe('running');
  });
  expect(await packets.dial({ from: '@clients', to: 'n1' }, PORT)).toBe('open');
});

test('half of the clients fall silent and go on when it heals, the others and new ones are served', async () => {
  const { clock } = running;
  const clients = await Promise.all(['n1', 'n1', 'n2', 'n2'].map(chat));
  const served = async (): Promise<number> => {
    const before = clients.map(({ answers }) => answers());
    await clock.sleep(300 * MILLISECOND);
    return clients.filter(({ answers }, index) => answers() > (before[index] ?? 0)).length;
  };
  expect(await served()).toBe(4);
  const heal = { after: 1500 * MILLISECOND };
  const kind = 'partition-some-clients';
  const ended = run([step({ id: 'it', kind, selector: 'all', trigger: { at: 0 }, heal })]);
  await until(clock, 'it is verified', async () => (await packets.inForce()).length === 4);
  await clock.sleep(50 * MILLISECOND);
  expect(await served()).toBe(2);
  expect(await packets.dial({ from: '@clients', to: 'n1' }, PORT)).toBe('open');
  expect((await ended).outcome).toMatchObject({ verified: ['it'], notHealed: [] });
  await clock.sleep(SECOND);
  expect(await served()).toBe(4);
  clients.forEach(({ end }) => end());
});

describe('a named call', () => {
  test('is dropped by its bytes, the next connection passes; it arrives when healed', async () => {
    const rule = { from: 'n1', to: 'n2', only: { holds: 'na\\x6ded', port: PORT } } as const;
    await packets.put('it', [rule]);
    const named = talk('n1', 'n2', ['named'], { waitMs: 3000 });
    await running.clock.sleep(100 * MILLISECOND);
    expect(await talk('n1', 'n2', ['other'])).toEqual(['n2 other']);
    expect(await talk('n1', 'n3', ['named'])).toEqual(['n3 named']);
    // Whoever dialled: the echo is data from n1 to n2.
    expect(await talk('n2', 'n1', ['named'], { waitMs: 200 })).toEqual(['silence']);
    const [there] = await packets.inForce();
    expect(there?.packets).toBeGreaterThanOrEqual(1);
    await running.cluster.network.heal('it');
    expect(await named).toEqual(['n2 named']);
  });

  test('is dropped by its length', async () => {
    await during([{ from: 'n1', to: 'n2', only: { length: [10, 12] } }], async () => {
      expect(await talk('n1', 'n2', ['12345678'])).toEqual(['n2 12345678']);
      expect(await talk('n1', 'n2', ['123456789'], { waitMs: 300 })).toEqual(['silence']);
      expect(await talk('n1', 'n2', ['12345678901'], { waitMs: 300 })).toEqual(['silence']);
      expect(await talk('n1', 'n2', ['123456789012'])).toEqual(['n2 123456789012']);
    });
  });

  test('is dropped once: sent again, it arrives', async () => {
    await during([{ from: 'n1', to: 'n2', only: { holds: 'once', atMost: 1 } }], async () => {
      const began = running.clock.now();
      expect(await talk('n1', 'n2', ['once'], { waitMs: 3000 })).toEqual(['n2 once']);
      expect(running.clock.now() - began).toBeGreaterThan(150 * MILLISECOND);
      const [there] = await packets.inForce();
      expect(there?.packets).toBe(1);
    });
  });

  test('is lost with its connection when that is reset', async () => {
    const rule = { from: 'n1', to: 'n2', only: { holds: 'lost' }, action: 'reset' } as const;
    await during([rule], async () => {
      expect(await talk('n1', 'n2', ['fine', 'lost'])).toEqual([
        'n2 fine',
        'read: Connection reset by peer',
      ]);
    });
  });
});

test('a call on the wire is seen in a few milliseconds, once, whoever dialled', async () => {
  const { network } = running.cluster;
  const { clock } = running;
  const asked: number[] = [];
  const answered: number[] = [];
  const watches = [
    network.watchCalls?.({ to: 'n1', port: PORT, holds: 'ping' }, (at) => void asked.push(at)),
    network.watchCalls?.({ from: 'n1', holds: 'n1 ping' }, (at) => void answered.push(at)),
  ];
  await clock.sleep(600 * MILLISECOND);
  const socket = connect(PORT, cluster().node('n1').address);
  await once(socket, 'connect');
  for (let i = 0; i < 20; i++) {
    const began = clock.now();
    socket.write('ping\n');
    await once(socket, 'data');
    await until(clock, 'it is seen', () => asked.length === i + 1 && answered.length === i + 1);
    measure('call seen', (asked[i] ?? Infinity) - began);
    expect((asked[i] ?? Infinity) - began).toBeLessThan(250 * MILLISECOND);
  }
  // What is lost and sent again is one call.
  await during(
    [{ from: 'n1', to: '@clients', only: { holds: 'n1 ping', atMost: 1 } }],
    async () => {
      socket.write('ping\n');
      await once(socket, 'data');
    },
  );
  await clock.sleep(100 * MILLISECOND);
  expect([asked.length, answered.length]).toEqual([21, 21]);
  watches.forEach((watch) => watch?.[Symbol.dispose]());
  socket.write('ping\n');
  await once(socket, 'data');
  await clock.sleep(100 * MILLISECOND);
  expect(asked).toHaveLength(21);
  socket.destroy();
});

test('the host is left as it was: rules of others stay, the chain goes with the last rule', async () => {
  if (!/host/.test(running.testbed.capabilities['links'] ?? '')) {
    return void process.stdout.write('skipped: no rules of the host here\n');
  }
  const hostChain = hostChainOf(running.runId);
  const foreign = ['-s', '192.0.2.77', '-j', 'RETURN'];
  const saved = async (): Promise<string> => (await execa('iptables', ['-w', '-S'])).stdout;
  await execa('iptables', ['-w', '-I', 'FORWARD', ...foreign]);
  try {
    await cluster().network.cut('it', [{ from: 'n1', to: 'n2' }]);
    expect(await saved()).toContain(`-A ${hostChain} -s `);
    const undo = packets.undo([{ from: 'n1', to: 'n2' }]);
    expect(undo).toEqual([{ act: 'clear-host-chain', chain: hostChain }]);
    // The guardian heals while the harness hangs; what the harness does next holds all the same.
    await undoAll(undo, { runId: running.runId, docker });
    await undoAll(undo, { runId: running.runId, docker });
    expect(await saved()).not.toContain(hostChain);
    expect(await dial(cluster(), 'n1', 'n2')).toBe('open');
    await cluster().network.cut('more', [{ from: 'n1', to: 'n3' }]);
    expect((await cluster().network.observed()).map(linkKey)).toEqual(['n1->n2', 'n1->n3']);
    expect(await dial(cluster(), 'n1', 'n3')).toBe('timeout');
    await cluster().network.healAll();
    expect(await saved()).not.toContain(hostChain);
    expect(await saved()).toContain('-A FORWARD -s 192.0.2.77/32 -j RETURN');
  } finally {
    await execa('iptables', ['-w', '-D', 'FORWARD', ...foreign]);
  }
});

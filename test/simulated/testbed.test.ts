import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { CLIENTS } from '../../harness/testbeds/simulated/message-network.ts';
import { type Arrival, withEchoCluster } from './echo-model.ts';

const NODES = ['n1', 'n2', 'n3'];
const seeds = fc.integer({ min: 0, max: 1_000_000 });
const links = fc
  .tuple(fc.constantFrom(...NODES), fc.constantFrom(...NODES))
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => ({ from, to }));

it('delivers every message once, in order on its link, after its latency', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(links, { maxLength: 40 }), async (seed, route) => {
      await withEchoCluster(seed, async ({ clock, arrivals, ask }) => {
        for (const [index, { from, to }] of route.entries()) {
          await ask(from, { do: 'relay', to, text: String(index) });
        }
        await clock.sleep(SECOND);
        expect(arrivals.length).toBe(route.length);
        for (const { from, to } of arrivals) {
          const texts = arrivals.filter((one) => one.from === from && one.to === to);
          const numbers = texts.map(({ text }) => Number(text));
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        for (const { sentAt, arrivedAt } of arrivals) {
          expect(arrivedAt - sentAt).toBeGreaterThanOrEqual(0.2 * MILLISECOND);
          expect(arrivedAt - sentAt).toBeLessThanOrEqual(40 * MILLISECOND);
        }
      });
    }),
    { numRuns: 30 },
  );
});

it('equal seeds: equal arrivals to the nanosecond; different seeds: different ones', async () => {
  const relay = async (seed: number): Promise<readonly Arrival[]> => {
    const result: Arrival[] = [];
    await withEchoCluster(seed, async ({ clock, arrivals, ask }) => {
      for (let index = 0; index < 20; index++) {
        const { signal } = new AbortController();
        void ask('n1', { do: 'relay', to: 'n2', text: String(index) }, signal);
      }
      await clock.sleep(SECOND);
      result.push(...arrivals);
    });
    return result;
  };
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const first = await relay(seed);
      expect(first.length).toBe(20);
      expect(await relay(seed)).toEqual(first);
      expect(await relay(seed + 1)).not.toEqual(first);
    }),
    { numRuns: 20 },
  );
});

it('cuts exactly the links named, in their direction, until every key that holds them is healed', async () => {
  await fc.assert(
    fc.asyncProperty(
      seeds,
      fc.uniqueArray(links, { selector: ({ from, to }) => from + to }),
      fc.uniqueArray(links, { selector: ({ from, to }) => from + to }),
      async (seed, first, second) => {
        await withEchoCluster(seed, async ({ clock, cluster, arrivals, ask }) => {
          const { network } = cluster;
          const passing = async (): Promise<string[]> => {
            arrivals.length = 0;
            for (const from of NODES) {
              for (const to of NODES) {
                if (from !== to) await ask(from, { do: 'relay', to, text: '' });
              }
            }
            await clock.sleep(100 * MILLISECOND);
            return arrivals.map(({ from, to }) => `${from}->${to}`).sort();
          };
          const expected = (cut: readonly { from: string; to: string }[]): string[] =>
            NODES.flatMap((from) => NODES.map((to) => ({ from, to })))
              .filter(({ from, to }) => from !== to)
              .filter((link) => !cut.some((c) => c.from === link.from && c.to === link.to))
              .map(({ from, to }) => `${from}->${to}`)
              .sort();
          await network.cut('first', first);
          await network.cut('second', second);
          expect(await passing()).toEqual(expected([...first, ...second]));
          await network.heal('first');
          expect(await passing()).toEqual(expected(second));
          expect(await network.observed()).toEqual(second);
          expect(await network.settled(second)).toBe(second.length === 0);
          await network.healAll();
          expect(await passing()).toEqual(expected([]));
          expect(await network.observed()).toEqual([]);
        });
      },
    ),
    { numRuns: 30 },
  );
});

it('counts what cuts dropped, loses what is under way, and tells of each change once', async () => {
  await withEchoCluster(1, async ({ clock, cluster, events, arrivals, ask }) => {
    const link = { from: 'n1', to: 'n2' };
    await ask('n1', { do: 'relay', to: 'n2', text: 'arrives' });
    await clock.sleep(100 * MILLISECOND);
    await cluster.network.cut('a', [link]);
    await cluster.network.cut('b', [link]);
    await ask('n1', { do: 'relay', to: 'n2', text: 'lost' });
    expect(await cluster.network.reachable(link)).toBe(false);
    expect(await cluster.network.reachable({ from: 'n2', to: 'n1' })).toBe(true);
    expect(await cluster.network.dropped()).toEqual(new Map([['n1->n2', 2]]));
    await cluster.network.heal('a');
    const healedAt = clock.now();
    await cluster.network.heal('b');
    await clock.sleep(100 * MILLISECOND);
    expect(arrivals.map(({ text }) => text)).toEqual(['arrives']);
    const changes = events.filter(({ type }) => type.startsWith('link-'));
    expect(changes.map(({ type }) => type)).toEqual(['link-cut', 'link-healed']);
    expect(changes[1]).toEqual({
      type: 'link-healed',
      links: [link],
      notBefore: healedAt,
      notAfter: healedAt,
    });
  });
});

it('refuses a cut of unknown nodes and a key that is in use', async () => {
  await withEchoCluster(1, async ({ cluster }) => {
    const { network } = cluster;
    await expect(network.cut('a', [{ from: 'n1', to: 'n4' }])).rejects.toThrow('unknown node "n4"');
    await network.cut('a', []);
    await expect(network.cut('a', [])).rejects.toThrow('in effect already');
    expect(() => cluster.node('n9')).toThrow('unknown node "n9"');
  });
});

it('kill: requests under way are indefinite, connections refused, what was volatile gone, the disk kept', async () => {
  await withEchoCluster(1, async ({ clock, node, ask, events }) => {
    await ask('n1', { do: 'remember', text: 'x' });
    const signal = new AbortController().signal;
    const busy = await node('n1').connect(signal);
    const idle = await node('n1').connect(signal);
    const waiting = busy.request({ do: 'ignore' });
    await clock.sleep(100 * MILLISECOND);
    const first = node('n1').incarnation();
    await node('n1').kill();
    await expect(waiting).rejects.toThrow(IndefiniteError);
    await clock.sleep(100 * MILLISECOND);
    await expect(idle.request({ do: 'recall' })).rejects.toThrow(DefiniteError);
    await expect(node('n1').connect(signal)).rejects.toMatchObject({ reason: 'refused' });
    expect([await node('n1').alive(), node('n1').incarnation()]).toEqual(['dead', null]);
    await node('n1').start();
    expect(node('n1').incarnation()).not.toBe(first);
    expect(await ask('n1', { do: 'recall' })).toMatchObject({ volatile: '', durable: 'x' });
    expect(events.map(({ type }) => type).slice(3)).toEqual(['node-down', 'node-up']);
    expect(events[3]).toMatchObject({ cause: 'killed', expected: true });
  });
});

it('a request on its way to a server that is killed and started again is not done by the new one', async () => {
  await withEchoCluster(1, async ({ node, ask }) => {
    const connection = await node('n1').connect(new AbortController().signal);
    const request = connection.request({ do: 'remember', text: 'x' });
    await node('n1').kill();
    await node('n1').start();
    await expect(request).rejects.toThrow(IndefiniteError);
    expect(await ask('n1', { do: 'recall' })).toMatchObject({ durable: '' });
  });
});

it('crash: silence until the signal, the disk kept', async () => {
  await withEchoCluster(1, async ({ clock, node, ask, events }) => {
    await ask('n1', { do: 'remember', text: 'x' });
    const connection = await node('n1').connect(new AbortController().signal);
    const outcomes: string[] = [];
    await node('n1').crash();
    connection.request({ do: 'recall' }).catch(() => void outcomes.push('request'));
    const giveUp = new AbortController();
    const opening = node('n1').connect(giveUp.signal);
    opening.catch(() => void outcomes.push('connect'));
    await clock.sleep(60 * SECOND);
    expect(outcomes).toEqual([]);
    giveUp.abort(new Error('deadline'));
    await expect(opening).rejects.toThrow(IndefiniteError);
    expect(await node('n1').alive()).toBe('gone');
    await node('n1').start();
    expect(await ask('n1', { do: 'recall' })).toMatchObject({ volatile: '', durable: 'x' });
    expect(events.slice(3)).toMatchObject([
      { type: 'node-down', cause: 'crashed' },
      { type: 'node-up' },
    ]);
  });
});

it('pause: requests, messages and timers wait, in order, and nothing is lost', async () => {
  await withEchoCluster(1, async ({ clock, node, ask, arrivals }) => {
    await node('n2').pause();
    const texts = ['a', 'b', 'c'];
    for (const text of texts) await ask('n1', { do: 'relay', to: 'n2', text });
    const asked = ask('n2', { do: 'recall' });
    const ticksBefore = (await ask('n1', { do: 'recall' })) as { ticks: number };
    await clock.sleep(SECOND);
    expect([arrivals.length, await node('n2').alive()]).toEqual([0, 'paused']);
    await node('n2').resume();
    expect(arrivals.map(({ text }) => text)).toEqual(texts);
    const recalled = (await asked) as { ticks: number };
    expect(recalled.ticks).toBeLessThanOrEqual(ticksBefore.ticks + 1);
  });
});

it('a handler that throws is a death that nobody expected', async () => {
  await withEchoCluster(1, async ({ ask, node, events, said }) => {
    await expect(ask('n1', { do: 'panic' })).rejects.toThrow(IndefiniteError);
    expect(await node('n1').alive()).toBe('dead');
    expect(events.at(-1)).toMatchObject({ type: 'node-down', cause: 'exited', expected: false });
    expect(said.join()).toContain('asked to panic');
  });
});

it('clients are cut off only when asked for by name', async () => {
  await withEchoCluster(1, async ({ clock, cluster, ask }) => {
    const all = NODES.flatMap((from) => NODES.map((to) => ({ from, to })));
    await cluster.network.cut('nodes', all);
    expect(await ask('n1', { do: 'echo', text: 'hello' })).toBe('hello');
    await cluster.network.cut('clients', [{ from: CLIENTS, to: 'n1' }]);
    const giveUp = new AbortController();
    clock.at(clock.now() + SECOND, () => giveUp.abort(new Error('deadline')));
    await expect(ask('n1', { do: 'echo', text: 'hello' }, giveUp.signal)).rejects.toThrow(
      'gave up',
    );
  });
});

import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { realClock } from '../../../clock.ts';
import { DIAL_SCRIPT, describeDial, parseDial, type ProxiedDial } from './proxied-dial.ts';
import { installProxyRules, parseProxied, proxyPlans } from './proxy-rules.ts';
import { judgeDial, toxicForm } from './toxic-judgement.ts';
import { type ProxyChange, reverse, ToxiproxyServer } from './toxiproxy.ts';

const addresses = new Map([
  ['n1', '10.0.0.11'],
  ['n2', '10.0.0.12'],
  ['n3', '10.0.0.13'],
]);

describe('rules that bring dials to proxies', () => {
  const plans = proxyPlans('n2', addresses, [2888, 3888]);

  test('every port of every other node has a proxy of its own', () => {
    expect(plans.map(({ name, listenPort }) => `${name} ${listenPort}`)).toEqual([
      ...['n2-n1-2888 18001', 'n2-n1-3888 18002', 'n2-n3-2888 18003', 'n2-n3-3888 18004'],
    ]);
  });

  test('the proxies’ own dials pass, and the chain comes before Docker’s', () => {
    const lines = installProxyRules(plans).split('\n');
    expect(lines[2]).toBe('-A FAULTLINE-PROXY -m owner --uid-owner 7474 -j RETURN');
    expect(lines[3]).toBe(
      '-A FAULTLINE-PROXY -d 10.0.0.11/32 -p tcp -m tcp --dport 2888 -j DNAT --to-destination 127.0.0.1:18001',
    );
    expect(lines).toContain('-I OUTPUT 1 -j FAULTLINE-PROXY');
  });

  test('what was brought to each is read back', () => {
    const saved =
      '[3:180] -A FAULTLINE-PROXY -d 10.0.0.11/32 -p tcp -m tcp --dport 2888 -j DNAT --to-destination 127.0.0.1:18001\n[9:1] -A DOCKER_OUTPUT -j DNAT --to-destination 127.0.0.11:53\n';
    expect([...parseProxied(saved)]).toEqual([[18001, 3]]);
  });
});

describe('what a dial through a toxic shows', () => {
  const usual: ProxiedDial = { end: 'closed', firstMs: 1, bytes: 200, tookMs: 2 };
  const met = (change: Partial<ProxiedDial>): ProxiedDial => ({ ...usual, ...change });

  test.each([
    [{ type: 'down' }, met({ end: 'refused', firstMs: null, bytes: 0 })],
    [{ type: 'latency', latency: 100, jitter: 0 }, met({ firstMs: 101 })],
    [{ type: 'timeout', timeout: 0 }, met({ end: 'open', firstMs: null, bytes: 0 })],
    [{ type: 'reset_peer', timeout: 0 }, met({ end: 'reset', firstMs: null, bytes: 0 })],
    [{ type: 'bandwidth', rate: 1 }, met({ tookMs: 201 })],
    [{ type: 'slow_close', delay: 300 }, met({ tookMs: 302 })],
    [{ type: 'limit_data', bytes: 50 }, met({ bytes: 50 })],
    [{ type: 'slicer', average_size: 8, size_variation: 2, delay: 2_000 }, met({ tookMs: 45 })],
  ] as const)('%j', (toxic, now) => {
    expect(judgeDial(toxic, 'downstream', usual, now)).toBe(true);
    expect(judgeDial(toxic, 'downstream', usual, usual)).toBe(false);
  });

  test('what it cannot show it does not tell', () => {
    const silent = met({ end: 'open', firstMs: null, bytes: 0 });
    expect(judgeDial({ type: 'timeout', timeout: 0 }, 'downstream', silent, silent)).toBeNull();
    expect(judgeDial({ type: 'limit_data', bytes: 9999 }, 'downstream', usual, usual)).toBeNull();
    expect(judgeDial({ type: 'bandwidth', rate: 1 }, 'upstream', usual, usual)).toBeNull();
  });

  test('it is read as printed, and told in words', () => {
    const dial = parseDial('closed 102.9 211 103.2\n');
    expect(dial).toEqual({ end: 'closed', firstMs: 102.9, bytes: 211, tookMs: 103.2 });
    expect(describeDial(dial)).toBe('closed after 103.2 ms, 211 bytes, the first after 102.9 ms');
    expect(describeDial(parseDial('refused - 0 0.1'))).toBe('refused after 0.1 ms, no answer');
    expect(() => execFileSync('perl', ['-c', '-e', DIAL_SCRIPT], { stdio: 'pipe' })).not.toThrow();
  });
});

test('changes are taken back by their opposites', () => {
  const toxic = toxicForm({ type: 'timeout', timeout: 0 }, 'upstream', 1, 'a');
  expect(toxic).toMatchObject({ name: 'fl-a-timeout-upstream', attributes: { timeout: 0 } });
  expect(reverse({ change: 'add-toxic', proxy: 'p', toxic })).toEqual([
    { change: 'remove-toxic', proxy: 'p', toxic: toxic.name },
  ]);
  expect(reverse({ change: 'disable', proxy: 'p' })).toEqual([{ change: 'enable', proxy: 'p' }]);
});

describe('a server that answers badly', () => {
  const open: Server[] = [];
  afterEach(() => open.splice(0).forEach((server) => server.close()));

  /** @param body null: it never answers */
  async function server(status: number, body: string | null): Promise<ToxiproxyServer> {
    const made = createServer((_, response) => {
      response.statusCode = status;
      if (body !== null) response.end(body);
    });
    open.push(made);
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
    const journal = (change: ProxyChange): never => {
      throw new Error(`nothing was changed: ${change.change}`);
    };
    return new ToxiproxyServer({
      url,
      clock: realClock(),
      journal,
      limitMs: body === null ? 50 : 5_000,
    });
  }

  test.each([
    [400, '{"error":"bad request body","status":400}', 'bad-request', 'bad request body'],
    [404, '{"error":"toxic not found","status":404}', 'not-found', 'toxic not found'],
    [409, '{"error":"toxic already exists","status":409}', 'conflict', 'toxic already exists'],
    [503, 'timeout\n', 'server', 'timeout'],
  ] as const)('%i is told with the server’s own words', async (status, body, problem, words) => {
    const disabling = (await server(status, body)).setEnabled('p', false);
    await expect(disabling).rejects.toMatchObject({ status, problem, words });
  });

  test('one that does not answer is not waited for', async () => {
    const silent = await server(200, null);
    await expect(silent.version()).rejects.toMatchObject({ status: null, problem: 'timeout' });
  });

  test('a toxic that is gone already is removed', async () => {
    const gone = await server(404, '{"error":"toxic not found","status":404}');
    await expect(gone.removeToxic('p', 't')).resolves.toBeUndefined();
  });
});

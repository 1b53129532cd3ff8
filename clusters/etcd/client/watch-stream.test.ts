import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND } from '../../../harness/operation.ts';
import { encodeBytes } from './encoding.ts';
import { listen, type WatchedChange } from './watch-stream.ts';

const CREATED = '{"result":{"header":{"revision":"4"},"created":true}}\n';
const servers: Server[] = [];
const asked: unknown[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  asked.length = 0;
});

/** What a watch is told by a server that answers so. */
async function told(
  answer: (response: ServerResponse) => void,
  from: number | null = 5,
): Promise<readonly WatchedChange[]> {
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (part: Buffer) => (body += part.toString()));
    incoming.on('end', () => {
      asked.push(JSON.parse(body));
      answer(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const watch = { address: '127.0.0.1', port, prefix: 'w/', from, duration: 200 * MILLISECOND };
  return listen(watch, realClock(), new AbortController().signal);
}

function change(revision: number, value: string | null): string {
  const kv = { key: encodeBytes('w/a'), mod_revision: String(revision) };
  const put = { kv: { ...kv, value: encodeBytes(value ?? '') } };
  const event = value === null ? { type: 'DELETE', kv } : put;
  return `${JSON.stringify({ result: { events: [event] } })}\n`;
}

test('changes in their order, whatever the pieces they come in', async () => {
  const text = `${CREATED}${change(5, '1')}${change(6, null)}`;
  const changes = await told((response) => {
    for (let at = 0; at < text.length; at += 7) response.write(text.slice(at, at + 7));
  });
  expect(changes).toEqual([
    { revision: 5, key: 'w/a', value: '1', type: 'put' },
    { revision: 6, key: 'w/a', value: '', type: 'delete' },
  ]);
  expect(asked).toMatchObject([{ create_request: { start_revision: '5' } }]);
});

test('a stream that breaks has told what it told', async () => {
  const changes = await told((response) => {
    response.write(`${CREATED}${change(5, '1')}{"resu`, () => response.destroy());
  });
  expect(changes.map(({ revision }) => revision)).toEqual([5]);
});

test('from now on: no revision is asked for', async () => {
  expect(await told((response) => response.write(CREATED), null)).toEqual([]);
  expect(JSON.stringify(asked)).not.toContain('start_revision');
});

test('a watch that was not made is an error', async () => {
  await expect(told((response) => response.destroy())).rejects.toMatchObject({
    name: 'IndefiniteError',
  });
  await expect(told((response) => response.end('no such thing\n'))).rejects.toThrow(/not JSON/);
  await expect(told(() => undefined)).rejects.toThrow(/not made in time/);
});

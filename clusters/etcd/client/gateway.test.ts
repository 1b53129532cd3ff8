import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { Gateway } from './gateway.ts';

const HOST = '127.0.0.1';
let server: Server | null = null;

async function serve(listener: RequestListener): Promise<number> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, HOST, resolve));
  return (started.address() as AddressInfo).port;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
});

test('one connection is kept, and numbers arrive as etcd wrote them', async () => {
  const sockets = new Set<Socket>();
  const port = await serve((request, response) => {
    sockets.add(request.socket);
    response.end('{"header":{"revision":"9007199254740993"}}');
  });
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  const first = await gateway.post('/v3/kv/put', { key: 'YQ==' });
  await gateway.post('/v3/kv/put', { key: 'YQ==' });
  expect(first).toEqual({ header: { revision: '9007199254740993' } });
  expect(sockets.size).toBe(1);
  expect(gateway.connections).toBe(1);
  gateway.close();
});

test('a reset of the kept connection is indefinite, sent once, and the next request has a new connection', async () => {
  let requests = 0;
  const port = await serve((request, response) => {
    requests++;
    if (requests === 2) request.socket.resetAndDestroy();
    else response.end('{}');
  });
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  await gateway.post('/v3/kv/put', {});
  await expect(gateway.post('/v3/kv/put', {})).rejects.toBeInstanceOf(IndefiniteError);
  expect(requests).toBe(2);
  await gateway.post('/v3/kv/put', {});
  expect(gateway.connections).toBe(2);
  gateway.close();
});

test('an answer cut off in its body is indefinite', async () => {
  const port = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"header":', () => request.socket.destroy());
  });
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  await expect(gateway.post('/v3/kv/put', {})).rejects.toBeInstanceOf(IndefiniteError);
  gateway.close();
});

test('nobody listens: definite, refused', async () => {
  const port = await serve(() => undefined);
  const closing = server;
  server = null;
  await new Promise((resolve) => closing?.close(resolve));
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  await expect(gateway.post('/v3/kv/put', {})).rejects.toMatchObject({ reason: 'refused' });
  gateway.close();
});

test('the signal ends a request that is never answered, and refuses later ones', async () => {
  const control = new AbortController();
  let arrived: () => void = () => undefined;
  const inServer = new Promise<void>((resolve) => (arrived = resolve));
  const port = await serve(() => arrived());
  const gateway = new Gateway(HOST, control.signal, port);
  const request = gateway.post('/v3/kv/put', {});
  const outcome = expect(request).rejects.toBeInstanceOf(IndefiniteError);
  await inServer;
  control.abort();
  await outcome;
  await expect(gateway.post('/v3/kv/put', {})).rejects.toBeInstanceOf(IndefiniteError);
  gateway.close();
});

test('errors of etcd are typed by the table', async () => {
  const answers = [
    [400, '{"error":"etcdserver: key is not provided","code":3}'],
    [503, '{"error":"etcdserver: request timed out","code":14}'],
  ] as const;
  let next = 0;
  const port = await serve((_, response) => {
    const [status, body] = answers[next++] ?? [500, ''];
    response.writeHead(status).end(body);
  });
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  await expect(gateway.post('/v3/kv/put', {})).rejects.toBeInstanceOf(DefiniteError);
  await expect(gateway.post('/v3/kv/put', {})).rejects.toMatchObject({
    name: 'IndefiniteError',
    code: '503/14',
  });
  gateway.close();
});

test('a path that the gateway does not know is a bug of ours', async () => {
  const port = await serve((_, response) => response.writeHead(404).end('Not Found\n'));
  const gateway = new Gateway(HOST, new AbortController().signal, port);
  await expect(gateway.post('/v3/nope', {})).rejects.toBeInstanceOf(TypeError);
  gateway.close();
});

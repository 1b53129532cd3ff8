import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { bytesField, message } from '../../wire/protobuf.ts';
import { GrpcChannel } from './channel.ts';
import { GrpcMessages, messageFrame } from './messages.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A channel to a server that answers every call so. */
async function serving(answer: (stream: ServerHttp2Stream) => void): Promise<GrpcChannel> {
  const server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => {}); // Ends with its client.
    answer(stream);
  });
  server.on('session', (session) => closing.push(() => session.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const channel = await GrpcChannel.open('127.0.0.1', port, new AbortController().signal);
  closing.push(
    () => channel.close(),
    () => server.close(),
  );
  return channel;
}

/** Headers, then these messages, then a status. */
function answers(status: string, text: string, ...texts: readonly string[]) {
  return (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': status, 'grpc-message': text }),
    );
    stream.end(Buffer.concat(texts.map((each) => messageFrame(message(bytesField(1, each))))));
  };
}

const failure = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

describe('calls', () => {
  it('are answered by one message, or by several', async () => {
    const one = await serving(answers('0', '', 'a'));
    expect((await one.call('s/m', Buffer.alloc(0))).text(1)).toBe('a');
    const two = await serving(answers('0', '', 'a', 'b'));
    const texts = (await two.collect('s/m', Buffer.alloc(0))).map((each) => each.text(1));
    expect(texts).toEqual(['a', 'b']);
  });

  it('that a standby or the namespace refuses had no effect', async () => {
    const standby = await serving((stream) =>
      stream.respond(
        { ':status': 200, 'grpc-status': '12', 'grpc-message': 'Method not found: s/m' },
        { endStream: true },
      ),
    );
    expect(await failure(standby.call('s/m', Buffer.alloc(0)))).toMatchObject({
      ...{ name: 'DefiniteError', reason: 'refused', code: '12' },
    });
    const there = await serving(answers('6', '/a already exists %E2%9C%93'));
    expect(await failure(there.call('s/m', Buffer.alloc(0)))).toMatchObject({
      ...{ name: 'DefiniteError', reason: 'rejected', message: '/a already exists ✓' },
    });
  });

  it('that end otherwise may have happened', async () => {
    const internal = await serving(answers('13', 'whatever'));
    expect(await failure(internal.call('s/m', Buffer.alloc(0)))).toBeInstanceOf(IndefiniteError);
    const lost = await serving((stream) => stream.session?.destroy());
    expect(await failure(lost.call('s/m', Buffer.alloc(0)))).toBeInstanceOf(IndefiniteError);
    const page = await serving((stream) => {
      stream.respond({ ':status': 404 });
      stream.end('no gRPC here, but a web server');
    });
    expect(await failure(page.call('s/m', Buffer.alloc(0)))).toBeInstanceOf(IndefiniteError);
  });

  it('on a connection that is closed are never sent', async () => {
    const channel = await serving((stream) => stream.session?.destroy());
    await failure(channel.call('s/m', Buffer.alloc(0)));
    expect(await failure(channel.call('s/m', Buffer.alloc(0)))).toMatchObject({
      ...{ name: 'DefiniteError', reason: 'refused' },
    });
  });
});

it('nobody who listens is a refusal', async () => {
  const open = GrpcChannel.open('127.0.0.1', 1, new AbortController().signal);
  expect(await failure(open)).toBeInstanceOf(DefiniteError);
});

it('messages arrive in any pieces', () => {
  const bytes = Buffer.concat([messageFrame(Buffer.from('ab')), messageFrame(Buffer.alloc(0))]);
  for (let size = 1; size <= bytes.length; size++) {
    const messages = new GrpcMessages();
    const whole: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      whole.push(...messages.push(bytes.subarray(at, at + size)).map(String));
    }
    expect(whole).toEqual(['ab', '']);
  }
  expect(() => new GrpcMessages().push(Buffer.from([1, 0, 0, 0, 0]))).toThrow(RangeError);
});

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import * as codec from './codec.ts';
import { connectThrift, type ThriftConnection } from './connection.ts';
import { AlluxioError, ApplicationError } from './errors.ts';

const forever = new AbortController().signal;
const opened: { server: Server; sockets: Socket[]; connection: ThriftConnection }[] = [];

afterEach(() => {
  for (const { server, sockets, connection } of opened.splice(0)) {
    connection.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that answers each piece of data by these bytes, or closes. */
async function connected(
  answer: readonly Buffer[] | 'close',
  framed = false,
): Promise<ThriftConnection> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', () => {
      if (answer === 'close') socket.destroy();
      else for (const bytes of answer) socket.write(bytes);
    });
    socket.on('error', () => undefined); // the test is over
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connection = await connectThrift({ address: '127.0.0.1', port, framed }, forever);
  opened.push({ server, sockets, connection });
  return connection;
}

function reply(body: Buffer, type: number = codec.MESSAGE.reply): Buffer {
  const bytes = codec.callMessage('m', 1, body);
  bytes.writeUInt8(type, 3);
  return bytes;
}

const SUCCESS = reply(codec.struct(codec.textField(0, 'yes')));

describe('calls', () => {
  it('are answered, also in pieces', async () => {
    const connection = await connected([SUCCESS.subarray(0, 9), SUCCESS.subarray(9)]);
    expect(await connection.call('S', 'm', codec.struct())).toBe('yes');
  });

  it('are answered in frames', async () => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(SUCCESS.length);
    const connection = await connected([length, SUCCESS], true);
    expect(await connection.call('S', 'm', codec.struct())).toBe('yes');
  });

  it('that declare an exception reject with its status and words', async () => {
    const exception = codec.struct(codec.textField(2, 'no such path'), codec.i32Field(4, 5));
    const connection = await connected([reply(codec.struct(codec.structField(1, exception)))]);
    const call = connection.call('S', 'm', codec.struct());
    await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND', words: 'no such path' });
    await expect(call).rejects.toBeInstanceOf(AlluxioError);
  });

  it('that Thrift cannot make reject with its own exception', async () => {
    const body = codec.struct(codec.textField(1, 'what?'), codec.i32Field(2, 1));
    const connection = await connected([reply(body, codec.MESSAGE.exception)]);
    const call = connection.call('S', 'm', codec.struct());
    await expect(call).rejects.toBeInstanceOf(ApplicationError);
  });

  it('are unknown when the connection is lost, and not sent afterwards', async () => {
    const connection = await connected('close');
    await expect(connection.call('S', 'm', codec.struct())).rejects.toBeInstanceOf(IndefiniteError);
    expect(connection.usable).toBe(false);
    await expect(connection.call('S', 'm', codec.struct())).rejects.toBeInstanceOf(DefiniteError);
  });

  it('are not made where nothing listens', async () => {
    const nobody = connectThrift({ address: '127.0.0.1', port: 1, framed: false }, forever);
    await expect(nobody).rejects.toMatchObject({ reason: 'refused', code: 'ECONNREFUSED' });
  });
});

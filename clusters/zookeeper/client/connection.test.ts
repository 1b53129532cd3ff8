import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { KeeperError } from '../errors.ts';
import { connectSession, type Connection } from './connection.ts';
import { FrameSplitter } from '../../wire/frames.ts';
import { JuteReader, JuteWriter } from './jute.ts';
import { getData, setData } from './requests.ts';

/** A server of one connection that answers as told, byte by byte of the protocol. */
class ScriptedServer {
  readonly requests: { xid: number; opcode: number }[] = [];
  private readonly server: Server;
  private socket: Socket | null = null;

  /** @param answer bytes for a request, or `drop` to close, or null for silence. */
  constructor(answer: (xid: number, opcode: number) => Buffer | 'drop' | null, timeoutMs = 10_000) {
    this.server = createServer((socket) => {
      this.socket = socket;
      const frames = new FrameSplitter();
      let connected = false;
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        for (const frame of frames.push(bytes)) {
          if (!connected) {
            connected = true;
            const password = Buffer.alloc(16);
            socket.write(
              new JuteWriter().int(0).int(timeoutMs).long(0xabcdn).buffer(password).finish(),
            );
            continue;
          }
          const reader = new JuteReader(frame);
          const [xid, opcode] = [reader.int(), reader.int()];
          this.requests.push({ xid, opcode });
          const bytes = answer(xid, opcode);
          if (bytes === 'drop') socket.destroy();
          else if (bytes !== null) socket.write(bytes);
        }
      });
    });
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.socket?.destroy();
    this.server.close();
  }
}

const reply = (xid: number, error: number): JuteWriter =>
  new JuteWriter().int(xid).long(7n).int(error);

let server: ScriptedServer | null = null;
const abort = new AbortController();

async function open(
  answer: (xid: number, opcode: number) => Buffer | 'drop' | null,
  signal: AbortSignal = abort.signal,
  timeoutMs?: number,
): Promise<Connection> {
  server = new ScriptedServer(answer, timeoutMs);
  const port = await server.listen();
  return connectSession({ address: '127.0.0.1', port }, realClock(), signal);
}

afterEach(() => {
  server?.close();
  server = null;
});

describe('connection', () => {
  it('negotiates a session and tells its id and timeout', async () => {
    const connection = await open(() => null);
    expect(connection.session).toBe('abcd');
    expect(connection.timeoutMs).toBe(10_000);
    connection.destroy();
  });

  it('gives the data of an answer', async () => {
    const connection = await open((xid) => {
      const answer = reply(xid, 0).buffer(Buffer.from('v'));
      for (let i = 0; i < 4; i++) answer.long(1n);
      return answer.int(3).int(0).int(0).long(0n).int(1).int(0).long(1n).finish();
    });
    const { data, stat } = await getData(connection, '/a');
    expect([data.toString(), stat.version]).toEqual(['v', 3]);
    connection.destroy();
  });

  it('gives the server’s error codes as KeeperError', async () => {
    const connection = await open((xid) => reply(xid, -103).finish());
    const error = await setData(connection, '/a', Buffer.alloc(0), 1).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KeeperError);
    expect((error as KeeperError).code).toBe('BADVERSION');
    connection.destroy();
  });

  it('is indefinite about a request whose connection was lost, and never sends it again', async () => {
    const connection = await open(() => 'drop');
    const error = await setData(connection, '/a', Buffer.alloc(0), -1).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(IndefiniteError);
    expect((error as IndefiniteError).code).toBe('CONNECTIONLOSS');
    expect(server?.requests).toEqual([{ xid: 1, opcode: 5 }]);
  });

  it('refuses, definitely, to send on a connection that is gone', async () => {
    const connection = await open(() => null);
    connection.destroy();
    const error = await getData(connection, '/a').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DefiniteError);
    expect((error as DefiniteError).reason).toBe('refused');
    expect(server?.requests).toEqual([]);
  });

  it('refuses when nothing listens', async () => {
    server = new ScriptedServer(() => null);
    const port = await server.listen();
    server.close();
    const error = await connectSession(
      { address: '127.0.0.1', port },
      realClock(),
      abort.signal,
    ).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DefiniteError);
    expect((error as DefiniteError).code).toBe('ECONNREFUSED');
  });

  it('refuses when the server gives no session', async () => {
    const error = await open(() => null, abort.signal, 0).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DefiniteError);
    expect((error as DefiniteError).message).toMatch(/refused the session/);
  });

  it('gives up at the signal', async () => {
    const own = new AbortController();
    const connection = await open(() => null, own.signal);
    const answer = setData(connection, '/a', Buffer.alloc(0), -1).catch((e: unknown) => e);
    own.abort();
    expect(await answer).toBeInstanceOf(IndefiniteError);
    expect(connection.usable).toBe(false);
  });

  it('ends when an answer is not to the request it waits for', async () => {
    const connection = await open((xid) => reply(xid + 1, 0).finish());
    const error = await setData(connection, '/a', Buffer.alloc(0), -1).catch((e: unknown) => e);
    expect((error as Error).message).toMatch(/answer to request 2, expected 1/);
  });

  it('pings an idle server, and gives up one that stays silent for two thirds of the timeout', async () => {
    const connection = await open(() => null, abort.signal, 900);
    const error = await getData(connection, '/a').catch((e: unknown) => e);
    expect((error as Error).message).toMatch(/two thirds of the session timeout/);
    expect(server?.requests.slice(1)).toContainEqual({ xid: -2, opcode: 11 });
  });
});

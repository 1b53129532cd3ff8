/** Bytes recorded between this client and a master of Kudu 1.18.1. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { connectKrpc, type KrpcConnection } from './connection.ts';
import { KuduError } from './kudu-error.ts';

const BEGIN = '68727063090000000000150b18dfffffffffffffffff0108080110013a020a00';
const OFFER = '0000001e0b08dfffffffffffffffff01' + '110801100122071205504c41494e3a020a00';
const WHO = '000000200b18dfffffffffffffffff0113100222071205504c41494e1a0600726f6f7400';
const WELCOME = '0000000f0b08dfffffffffffffffff01021000';
const CONTEXT = '0000000d0b18fdffffffffffffffff0100';
const LIST =
  '000000302e180132270a196b7564752e6d61737465722e4d617374657253657276696365' +
  '120a4c6973745461626c657350a01f00';
const LISTED = '00000006040801100000';

let server: Server | null = null;
let heard = '';

afterEach(() => {
  server?.close();
  server = null;
  heard = '';
});

/** Answers each of `script` in turn, when all that went before and its question has been heard. */
async function serve(
  script: readonly (readonly [question: string, answer: string])[],
): Promise<KrpcConnection> {
  let turn = 0;
  let expected = '';
  const answerWhatIsDue = (socket: Socket): void => {
    for (let next = script[turn]; next !== undefined; next = script[turn]) {
      if (heard.length < expected.length + next[0].length) return;
      expected += next[0];
      turn++;
      if (next[1] === 'close') socket.destroy();
      else socket.write(Buffer.from(next[1], 'hex'));
    }
  };
  server = createServer((socket) => {
    socket.on('data', (bytes) => {
      heard += Buffer.from(bytes).toString('hex');
      answerWhatIsDue(socket);
    });
    socket.on('error', () => undefined);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const signal = new AbortController().signal;
  return connectKrpc({ address: '127.0.0.1', port, connectMs: 500 }, realClock(), signal);
}

const NEGOTIATED = [
  [BEGIN, OFFER],
  [WHO, WELCOME],
] as const;
const CALL = { service: 'kudu.master.MasterService', method: 'ListTables' };

describe('krpc connection', () => {
  it('says on the wire what was recorded, and reads the answer', async () => {
    const connection = await serve([...NEGOTIATED, [CONTEXT + LIST, LISTED]]);
    const answer = await connection.call(CALL);
    expect(answer.body.has(1)).toBe(false);
    expect(heard).toBe(BEGIN + WHO + CONTEXT + LIST);
    connection.close();
    expect(connection.usable).toBe(false);
    await expect(connection.call(CALL)).rejects.toBeInstanceOf(DefiniteError);
  });

  it('throws the RPC layer’s errors with their code, and goes on', async () => {
    const connection = await serve([...NEGOTIATED, [CONTEXT + LIST, ERROR], [LIST, LISTED_AGAIN]]);
    const error = await connection.call(CALL).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KuduError);
    expect((error as KuduError).code).toBe('rpc/2');
    await expect(connection.call(CALL)).resolves.toBeDefined();
    connection.close();
  });

  it('does not know the outcome of a call whose connection is lost', async () => {
    const connection = await serve([...NEGOTIATED, [CONTEXT + LIST, 'close']]);
    const error = await connection.call(CALL).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IndefiniteError);
    expect((error as IndefiniteError).code).toBe('CONNECTION_LOST');
  });

  it('gives up a call after its time, and stays usable', async () => {
    const connection = await serve([...NEGOTIATED]);
    const error = await connection.call({ ...CALL, timeoutMs: 30 }).catch((e: unknown) => e);
    expect((error as IndefiniteError).code).toBe('TIMED_OUT');
    expect(connection.usable).toBe(true);
    connection.close();
  });

  it('is refused where the server does not let it in', async () => {
    await expect(serve([[BEGIN, 'close']])).rejects.toMatchObject({ reason: 'refused' });
    const gssapi = OFFER.replace('504c41494e', '474553534f');
    await expect(serve([[BEGIN, gssapi]])).rejects.toThrow(/not PLAIN/);
  });
});

/** `rpc/2 no such method`, to call 1. */
const ERROR = '0000000d0408011001070a036e6f701002';
const LISTED_AGAIN = '00000006040802100000';

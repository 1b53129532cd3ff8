/** Requests against bytes that masters of 1.9.0 to 1.18.1 have taken, answers as they gave them. */
import { describe, expect, it } from 'vitest';
import { Message } from '../../wire/protobuf.ts';
import type { KrpcCall, KrpcConnection } from '../krpc/connection.ts';
import { setFlag } from './administration.ts';
import { addColumn, createTable, dropColumn, renameTable, tableLocations } from './requests.ts';
import type { Column } from './table-schema.ts';

const KEY: Column = { name: 'key', type: 'int32', key: true, nullable: false };
const VALUE: Column = { name: 'val', type: 'int32', key: false, nullable: true };
const COLUMNS = '0a0b12036b65791805200128000a0b120376616c180520002801';

/** A connection that answers this, and what it was asked. */
function answering(hex: string): { connection: KrpcConnection; asked: () => string } {
  let body = '';
  const connection = {
    call: (call: KrpcCall) => {
      body = (call.body ?? Buffer.alloc(0)).toString('hex');
      return Promise.resolve({ body: Message.read(Buffer.from(hex, 'hex')), sidecars: [] });
    },
  };
  return { connection: connection as unknown as KrpcConnection, asked: () => body };
}

describe('requests', () => {
  it.each<[string, string, (connection: KrpcConnection) => Promise<unknown>]>([
    [
      'a table of one tablet',
      `0a0174121a${COLUMNS}20033a021200`,
      (c) => createTable(c, { name: 't', columns: [KEY, VALUE], replicas: 3 }),
    ],
    [
      'a table spread by hash',
      `0a0174121a${COLUMNS}20033a0d0a090a0512036b657910021200`,
      (c) =>
        createTable(c, {
          ...{ name: 't', columns: [KEY, VALUE], replicas: 3 },
          partitioning: { hashBy: 'key', buckets: 2 },
        }),
    ],
    [
      'a column more',
      '0a0312017412100801120c0a0a12026331180520002801',
      (c) => addColumn(c, 't', { ...VALUE, name: 'c1' }),
    ],
    ['a column less', '0a03120174120808021a040a026331', (c) => dropColumn(c, 't', 'c1')],
    ['another name', '0a031201741a0175', (c) => renameTable(c, 't', 'u')],
  ])('%s', async (_, expected, ask) => {
    const { connection, asked } = answering('');
    await ask(connection);
    expect(asked()).toBe(expected);
  });

  it('a flag, which the server may not know', async () => {
    const { connection, asked } = answering('0801');
    await setFlag(connection, 'f', 'true');
    expect(asked()).toBe('0a01661204747275651801');
    await expect(setFlag(answering('0802').connection, 'f', 'true')).rejects.toThrow(
      '--f=true: no such flag',
    );
  });
});

describe('answers', () => {
  it('an error in field 1 is thrown with its code and status', async () => {
    const error = '0a0d0803120908011205' + '6e6f207420';
    await expect(renameTable(answering(error).connection, 't', 'u')).rejects.toMatchObject({
      code: 'master/3 NOT_FOUND',
    });
  });

  it('replicas by the place of their server, or as 1.9.0 writes them out', async () => {
    const server = '0a01611206' + '0a0468302e31'; // uuid a, host h0.1, no port
    const interned = `120b0a0174${'3a06' + '08001001' + '2800'}220b${server}`;
    const [tablet] = await tableLocations(answering(interned).connection, 't');
    expect(tablet?.replicas).toEqual([{ uuid: 'a', host: 'h0.1', port: 0, leader: true }]);
    const written = `12140a0174220f0a0b${server}1001`;
    const [old] = await tableLocations(answering(written).connection, 't');
    expect(old?.replicas).toEqual([{ uuid: 'a', host: 'h0.1', port: 0, leader: true }]);
  });
});

import { describe, expect, it } from 'vitest';
import * as codec from './codec.ts';

/** An answer to a call: its name and number, and the struct of its results. */
function reply(body: Buffer, type: number = codec.MESSAGE.reply): Buffer {
  const call = codec.callMessage('Service:method', 7, body);
  const bytes = Buffer.from(call);
  bytes.writeUInt8(type, 3);
  return bytes;
}

describe('messages', () => {
  it('are written as the protocol says', () => {
    const body = codec.struct(codec.i32Field(1, 5));
    expect(codec.callMessage('S:m', 2, body).toString('hex')).toBe(
      '80010001' + '00000003' + '533a6d' + '00000002' + '08000100000005' + '00',
    );
  });

  it('are read back with all their fields', () => {
    const inner = codec.struct(codec.textField(1, 'häuser'), codec.flagField(2, true));
    const body = codec.struct(
      codec.structField(0, inner),
      codec.i64Field(3, -(2n ** 60n)),
      codec.textListField(4, ['a', 'b']),
      codec.amountsField(5, { MEM: 7n }),
      codec.emptyListsField(6, ['MEM']),
    );
    const reader = new codec.ThriftReader(reply(body));
    const message = reader.message();
    expect([message.type, message.sequence]).toEqual([codec.MESSAGE.reply, 7]);
    expect(reader.offset).toBe(reply(body).length);
    expect(message.body.struct(0)?.text(1)).toBe('häuser');
    expect(message.body.struct(0)?.flag(2)).toBe(true);
    expect(message.body.integer(3)).toBe(-(2n ** 60n));
    expect(message.body.field(4)).toEqual(['a', 'b']);
    expect(message.body.field(5)).toEqual(new Map([['MEM', 7n]]));
    expect(message.body.field(6)).toEqual(new Map([['MEM', []]]));
    expect(message.body.text(3)).toBeUndefined();
  });

  it('that end too early are incomplete, wherever they end', () => {
    const whole = reply(codec.struct(codec.textField(1, 'text'), codec.i64Field(2, 1n)));
    for (let length = 0; length < whole.length; length++) {
      const reader = new codec.ThriftReader(whole.subarray(0, length));
      expect(() => reader.message()).toThrow(codec.IncompleteError);
    }
  });

  it('of anything else are refused', () => {
    expect(() => new codec.ThriftReader(Buffer.from('HTTP/1.1 400')).message()).toThrow(
      /expected Thrift's version 1/,
    );
  });
});

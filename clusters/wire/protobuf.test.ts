import { describe, expect, it } from 'vitest';
import {
  bytesField,
  fixed64Field,
  message,
  Message,
  messageField,
  readVarint,
  varint,
  varintField,
} from './protobuf.ts';

describe('protobuf', () => {
  it('writes the examples of the encoding guide', () => {
    expect(message(varintField(1, 150)).toString('hex')).toBe('089601');
    expect(message(bytesField(2, 'testing')).toString('hex')).toBe('120774657374696e67');
    expect(messageField(3, varintField(1, 150))?.toString('hex')).toBe('1a03089601');
  });

  it('writes a negative number as ten bytes and reads it back', () => {
    const bytes = varint(-33);
    expect(bytes.toString('hex')).toBe('dfffffffffffffffff01');
    expect(readVarint(bytes, 0)).toEqual([-33n, 10]);
  });

  it('reads what it wrote, leaving out what is null', () => {
    const bytes = message(
      varintField(1, true),
      null,
      fixed64Field(2, 7353348308215967744n),
      messageField(3, bytesField(1, 'a')),
      messageField(3, bytesField(1, 'b')),
    );
    const read = Message.read(bytes);
    expect(read.number(1)).toBe(1);
    expect(read.bigint(2)).toBe(7353348308215967744n);
    expect(read.messages(3).map((each) => each.text(1))).toEqual(['a', 'b']);
    expect(read.message(3)?.text(1)).toBe('b');
    expect(read.has(4)).toBe(false);
    expect(read.text(4)).toBeUndefined();
  });

  it('reads repeated numbers, packed and not', () => {
    const packed = message(bytesField(3, Buffer.from([1, 0x96, 1])), varintField(3, 7));
    expect(Message.read(packed).numbers(3)).toEqual([1, 150, 7]);
  });

  it('refuses bytes that end too early, and fields of another type', () => {
    expect(() => Message.read(Buffer.from('120774', 'hex'))).toThrow(RangeError);
    expect(() => Message.read(Buffer.from('0896', 'hex'))).toThrow(RangeError);
    expect(() => Message.read(Buffer.from('089601', 'hex')).text(1)).toThrow(TypeError);
    expect(() => Message.read(Buffer.from('120161', 'hex')).number(2)).toThrow(TypeError);
  });
});

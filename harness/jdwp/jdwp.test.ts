import { describe, expect, test } from 'vitest';
import { type IdSizes, JdwpReader, JdwpWriter } from './bytes.ts';
import { readComposite } from './events.ts';
import { encodeCommand, HANDSHAKE, PacketReader } from './packets.ts';
import { signatureOf } from './virtual-machine.ts';

const SIZES: IdSizes = { field: 8, method: 8, object: 8, referenceType: 8, frame: 8 };
const SMALL: IdSizes = { ...SIZES, object: 4 };

describe('values', () => {
  test('come back as they were written', () => {
    const bytes = new JdwpWriter(SIZES)
      .byte(7)
      .int(-2)
      .long(-3n)
      .text('Ähm')
      .id('method', 0x1122334455667788n)
      .bytes();
    const reader = new JdwpReader(bytes, SIZES);
    expect([reader.byte(), reader.int(), reader.long(), reader.text()]).toEqual([
      7,
      -2,
      -3n,
      'Ähm',
    ]);
    expect(reader.id('method')).toBe(0x1122334455667788n);
  });

  test('ids take the bytes that the virtual machine tells', () => {
    expect(new JdwpWriter(SMALL).id('object', 0x01020304n).bytes()).toEqual(
      Buffer.from([1, 2, 3, 4]),
    );
    expect(new JdwpReader(Buffer.from([1, 2, 3, 4]), SMALL).id('object')).toBe(0x01020304n);
  });

  test('that end too early are refused', () => {
    expect(() => new JdwpReader(Buffer.from([0, 0, 0, 9, 65]), SIZES).text()).toThrow(RangeError);
  });

  test('class names become signatures', () => {
    expect(signatureOf('java.io.IOException')).toBe('Ljava/io/IOException;');
  });
});

describe('packets', () => {
  test('a command is its header and data', () => {
    const packet = encodeCommand(5, { set: 15, command: 1 }, Buffer.from([9]));
    expect([...packet]).toEqual([0, 0, 0, 12, 0, 0, 0, 5, 0, 15, 1, 9]);
  });

  test('are cut out of the stream however it arrives', () => {
    const stream = Buffer.concat([
      Buffer.from(HANDSHAKE),
      Buffer.from([0, 0, 0, 12, 0, 0, 0, 5, 0x80, 0, 20, 9]),
      encodeCommand(1, { set: 64, command: 100 }, Buffer.alloc(3)),
    ]);
    const reader = new PacketReader();
    const packets = [...stream].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(packets).toEqual([
      { reply: true, id: 5, error: 20, data: Buffer.from([9]) },
      { reply: false, id: 1, set: 64, command: 100, data: Buffer.alloc(3) },
    ]);
  });

  test('another greeting is no debugger', () => {
    expect(() => new PacketReader().push(Buffer.from('SSH-2.0-OpenSSH'))).toThrow('JDWP-Handshake');
  });
});

describe('events', () => {
  test('a breakpoint and a loaded class of one composite', () => {
    const data = new JdwpWriter(SIZES).byte(1).int(2);
    data.byte(2).int(40).id('object', 3n);
    data.byte(1).id('referenceType', 4n).id('method', 5n).long(0n);
    data.byte(8).int(41).id('object', 3n).byte(1).id('referenceType', 6n).text('LA;').int(7);
    expect(readComposite(new JdwpReader(data.bytes(), SIZES))).toEqual([
      { kind: 'breakpoint', request: 40, thread: 3n },
      { kind: 'class-prepare', request: 41, thread: 3n, type: 6n, signature: 'LA;' },
    ]);
  });

  test('of the end of the virtual machine', () => {
    const data = new JdwpWriter(SIZES).byte(0).int(1).byte(99).int(0);
    expect(readComposite(new JdwpReader(data.bytes(), SIZES))).toEqual([{ kind: 'vm-death' }]);
  });
});

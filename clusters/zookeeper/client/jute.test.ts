import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../wire/frames.ts';
import { JuteReader, JuteWriter } from './jute.ts';
import {
  connectRequest,
  createRequest,
  multiRequest,
  readMultiError,
  readStat,
  setDataRequest,
  syncRequest,
} from './records.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('jute', () => {
  it('writes big-endian integers, length-prefixed bytes and -1 for no buffer', () => {
    const frame = new JuteWriter()
      .int(-2)
      .long(0x100000002n)
      .boolean(true)
      .buffer(null)
      .string('é')
      .finish();
    expect(frame).toEqual(hex('00000017 fffffffe 0000000100000002 01 ffffffff 00000002 c3a9'));
  });

  it('grows over its first size', () => {
    const data = Buffer.alloc(5000, 7);
    const frame = new JuteWriter().buffer(data).finish();
    expect(new JuteReader(frame.subarray(4)).buffer()).toEqual(data);
  });

  it('reads what it wrote, and refuses to read past the end', () => {
    const reader = new JuteReader(hex('00000002 00000001 61 00000001 62'));
    expect(reader.vector(() => reader.string())).toEqual(['a', 'b']);
    expect(() => reader.int()).toThrow(RangeError);
    expect(() => new JuteReader(hex('00000009 61')).buffer()).toThrow(
      /9 bytes, expected at most 1/,
    );
  });
});

describe('records', () => {
  it('encodes ConnectRequest', () => {
    expect(connectRequest(10_000)).toEqual(
      hex(
        `0000002d 00000000 0000000000000000 00002710 0000000000000000
        00000010 00000000000000000000000000000000 00`.replace(/\s/g, ''),
      ),
    );
  });

  it('encodes CreateRequest with the open ACL', () => {
    expect(createRequest(7, '/a', Buffer.from('x'), 'ephemeral')).toEqual(
      hex(
        `00000032 00000007 00000001 00000002 2f61 00000001 78 00000001 0000001f
        00000005 776f726c64 00000006 616e796f6e65 00000001`.replace(/\s/g, ''),
      ),
    );
  });

  it('encodes MultiTransactionRecord: a header before each part and after the last', () => {
    const frame = multiRequest(3, [
      { delete: '/a' },
      { create: '/b', data: Buffer.from('x'), mode: 'ephemeral' },
    ]);
    expect(frame).toEqual(
      hex(
        `00000057 00000003 0000000e
        00000002 00 ffffffff 00000002 2f61 ffffffff
        00000001 00 ffffffff 00000002 2f62 00000001 78 00000001 0000001f
        00000005 776f726c64 00000006 616e796f6e65 00000001
        ffffffff 01 ffffffff`.replace(/\s/g, ''),
      ),
    );
  });

  it('reads MultiResponse: no error, and the error of the part that had one of its own', () => {
    const end = 'ffffffff 01 ffffffff';
    const done = `00000002 00 00000000 00000001 00 00000000 00000002 2f62 ${end}`;
    expect(readMultiError(new JuteReader(hex(done)))).toBe(0);
    const failed = (code: string): string => `ffffffff 00 ${code} ${code}`;
    const parts = [failed('00000000'), failed('ffffff92'), failed('fffffffe'), end];
    expect(readMultiError(new JuteReader(hex(parts.join(''))))).toBe(-110);
    const rolledBack = [failed('fffffffe'), failed('ffffff92'), end];
    expect(readMultiError(new JuteReader(hex(rolledBack.join(''))))).toBe(-110);
  });

  it('encodes SetDataRequest and SyncRequest', () => {
    expect(setDataRequest(1, '/a', Buffer.from('v1'), -1)).toEqual(
      hex('00000018 00000001 00000005 00000002 2f61 00000002 7631 ffffffff'),
    );
    expect(syncRequest(2, '/')).toEqual(hex('0000000d 00000002 00000009 00000001 2f'));
  });

  it('decodes Stat', () => {
    const stat = readStat(
      new JuteReader(
        hex(
          `0000000100000002 0000000200000003 0000000000000004 0000000000000005 00000006 00000007
          00000008 0000000000000009 0000000a 0000000b 000000010000000c`.replace(/\s/g, ''),
        ),
      ),
    );
    expect(stat).toEqual({
      czxid: 0x100000002n,
      mzxid: 0x200000003n,
      ctime: 4n,
      mtime: 5n,
      version: 6,
      cversion: 7,
      aversion: 8,
      ephemeralOwner: 9n,
      dataLength: 10,
      numChildren: 11,
      pzxid: 0x10000000cn,
    });
  });
});

describe('frames', () => {
  it('gives whole frames however the bytes arrive', () => {
    const stream = hex('00000002 6162 00000000 00000001 63');
    for (let cut = 0; cut <= stream.length; cut++) {
      const splitter = new FrameSplitter();
      const frames = [
        ...splitter.push(stream.subarray(0, cut)),
        ...splitter.push(stream.subarray(cut)),
      ];
      expect(frames.map(String)).toEqual(['ab', '', 'c']);
    }
  });

  it('refuses a length that no server sends', () => {
    expect(() => new FrameSplitter().push(hex('ffffffff'))).toThrow(/frame of -1 bytes/);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, StreamSplitter, encodeFrame } from './supervisor-frames.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const frames = fc.array(fc.array(bytes, { maxLength: 5 }), { maxLength: 6 });

/** Cuts a buffer at these places, as a stream does anywhere. */
function chunksOf(buffer: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (buffer.length + 1)), buffer.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, index) => buffer.subarray(places[index], end));
}

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 8 }), (sent, cuts) => {
      const reader = new FrameReader();
      const stream = Buffer.concat(sent.map(encodeFrame));
      const received = chunksOf(stream, cuts).flatMap((chunk) => reader.push(chunk));
      const plain = (list: readonly (readonly Uint8Array[])[]): number[][][] =>
        list.map((fields) => fields.map((field) => [...field]));
      expect(plain(received)).toEqual(plain(sent));
    }),
  );
});

test('strings are UTF-8', () => {
  const [fields] = new FrameReader().push(encodeFrame(['7', 'zoë']));
  expect(fields?.map(String)).toEqual(['7', 'zoë']);
});

test('the engine stream is split into stdout and stderr, however it is cut', () => {
  const part = fc.record({ stream: fc.constantFrom(1, 2), text: fc.string({ maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(), { maxLength: 8 }), (parts, cuts) => {
      const framed = parts.map(({ stream, text }) => {
        const header = Buffer.alloc(8);
        header[0] = stream;
        header.writeUInt32BE(Buffer.byteLength(text), 4);
        return Buffer.concat([header, Buffer.from(text)]);
      });
      const got: Record<number, Buffer[]> = { 1: [], 2: [] };
      const splitter = new StreamSplitter(
        (out) => got[1]?.push(out),
        (error) => got[2]?.push(error),
      );
      chunksOf(Buffer.concat(framed), cuts).forEach((chunk) => splitter.push(chunk));
      for (const stream of [1, 2]) {
        const sent = parts.filter((each) => each.stream === stream).map(({ text }) => text);
        expect(Buffer.concat(got[stream] ?? []).toString()).toBe(
          Buffer.from(sent.join('')).toString(),
        );
      }
    }),
  );
});

/** A file being read: its bytes by chunks, gunzipped where it is gzip, and how far its reader has got. */
import { isUtf8 } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HistoryFormatError } from './format.ts';

const CHUNK_BYTES = 1 << 18;
const NEW_LINE = 10;

/** Kept by the reader of a format, so that an error anywhere below names the line. */
export class SourceFile {
  readonly path: string;
  /** The line being read, from 1. */
  line = 1;

  constructor(path: string) {
    this.path = path;
  }

  /** An error at the line being read. */
  problem(message: string, line = this.line): HistoryFormatError {
    return new HistoryFormatError(this.path, line, message);
  }

  /**
   * The file's bytes, gunzipped when it begins as gzip does.
   * @throws HistoryFormatError when it cannot be read, or its gzip is cut off or damaged.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    requireFile(this.path);
    try {
      yield* this.#unpacked();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /**
   * The file's text, in pieces.
   * @throws HistoryFormatError besides the above when it is not UTF-8.
   */
  async *texts(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let before = 1;
    for await (const chunk of this.chunks()) {
      let text;
      try {
        text = decoder.decode(chunk, { stream: true });
      } catch {
        throw this.problem(`not UTF-8 text`, before + linesToInvalid(chunk));
      }
      yield text;
      before += countLines(chunk);
    }
    try {
      yield decoder.decode();
    } catch {
      throw this.problem('not UTF-8 text: it ends within a character', before);
    }
  }

  async *#unpacked(): AsyncGenerator<Buffer> {
    const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
    const bytes = file.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Buffer>;
    try {
      const first = await bytes.next();
      if (first.done === true) return;
      const whole = resumed(first.value, bytes);
      yield* isGzip(first.value) ? gunzipped(whole) : whole;
    } finally {
      file.destroy();
    }
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') return this.problem('the gzip file is cut off: it ends too early');
    if (code?.startsWith('Z_') === true) {
      return this.problem(`the gzip file is damaged: ${error.message}`);
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EIO' || code === 'EISDIR') {
      return this.problem(`cannot be read: ${error.message}`, 0);
    }
    return error;
  }
}

function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new HistoryFormatError(path, 0, 'no such file');
  if (found.isDirectory()) {
    throw new HistoryFormatError(
      path,
      0,
      'is a directory; expected a file, or a run directory (with a history.jsonl)',
    );
  }
}

function isGzip(chunk: Buffer): boolean {
  return chunk[0] === 0x1f && chunk[1] === 0x8b;
}

async function* resumed(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const packed = Readable.from(bytes);
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) lines++;
  return lines;
}

/** How many whole lines come before the first that is not UTF-8. */
function linesToInvalid(chunk: Buffer): number {
  let lines = 0;
  let from = 0;
  for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, from)) {
    // The first line of a chunk may begin within a character.
    if (from > 0 && !isUtf8(chunk.subarray(from, at))) return lines;
    if (from === 0 && !isUtf8(withoutContinuation(chunk.subarray(0, at)))) return lines;
    lines++;
    from = at + 1;
  }
  return lines;
}

function withoutContinuation(line: Buffer): Buffer {
  let from = 0;
  while (from < 3 && ((line[from] ?? 0) & 0xc0) === 0x80) from++;
  return line.subarray(from);
}

/**
 * Journals: append-only files of lines, written as things happen.
 *
 * Lines gather in a block that goes to its sink when it is full, or when `flush` is called (by the run, every 100 ms).
 * A full disk is a typed error; what did not fit stays in the block and is tried again at the next flush.
 */
import { closeSync, fsync, openSync, writeSync } from 'node:fs';

/** The disk under the run directory is full or broken: the run ends as `harness-failure`, keeping what was written. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
  /** The system's code: ENOSPC, EDQUOT, EIO, EFBIG or EROFS. */
  readonly code: string;
  constructor(file: string, code: string, cause: unknown) {
    super(`cannot write ${file}: ${EXPLANATIONS[code] ?? code} (${code})`, { cause });
    this.code = code;
  }
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reported an error',
  EFBIG: 'the file is too large for the file system or the limit set for it',
  EROFS: 'the file system is read-only',
};

/** Turns errors that mean a full or broken disk into StoreFullError; others are given back as they are. */
export function asStoreError(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === undefined || EXPLANATIONS[code] === undefined) return error;
  return new StoreFullError(file, code, error);
}

/** Where the blocks of a journal go. */
export interface Sink {
  /** How large blocks may become, in bytes. */
  readonly blockBytes: number;
  /** Takes some or all of bytes[from, to) and tells how many. */
  write(bytes: Buffer, from: number, to: number): number;
  sync(): Promise<void>;
  close(): void;
}

/** Blocks start small, so that a simulated run of ten operations costs little. */
const FIRST_BLOCK_BYTES = 4096;

/** An append-only file of lines. Writers that encode by hand use `room`, `block` and `commit`. */
export class Journal {
  /** The file's path, or its name when it is kept in memory. */
  readonly file: string;
  /** The block that lines are written to, from `length` on. Replaced by `room`. */
  block: Buffer = Buffer.allocUnsafeSlow(FIRST_BLOCK_BYTES);
  /** Bytes of the block in use. */
  length = 0;
  /** Lines appended so far. */
  lineCount = 0;
  readonly #sink: Sink;
  #closed = false;

  constructor(file: string, sink: Sink) {
    this.file = file;
    this.#sink = sink;
  }

  /** Buffers one line (without its newline). @throws StoreFullError when the disk is full; the line is not kept then */
  append(line: string): void {
    this.room(line.length * 3 + 1);
    this.length += this.block.write(line, this.length);
    this.block[this.length++] = 10;
    this.lineCount++;
  }

  /** Makes sure that this many bytes fit behind `length`. @throws StoreFullError */
  room(bytes: number): void {
    if (this.length + bytes <= this.block.length) return;
    if (this.#closed) throw new Error(`${this.file} is closed, nothing can be appended`);
    if (this.length + bytes > this.#sink.blockBytes) this.flush();
    if (this.length + bytes <= this.block.length) return;
    const usual = Math.min(this.block.length * 4, this.#sink.blockBytes);
    // A long line asks for room again and again as it grows: each time twice as much.
    const size = bytes <= usual ? usual : bytes * 2;
    const block = Buffer.allocUnsafeSlow(size);
    this.block.copy(block, 0, 0, this.length);
    this.block = block;
  }

  /** The bytes of one line, newline included, were written to block[length, end). */
  commit(end: number): void {
    this.length = end;
    this.lineCount++;
  }

  /** Hands what is buffered to the operating system. @throws StoreFullError */
  flush(): void {
    let from = 0;
    try {
      while (from < this.length) from += this.#sink.write(this.block, from, this.length);
    } catch (error) {
      throw asStoreError(this.file, error);
    } finally {
      this.block.copyWithin(0, from, this.length);
      this.length -= from;
    }
  }

  /** Flushes and waits until it is on disk (fsync). @throws StoreFullError */
  async sync(): Promise<void> {
    this.flush();
    try {
      await this.#sink.sync();
    } catch (error) {
      throw asStoreError(this.file, error);
    }
  }

  /** Flushes and closes, once. @throws StoreFullError; it is closed all the same */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      this.block = Buffer.alloc(0);
      this.length = 0;
      this.#sink.close();
    }
  }

  get closed(): boolean {
    return this.#closed;
  }
}

/** Appends to a file, creating it. */
export class FileSink implements Sink {
  readonly blockBytes = 65_536;
  readonly #file: number;
  #closed = false;
  #syncing = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  write(bytes: Buffer, from: number, to: number): number {
    return writeSync(this.#file, bytes, from, to - from);
  }

  sync(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#syncing++;
    return new Promise((resolve, reject) => {
      fsync(this.#file, (error) => {
        if (--this.#syncing === 0 && this.#closed) closeSync(this.#file);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#syncing === 0) closeSync(this.#file);
  }
}

/** Keeps everything in memory: simulated runs by the thousand. */
export class MemorySink implements Sink {
  readonly blockBytes = 65_536;
  readonly #blocks: Buffer[] = [];

  write(bytes: Buffer, from: number, to: number): number {
    this.#blocks.push(Buffer.from(bytes.subarray(from, to)));
    return to - from;
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // Stays readable: what was recorded is judged after the journals are closed.
  }

  /** Everything written so far. */
  contents(): Buffer {
    return Buffer.concat(this.#blocks);
  }
}

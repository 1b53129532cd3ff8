/**
 * A server's stdout and stderr as they come: kept in the run directory, and told line by line.
 */
import { type WriteStream, createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Clock } from '../../clock.ts';
import type { Nanoseconds } from '../../operation.ts';

type LineListener = (line: string, at: Nanoseconds) => void;

export class ServerLog {
  readonly #clock: Clock;
  readonly #file: WriteStream | null;
  readonly #listeners = new Set<LineListener>();
  #failure: Error | null = null;
  #offset = 0;
  #partial: Buffer = Buffer.alloc(0);

  /** @param path of the file to write; null keeps none. */
  constructor(clock: Clock, path: string | null) {
    this.#clock = clock;
    if (path !== null) mkdirSync(dirname(path), { recursive: true });
    this.#file = path === null ? null : createWriteStream(path, { flags: 'a' });
    this.#file?.on('error', (error) => (this.#failure = error));
  }

  /** How many bytes of the server's log are here. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes bytes that begin at `offset` in the server's log; what is here already is passed over. */
  append(offset: number, bytes: Buffer): void {
    const fresh = bytes.subarray(Math.max(0, this.#offset - offset));
    if (fresh.length === 0) return;
    this.#offset = offset + bytes.length;
    this.#tell(fresh);
    this.#file?.write(fresh);
  }

  follow(listener: LineListener): Disposable {
    // A listener of its own, so that one function can follow twice.
    const own: LineListener = (line, at) => listener(line, at);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Writes out what is left. @throws when the file could not be written, now or earlier. */
  async close(): Promise<void> {
    if (this.#file === null) return;
    if (this.#failure === null) {
      this.#file.end();
      await finished(this.#file);
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #tell(bytes: Buffer): void {
    const at = this.#clock.now();
    const text = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
    let from = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, from)) {
      if (this.#listeners.size > 0) {
        const line = text.toString('utf8', from, end).replace(/\r$/, '');
        for (const listener of this.#listeners) listener(line, at);
      }
      from = end + 1;
    }
    this.#partial = Buffer.from(text.subarray(from));
  }
}

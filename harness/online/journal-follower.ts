/** Reads the lines that are appended to a journal, as they come. */
import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 65_536;
const NEWLINE = 10;

/** Follows one file from its beginning. A line counts when its newline is there. */
export class JournalFollower implements Disposable {
  readonly #file: number;
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  /** The beginning of a line whose end was not written yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** @throws when the file is not there. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** The lines that were completed since the last call, one at a time. */
  *lines(): Generator<string> {
    for (;;) {
      const count = readSync(this.#file, this.#block, 0, BLOCK_BYTES, null);
      if (count === 0) return;
      const bytes = Buffer.concat([this.#rest, this.#block.subarray(0, count)]);
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        const line = bytes.toString('utf8', from, end);
        from = end + 1;
        this.#rest = Buffer.alloc(0);
        yield line;
      }
      this.#rest = Buffer.from(bytes.subarray(from));
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

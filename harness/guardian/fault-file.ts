/** `faults.jsonl` of a run that somebody else ended: read as far as it goes, and added to. */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { parseFault } from '../journal-lines.ts';
import type { FaultRecord } from '../nemesis.ts';

export class FaultFile {
  readonly #path: string;

  /** @param directory of the run */
  constructor(directory: string) {
    this.#path = join(directory, 'faults.jsonl');
  }

  /** Whole lines that are fault records. A torn last line (it never got to `armed`), or none at all, is fine. */
  read(): readonly FaultRecord[] {
    return this.#text()
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => {
        try {
          return [parseFault(JSON.parse(line))];
        } catch {
          return []; // What cannot be understood cannot be undone; the rest can.
        }
      });
  }

  /** Adds records. @param alone nobody else writes any more: a torn last line is cut off. */
  append(records: readonly FaultRecord[], alone: boolean): void {
    if (!existsSync(this.#path)) return; // The run directory was thrown away.
    if (alone) this.#mend();
    appendFileSync(this.#path, records.map((record) => `${JSON.stringify(record)}\n`).join(''), {
      flush: true,
    });
  }

  #mend(): void {
    const text = this.#text();
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) truncateSync(this.#path, Buffer.byteLength(whole));
  }

  #text(): string {
    return existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : '';
  }
}

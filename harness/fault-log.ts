/** The record of faults as they go: journaled, remembered, and told to whoever waits for a state. */
import type { Feed } from './feed.ts';
import type { FaultRecord, FaultState } from './nemesis.ts';

export interface FaultLogOptions {
  /** Journals a record. For `armed` it settles when the record, with its undo data, is on disk. */
  readonly record: (record: FaultRecord) => void | Promise<void>;
  readonly feed: Feed;
  /** A record that could not be written: the disk is full, or the journal has a bug. */
  readonly failed: (error: Error) => void;
}

export class FaultLog {
  readonly records: FaultRecord[] = [];
  readonly #options: FaultLogOptions;
  readonly #reached = new Set<string>();

  constructor(options: FaultLogOptions) {
    this.#options = options;
  }

  /** Whether a step has been in this state. */
  readonly reached = (id: string, state: FaultState): boolean =>
    this.#reached.has(`${state} ${id}`);

  /**
   * Writes a record; an `armed` one is told only when it is on disk, any other at once.
   * @returns whether it was written
   */
  async write(record: FaultRecord): Promise<boolean> {
    const { feed, failed } = this.#options;
    try {
      this.records.push(record);
      const written = this.#options.record(record);
      if (record.state === 'armed') await written;
      const id = record.state === 'intended' ? record.step.id : record.id;
      this.#reached.add(`${record.state} ${id}`);
      feed.publishFault(record);
      await written;
      return true;
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }
}

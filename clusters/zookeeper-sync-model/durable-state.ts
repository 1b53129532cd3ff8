/** What a server has on disk: the epochs it accepted and took part in, and its log. */
import type { ModelStorage } from '../../harness/testbeds/simulated/model.ts';
import type { Log, Progress } from './protocol.ts';

interface Kept {
  /** The latest epoch that it agreed to. */
  readonly accepted: number;
  /** The latest epoch in which it was synchronised with the leader: currentEpoch. */
  readonly current: number;
  readonly log: Log;
}

const FRESH: Kept = { accepted: 0, current: 0, log: [] };
const KEY = 'server';

export class DurableState {
  private readonly storage: ModelStorage;
  private kept: Kept;

  constructor(storage: ModelStorage) {
    this.storage = storage;
    this.kept = (storage.get(KEY) as Kept | undefined) ?? FRESH;
  }

  get accepted(): number {
    return this.kept.accepted;
  }

  get log(): Log {
    return this.kept.log;
  }

  get progress(): Progress {
    const { current, log } = this.kept;
    return { current, last: log.at(-1)?.epoch ?? 0, length: log.length };
  }

  accept(accepted: number): void {
    this.keep({ ...this.kept, accepted });
  }

  enter(current: number): void {
    this.keep({ ...this.kept, current });
  }

  /** Keeps so many of its transactions, and has these after them. */
  write(keep: number, transactions: Log): void {
    this.keep({ ...this.kept, log: [...this.kept.log.slice(0, keep), ...transactions] });
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.storage.put(KEY, kept);
  }
}

/** What a replica must not forget: its view, and its log with the view that the log is of. */
import type { ModelStorage } from '../../harness/testbeds/simulated/model.ts';
import type { Log } from './protocol.ts';

interface Kept {
  /** The latest view entered; nothing older is taken part in. */
  readonly view: number;
  /** The latest view in which this replica took part as primary or backup; the log is of that view. */
  readonly normalView: number;
  readonly log: Log;
}

const FRESH: Kept = { view: 0, normalView: 0, log: [] };
const KEY = 'replica';

/** Every change is on disk before it returns. */
export class DurableState {
  /** Whether an earlier process of this node left something. */
  readonly restarted: boolean;
  private readonly storage: ModelStorage;
  private kept: Kept;

  /** @param forgetful the defect: of what was kept, the log is gone. */
  constructor(storage: ModelStorage, forgetful: boolean) {
    const found = storage.get(KEY) as Kept | undefined;
    this.storage = storage;
    this.restarted = found !== undefined;
    this.kept = found ?? FRESH;
    if (forgetful) this.kept = { ...this.kept, log: [] };
  }

  get view(): number {
    return this.kept.view;
  }

  get normalView(): number {
    return this.kept.normalView;
  }

  get log(): Log {
    return this.kept.log;
  }

  enter(view: number): void {
    this.keep({ ...this.kept, view });
  }

  append(entries: Log): void {
    this.keep({ ...this.kept, log: [...this.kept.log, ...entries] });
  }

  /** Takes part in `view`, with this log. */
  adopt(view: number, log: Log): void {
    this.keep({ view, normalView: view, log });
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.storage.put(KEY, kept);
  }
}

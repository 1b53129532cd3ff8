/** A replica's part while it is the primary of a view. */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import type { DurableState } from './durable-state.ts';
import { type Command, LONELINESS, type Log, type Message, majorityOf } from './protocol.ts';
import { Store } from './store.ts';
import type { Defects } from './versions.ts';

const NOTHING: Log = [];

/** Where an answer goes. */
export type Reply = (answer: Answer) => void;

/** Appends, replicates, commits what a majority has, and answers. Made anew for each view. */
export class Primary {
  private readonly io: ModelIo<Message>;
  private readonly state: DurableState;
  private readonly defects: Defects;
  private readonly backups: readonly NodeName[];
  private readonly lengths = new Map<NodeName, number>();
  private readonly heard = new Map<NodeName, Nanoseconds>();
  private readonly replies = new Map<number, Reply>();
  /** The store after all committed entries. */
  private readonly store: Store;
  /** The store after all entries, where that is asked for. */
  private readonly ahead: Store | null;
  private applied: number;

  /** @param committed entries of the log that are known to be committed. */
  constructor(io: ModelIo<Message>, state: DurableState, defects: Defects, committed: number) {
    this.io = io;
    this.state = state;
    this.defects = defects;
    this.backups = io.nodes.filter((node) => node !== io.name);
    this.applied = committed;
    this.store = Store.after(state.log, committed, defects);
    this.ahead = defects.acksBeforeReplication
      ? Store.after(state.log, state.log.length, defects)
      : null;
    for (const backup of this.backups) this.heard.set(backup, io.now());
  }

  get committed(): number {
    return this.applied;
  }

  /** Appends a command and answers it when it is committed. */
  submit(command: Command, reply: Reply): void {
    if (this.defects.staleReads && isRead(command)) {
      return reply({ outcome: 'done', value: this.store.apply(command) });
    }
    if (this.isLonely()) return reply({ outcome: 'refused', why: 'no majority' });
    const after = this.state.log.length;
    this.state.append([command]);
    if (this.ahead !== null && !isRead(command)) {
      reply({ outcome: 'done', value: this.ahead.apply(command) });
    } else {
      this.replies.set(after + 1, reply);
    }
    this.commit();
    for (const backup of this.backups) this.prepare(backup, after);
  }

  /** Tells every backup what it lacks, or merely that the primary is there. */
  heartbeat(): void {
    for (const backup of this.backups) this.prepare(backup, this.lengthOf(backup));
  }

  /** A backup has this many entries. */
  prepared(backup: NodeName, length: number): void {
    this.heard.set(backup, this.io.now());
    if (length <= this.lengthOf(backup)) return;
    this.lengths.set(backup, length);
    this.commit();
  }

  /** Whether so few others were heard of lately that there may be another primary. */
  isLonely(): boolean {
    const now = this.io.now();
    const near = this.backups.filter((node) => now - (this.heard.get(node) ?? 0) < LONELINESS);
    return near.length + 1 < majorityOf(this.io.nodes);
  }

  /** The view is over: what was not answered may be carried on by the next primary, or not. */
  depose(): void {
    for (const reply of this.replies.values()) {
      reply({ outcome: 'unknown', why: 'deposed before it was committed' });
    }
    this.replies.clear();
  }

  private lengthOf(backup: NodeName): number {
    return this.lengths.get(backup) ?? 0;
  }

  private prepare(backup: NodeName, after: number): void {
    const { view, log } = this.state;
    const entries = after < log.length ? log.slice(after) : NOTHING;
    this.io.send(backup, { type: 'prepare', view, after, entries, committed: this.applied });
  }

  /** Applies and answers every entry that a majority has. */
  private commit(): void {
    const { log } = this.state;
    const lengths = [log.length, ...this.backups.map((backup) => this.lengthOf(backup))];
    lengths.sort((a, b) => b - a);
    const committed = lengths[majorityOf(this.io.nodes) - 1] ?? 0;
    while (this.applied < committed) {
      const command = log[this.applied];
      if (command === undefined) throw new Error(`entry ${this.applied + 1} is not in the log`);
      const value = this.store.apply(command);
      this.applied++;
      this.replies.get(this.applied)?.({ outcome: 'done', value });
      this.replies.delete(this.applied);
    }
  }
}

function isRead(command: Command): boolean {
  return command.kind === 'read' || command.kind === 'elements';
}

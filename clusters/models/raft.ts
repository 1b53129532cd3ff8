/**
 * A group of model servers that elect a leader and agree on a log: Raft (Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm", 2014), with the vote before the vote and the leader that steps down when it has
 * not heard of a majority (Ongaro's dissertation, 9.6 and 6.2). For models whose own subject is something else.
 *
 * Everything kept is on disk before it is told. The log is applied from its beginning after a restart.
 */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';

/** An entry with the term it was written in; null is what a new leader writes to settle older terms. */
interface Logged<Entry> {
  readonly term: number;
  readonly entry: Entry | null;
}

/** What the servers of a group send each other. */
export type RaftMessage<Entry> =
  | {
      readonly type: 'ask-vote';
      readonly term: number;
      /** Only whether one would be given. */
      readonly trial: boolean;
      readonly lastTerm: number;
      readonly length: number;
    }
  | { readonly type: 'vote'; readonly term: number; readonly trial: boolean }
  | {
      readonly type: 'append';
      readonly term: number;
      readonly after: number;
      readonly afterTerm: number;
      readonly entries: readonly Logged<Entry>[];
      readonly committed: number;
    }
  /** `length`: so many entries agree with the leader's; null: the one before did not. */
  | { readonly type: 'appended'; readonly term: number; readonly length: number | null }
  | { readonly type: 'outdated'; readonly term: number };

/** Whom a group tells, and what it runs on. */
export interface RaftOptions<Entry> {
  readonly io: Pick<ModelIo<unknown>, 'name' | 'storage' | 'random' | 'now' | 'setTimer'>;
  /** All of the group, this one too. */
  readonly members: readonly NodeName[];
  /** Tells this group's timers and storage from another's in the same server. */
  readonly name: string;
  readonly send: (to: NodeName, message: RaftMessage<Entry>) => void;
  /** A committed entry's turn; what it returns is handed to whoever submitted it here. */
  readonly apply: (entry: Entry) => unknown;
  /** This server leads, and has applied all that was committed before. */
  readonly elected: () => void;
  /** It does not any more. */
  readonly deposed: () => void;
}

/** What became of an entry: applied, with what `apply` returned; or lost sight of. */
export type Settle = (outcome: { readonly applied: true; readonly result: unknown } | null) => void;

interface Kept<Entry> {
  readonly term: number;
  readonly votedFor: NodeName | null;
  readonly log: readonly Logged<Entry>[];
}

interface Follower {
  /** So many entries are known to agree. */
  agreed: number;
  /** So many are assumed to, for what is sent next. */
  assumed: number;
  heard: Nanoseconds;
}

const HEARTBEAT: Nanoseconds = 200 * MILLISECOND;
/** Without a leader for so long (and up to twice that) a server would like to lead. */
const SUSPICION: Nanoseconds = 500 * MILLISECOND;
/** As much, where there never was one. */
const FIRST_SUSPICION: Nanoseconds = 10 * MILLISECOND;
/** A leader that has not heard of a majority for so long steps down. */
const LONELINESS: Nanoseconds = 700 * MILLISECOND;

export class Raft<Entry> {
  /** Whoever led last, as far as this server knows. */
  leader: NodeName | null = null;
  private readonly options: RaftOptions<Entry>;
  private readonly others: readonly NodeName[];
  private readonly majority: number;
  private kept: Kept<Entry>;
  private votes: { readonly term: number; readonly trial: boolean; readonly from: Set<NodeName> };
  private followers: Map<NodeName, Follower> | null = null;
  private readonly settles = new Map<number, Settle>();
  private committed = 0;
  private applied = 0;
  private serving = false;
  private heardAt: Nanoseconds = -Infinity;

  constructor(options: RaftOptions<Entry>) {
    const { io, members, name } = options;
    this.options = options;
    this.others = members.filter((member) => member !== io.name);
    this.majority = Math.floor(members.length / 2) + 1;
    this.kept = (io.storage.get(name) as Kept<Entry> | undefined) ?? {
      term: 0,
      votedFor: null,
      log: [],
    };
    this.votes = { term: 0, trial: true, from: new Set() };
  }

  get term(): number {
    return this.kept.term;
  }

  /** Whether it leads and has applied all that was committed before its term. */
  get leads(): boolean {
    return this.serving;
  }

  /** A server that never heard of a leader has none to wait for. */
  start(): void {
    this.suspectLater(this.kept.term === 0 ? FIRST_SUSPICION : SUSPICION);
  }

  /** @returns whether the timer was this group's */
  timer(name: string): boolean {
    if (name === `${this.options.name} heartbeat`) this.beat();
    else if (name === `${this.options.name} suspicion`) this.suspect();
    else return false;
    return true;
  }

  /** Leader only. */
  submit(entry: Entry, settle: Settle): void {
    if (!this.serving) return settle(null);
    this.append([{ term: this.term, entry }]);
    this.settles.set(this.kept.log.length, settle);
    this.replicate();
  }

  receive(from: NodeName, message: RaftMessage<Entry>): void {
    switch (message.type) {
      case 'ask-vote':
        return this.onAskVote(from, message);
      case 'vote':
        return this.onVote(from, message);
      case 'append':
        return this.onAppend(from, message);
      case 'appended':
        return this.onAppended(from, message);
      case 'outdated':
        return this.enter(message.term);
    }
  }

  // Elections

  private suspectLater(after = SUSPICION): void {
    const { io, name } = this.options;
    io.setTimer(`${name} suspicion`, after * (1 + io.random.next()));
  }

  private suspect(): void {
    this.suspectLater();
    if (this.followers !== null || !this.missesLeader()) return;
    this.askVotes(this.term + 1, true);
  }

  private missesLeader(): boolean {
    if (this.followers !== null) return false;
    return this.options.io.now() - this.heardAt >= SUSPICION;
  }

  private askVotes(term: number, trial: boolean): void {
    this.votes = { term, trial, from: new Set([this.options.io.name]) };
    const { log } = this.kept;
    const lastTerm = log.at(-1)?.term ?? 0;
    for (const other of this.others) {
      this.options.send(other, { type: 'ask-vote', term, trial, lastTerm, length: log.length });
    }
    this.countVotes();
  }

  private onAskVote(from: NodeName, message: RaftMessage<Entry> & { type: 'ask-vote' }): void {
    const { term, trial, lastTerm, length } = message;
    const { log } = this.kept;
    const ownTerm = log.at(-1)?.term ?? 0;
    const behind = lastTerm < ownTerm || (lastTerm === ownTerm && length < log.length);
    // Or a server with the longest log and an old term would neither be voted for nor vote.
    if (term < this.term) return this.options.send(from, { type: 'outdated', term: this.term });
    if (trial) {
      if (behind || !this.missesLeader()) return;
      return this.options.send(from, { type: 'vote', term, trial });
    }
    this.enter(term);
    const { votedFor } = this.kept;
    if (behind || (votedFor !== null && votedFor !== from)) return;
    this.keep({ ...this.kept, votedFor: from });
    this.suspectLater();
    this.options.send(from, { type: 'vote', term, trial });
  }

  private onVote(from: NodeName, { term, trial }: RaftMessage<Entry> & { type: 'vote' }): void {
    if (this.votes.term !== term || this.votes.trial !== trial) return;
    this.votes.from.add(from);
    this.countVotes();
  }

  private countVotes(): void {
    const { term, trial, from } = this.votes;
    if (from.size < this.majority || this.followers !== null) return;
    if (trial) {
      if (term <= this.term) return;
      this.keep({ ...this.kept, term, votedFor: this.options.io.name });
      return this.askVotes(term, false);
    }
    if (term === this.term) this.lead();
  }

  private lead(): void {
    const { io } = this.options;
    const heard = io.now();
    const { length } = this.kept.log;
    this.followers = new Map(
      this.others.map((other) => [other, { agreed: 0, assumed: length, heard }]),
    );
    this.leader = io.name;
    this.append([{ term: this.term, entry: null }]);
    this.beat();
  }

  /** A later term than its own: whatever it was, it follows. */
  private enter(term: number): void {
    if (term <= this.term) return;
    this.keep({ ...this.kept, term, votedFor: null });
    this.stepDown();
  }

  private stepDown(): void {
    if (this.followers === null) return;
    this.followers = null;
    this.leader = null;
    const { serving } = this;
    this.serving = false;
    if (serving) this.options.deposed();
    const lost = [...this.settles.values()];
    this.settles.clear();
    for (const settle of lost) settle(null);
  }

  // The log

  private beat(): void {
    if (this.followers === null) return;
    const { io, name } = this.options;
    const now = io.now();
    const near = [...this.followers.values()].filter(({ heard }) => now - heard < LONELINESS);
    if (near.length + 1 < this.majority) return this.stepDown();
    io.setTimer(`${name} heartbeat`, HEARTBEAT);
    this.replicate();
  }

  private replicate(): void {
    this.commit();
    for (const other of this.others) this.sendTo(other);
  }

  private sendTo(other: NodeName): void {
    const follower = this.followers?.get(other);
    if (follower === undefined) return;
    const { term, log } = this.kept;
    const after = follower.assumed;
    follower.assumed = log.length;
    const afterTerm = log[after - 1]?.term ?? 0;
    const entries = log.slice(after);
    const { committed } = this;
    this.options.send(other, { type: 'append', term, after, afterTerm, entries, committed });
  }

  private onAppend(from: NodeName, message: RaftMessage<Entry> & { type: 'append' }): void {
    const { term, after, afterTerm, entries, committed } = message;
    if (term < this.term) return this.options.send(from, { type: 'outdated', term: this.term });
    this.enter(term);
    this.leader = from;
    this.heardAt = this.options.io.now();
    const { log } = this.kept;
    if (after > log.length || (log[after - 1]?.term ?? 0) !== afterTerm) {
      return this.options.send(from, { type: 'appended', term, length: null });
    }
    const length = after + entries.length;
    const agrees = entries.every((entry, index) => log[after + index]?.term === entry.term);
    if (!agrees) this.keep({ ...this.kept, log: [...log.slice(0, after), ...entries] });
    this.options.send(from, { type: 'appended', term, length });
    this.committed = Math.max(this.committed, Math.min(committed, length));
    this.applyCommitted();
  }

  private onAppended(from: NodeName, message: RaftMessage<Entry> & { type: 'appended' }): void {
    const follower = this.followers?.get(from);
    if (follower === undefined || message.term !== this.term) return;
    follower.heard = this.options.io.now();
    if (message.length === null) {
      follower.assumed = Math.max(0, follower.agreed);
      return this.sendTo(from);
    }
    if (message.length > follower.agreed) {
      follower.agreed = message.length;
      this.commit();
    } else if (message.length < follower.assumed) {
      // A message between was lost: the next one begins where it is known to agree.
      follower.assumed = follower.agreed;
    }
  }

  private commit(): void {
    const { log } = this.kept;
    const lengths = [log.length, ...[...(this.followers ?? []).values()].map(agreedOf)];
    lengths.sort((a, b) => b - a);
    const most = lengths[this.majority - 1] ?? 0;
    if (most <= this.committed || log[most - 1]?.term !== this.term) return;
    this.committed = most;
    this.applyCommitted();
  }

  private applyCommitted(): void {
    while (this.applied < this.committed) {
      const logged = this.kept.log[this.applied];
      if (logged === undefined) throw new Error(`entry ${this.applied + 1} is not in the log`);
      this.applied++;
      const result = logged.entry === null ? null : this.options.apply(logged.entry);
      const settle = this.settles.get(this.applied);
      this.settles.delete(this.applied);
      settle?.({ applied: true, result });
      if (this.followers !== null && !this.serving && logged.term === this.term) {
        this.serving = true;
        this.options.elected();
      }
    }
  }

  private append(entries: readonly Logged<Entry>[]): void {
    this.keep({ ...this.kept, log: [...this.kept.log, ...entries] });
  }

  private keep(kept: Kept<Entry>): void {
    this.kept = kept;
    this.options.io.storage.put(this.options.name, kept);
  }
}

function agreedOf({ agreed }: Follower): number {
  return agreed;
}

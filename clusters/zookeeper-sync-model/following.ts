/** A server that follows: it agrees to the leader's epoch, is synchronised, and then logs what is proposed. */
import type { NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { DurableState } from './durable-state.ts';
import { LogThread } from './log-thread.ts';
import {
  AGREE,
  CONNECT,
  type Message,
  SYNC,
  type SessionMessage,
  type Transaction,
  diskTime,
  threadTime,
} from './protocol.ts';
import type { Defects } from './versions.ts';

type NewLeader = Extract<SessionMessage, { type: 'new-leader' }>;

export class Following {
  readonly leader: NodeName;
  serving = false;
  private readonly io: ModelIo<Message>;
  private readonly state: DurableState;
  private readonly defects: Defects;
  private readonly session: number;
  private readonly leave: () => void;
  private readonly logThread: LogThread;
  /** What the quorum thread does one after another while it synchronises, each after a while. */
  private steps: (() => void)[] = [];
  /** Proposals that came while it was synchronised. */
  private later: Transaction[] = [];
  private synchronised = false;
  /** How many transactions it has or has been sent. */
  private told = 0;

  constructor(
    io: ModelIo<Message>,
    state: DurableState,
    defects: Defects,
    at: { readonly leader: NodeName; readonly session: number },
    leave: () => void,
  ) {
    this.io = io;
    this.state = state;
    this.defects = defects;
    this.leader = at.leader;
    this.session = at.session;
    this.leave = leave;
    this.logThread = new LogThread(io, state, `log ${at.session}`, (length) => {
      this.tell({ type: 'ack', length });
    });
  }

  start(): void {
    this.tell({ type: 'follower-info', accepted: this.state.accepted });
    this.io.setTimer('silence', CONNECT);
  }

  timer(name: string): void {
    if (name === 'silence') this.leave();
    else if (name === `log ${this.session}`) this.logThread.fired();
    else if (name === `step ${this.session}`) this.step();
    else if (name === `early ${this.session}`) {
      this.tell({ type: 'ack', length: this.state.log.length });
    }
  }

  receive(from: NodeName, message: SessionMessage): void {
    if (from !== this.leader || message.session !== this.session) return;
    switch (message.type) {
      case 'not-leading':
        return this.leave();
      case 'leader-info':
        return this.onLeaderInfo(message.epoch);
      case 'new-leader':
        return this.synchronise(message);
      case 'up-to-date':
        this.serving = true;
        return this.io.setTimer('silence', SYNC);
      case 'propose':
        return this.onPropose(message.after, message.transaction);
      case 'ping':
        return this.onPing(message.length);
    }
  }

  private onLeaderInfo(epoch: number): void {
    const { state } = this;
    if (epoch < state.accepted) return this.leave();
    if (epoch > state.accepted) state.accept(epoch);
    const epochs = state.log.map((transaction) => transaction.epoch);
    this.tell({ type: 'ack-epoch', progress: state.progress, epochs });
    this.io.setTimer('silence', AGREE);
  }

  /** On the quorum thread: what it lacks, the epoch, the acknowledgement, in the version's order. */
  private synchronise({ epoch, keep, transactions }: NewLeader): void {
    const { state, defects } = this;
    this.told = keep + transactions.length;
    this.io.setTimer('silence', SYNC);
    const log = (): void => {
      state.write(keep, transactions);
      if (!defects.acknowledgesTooEarly || transactions.length === 0) return;
      this.io.setTimer(`early ${this.session}`, threadTime(this.io.random));
    };
    const enter = (): void => state.enter(epoch);
    const acknowledge = (): void => {
      this.tell({ type: 'ack-new-leader' });
      this.synchronised = true;
      for (const transaction of this.later) this.logThread.append(transaction);
      this.later = [];
    };
    this.steps = defects.epochBeforeLog ? [enter, log, acknowledge] : [log, enter, acknowledge];
    this.stepLater();
  }

  private step(): void {
    this.steps.shift()?.();
    if (this.steps.length > 0) this.stepLater();
  }

  private stepLater(): void {
    const { random } = this.io;
    // The last one only sends.
    const time = this.steps.length > 1 ? diskTime(random) : threadTime(random);
    this.io.setTimer(`step ${this.session}`, time);
  }

  private onPropose(after: number, transaction: Transaction): void {
    // What was lost on the way would have broken the connection.
    if (after !== this.told) return this.leave();
    this.told++;
    if (this.synchronised) this.logThread.append(transaction);
    else this.later.push(transaction);
  }

  private onPing(length: number): void {
    if (length !== this.told) return this.leave();
    this.io.setTimer('silence', SYNC);
    this.tell({ type: 'pong' });
    // What was lost on the way is sent again, as a connection does.
    if (this.serving) {
      this.tell({ type: 'ack', length: this.state.log.length });
    } else if (this.synchronised) this.tell({ type: 'ack-new-leader' });
  }

  private tell(message: WithoutSession<SessionMessage>): void {
    this.io.send(this.leader, { ...message, session: this.session });
  }
}

/** Each of a union without its session. */
type WithoutSession<M> = M extends unknown ? Omit<M, 'session'> : never;

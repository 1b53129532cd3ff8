/** A server that leads: a new epoch that a majority agrees to, followers synchronised with it, then proposals. */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import type { Command } from '../primary-backup/protocol.ts';
import { Store } from '../primary-backup/store.ts';
import { defectsOf } from '../primary-backup/versions.ts';
import type { DurableState } from './durable-state.ts';
import { LogThread } from './log-thread.ts';
import {
  AGREE,
  INIT,
  type Message,
  PING,
  SYNC,
  type SessionMessage,
  type Transaction,
  compare,
} from './protocol.ts';

type Reply = (answer: Answer) => void;

/** The leader's end of one follower's connection. */
interface Handler {
  readonly session: number;
  /**
   * `stuck`: its first acknowledgement was not that of the new leader; nothing more is read from it until the leader
   * serves.
   */
  state: 'joining' | 'agreed' | 'synchronising' | 'stuck' | 'ready';
  epochs: readonly number[];
  acknowledged: number;
  heard: Nanoseconds;
}

export class Leading {
  private readonly io: ModelIo<Message>;
  private readonly state: DurableState;
  private readonly leave: () => void;
  private readonly logThread: LogThread;
  private readonly handlers = new Map<NodeName, Handler>();
  private readonly replies = new Map<number, Reply>();
  private readonly entries: Transaction[];
  private epoch: number | null = null;
  private agreed = false;
  private store: Store | null = null;
  private committed = 0;

  constructor(io: ModelIo<Message>, state: DurableState, number: number, leave: () => void) {
    this.io = io;
    this.state = state;
    this.leave = leave;
    this.entries = [...state.log];
    this.logThread = new LogThread(io, state, `log ${number}`, () => this.commit());
  }

  get term(): number {
    return this.epoch ?? 0;
  }

  get serves(): boolean {
    return this.store !== null;
  }

  start(): void {
    this.io.setTimer('silence', AGREE);
    this.io.setTimer('ping', PING);
  }

  timer(name: string): void {
    if (name === 'silence') this.leave();
    else if (name === 'ping') this.ping();
    else if (name.startsWith('log')) this.logThread.fired();
  }

  /** The leadership is over. */
  depose(): void {
    for (const reply of this.replies.values()) {
      reply({ outcome: 'unknown', why: 'deposed before it was committed' });
    }
    this.replies.clear();
  }

  submit(command: Command, reply: Reply): void {
    if (this.store === null || this.epoch === null) {
      return reply({ outcome: 'refused', why: 'the leader does not serve yet' });
    }
    const transaction = { epoch: this.epoch, command };
    const after = this.entries.length;
    this.entries.push(transaction);
    this.replies.set(this.entries.length, reply);
    this.logThread.append(transaction);
    for (const [node, { state }] of this.handlers) {
      if (state === 'synchronising' || state === 'ready') {
        this.tell(node, { type: 'propose', after, transaction });
      }
    }
  }

  receive(from: NodeName, message: SessionMessage): void {
    if (message.type === 'follower-info') return this.join(from, message);
    const handler = this.handlers.get(from);
    if (handler?.session !== message.session) return;
    handler.heard = this.io.now();
    if (handler.state === 'stuck') return;
    if (message.type === 'ack-epoch') this.onAckEpoch(from, handler, message);
    else if (message.type === 'ack-new-leader') this.onAckNewLeader(from, handler);
    else if (message.type === 'ack') this.onAck(from, handler, message.length);
  }

  // The epoch

  private join(
    from: NodeName,
    { session, accepted }: SessionMessage & { readonly type: 'follower-info' },
  ): void {
    const heard = this.io.now();
    this.handlers.set(from, { session, state: 'joining', epochs: [], acknowledged: 0, heard });
    if (this.epoch !== null && accepted <= this.epoch) {
      return this.tell(from, { type: 'leader-info', epoch: this.epoch });
    }
    // With more than one follower at once the majority's latest is less than it could be; none has agreed to more.
    if (this.epoch !== null) return this.leave();
    this.epoch = Math.max(accepted, this.state.accepted) + 1;
    this.state.accept(this.epoch);
    this.tell(from, { type: 'leader-info', epoch: this.epoch });
  }

  private onAckEpoch(
    from: NodeName,
    handler: Handler,
    { progress, epochs }: SessionMessage & { readonly type: 'ack-epoch' },
  ): void {
    // A follower that is further must not be made to forget.
    if (!this.agreed && compare(progress, this.state.progress) > 0) return this.leave();
    handler.state = 'agreed';
    handler.epochs = epochs;
    if (this.agreed) return this.synchronise(from, handler);
    const agreed = [...this.handlers].filter(([, { state }]) => state === 'agreed');
    if (!this.isMajority(agreed.length) || this.epoch === null) return;
    this.agreed = true;
    this.state.enter(this.epoch);
    this.io.setTimer('silence', INIT);
    for (const [node, other] of agreed) this.synchronise(node, other);
  }

  // Synchronisation

  private synchronise(node: NodeName, handler: Handler): void {
    if (this.epoch === null) return;
    const differs = handler.epochs.findIndex((epoch, at) => this.entries[at]?.epoch !== epoch);
    const keep = differs < 0 ? handler.epochs.length : differs;
    const transactions = this.entries.slice(keep);
    handler.state = 'synchronising';
    handler.acknowledged = this.entries.length;
    this.tell(node, { type: 'new-leader', epoch: this.epoch, keep, transactions });
  }

  private onAckNewLeader(from: NodeName, handler: Handler): void {
    if (handler.state !== 'synchronising' && handler.state !== 'ready') return;
    handler.state = 'ready';
    if (this.store !== null) {
      this.tell(from, { type: 'up-to-date' });
      return this.commit();
    }
    const ready = [...this.handlers.values()].filter(({ state }) => state === 'ready');
    if (this.isMajority(ready.length)) this.serve();
  }

  private onAck(from: NodeName, handler: Handler, length: number): void {
    if (handler.state === 'synchronising') {
      // The first acknowledgement is taken for that of the new leader, and it is of something else.
      if (this.store === null) handler.state = 'stuck';
      else this.onAckNewLeader(from, handler);
      return;
    }
    handler.acknowledged = Math.max(handler.acknowledged, length);
    this.commit();
  }

  /** What a majority has been synchronised with is committed. */
  private serve(): void {
    this.store = new Store(defectsOf('correct'));
    for (const { command } of this.entries) this.store.apply(command);
    this.committed = this.entries.length;
    for (const [node, handler] of this.handlers) {
      if (handler.state === 'stuck') handler.state = 'ready';
      if (handler.state === 'ready') this.tell(node, { type: 'up-to-date' });
    }
  }

  // Proposals

  private commit(): void {
    const { store } = this;
    if (store === null) return;
    const ready = [...this.handlers.values()].filter(({ state }) => state === 'ready');
    const lengths = [this.state.log.length, ...ready.map(({ acknowledged }) => acknowledged)];
    lengths.sort((a, b) => b - a);
    const most = lengths[Math.floor(this.io.nodes.length / 2)] ?? 0;
    while (this.committed < most) {
      const transaction = this.entries[this.committed];
      if (transaction === undefined)
        throw new Error(`transaction ${this.committed + 1} is missing`);
      const value = store.apply(transaction.command);
      this.committed++;
      this.replies.get(this.committed)?.({ outcome: 'done', value });
      this.replies.delete(this.committed);
    }
  }

  private ping(): void {
    this.io.setTimer('ping', PING);
    const now = this.io.now();
    const { length } = this.entries;
    let near = 0;
    for (const [node, { state, heard }] of this.handlers) {
      if (now - heard < SYNC) near++;
      if (state === 'synchronising' || state === 'ready' || state === 'stuck') {
        this.tell(node, { type: 'ping', length });
      }
    }
    if (this.agreed && !this.isMajority(near)) this.leave();
    else if (this.store !== null) this.io.setTimer('silence', INIT);
  }

  /** So many followers with this server. */
  private isMajority(followers: number): boolean {
    return 2 * (followers + 1) > this.io.nodes.length;
  }

  private tell(node: NodeName, message: WithoutSession<SessionMessage>): void {
    const session = this.handlers.get(node)?.session ?? 0;
    this.io.send(node, { ...message, session });
  }
}

/** Each of a union without its session. */
type WithoutSession<M> = M extends unknown ? Omit<M, 'session'> : never;

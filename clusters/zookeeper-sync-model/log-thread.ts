/** The thread that brings proposals to disk, one after another, while its server goes on. */
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { DurableState } from './durable-state.ts';
import { type Message, type Transaction, diskTime } from './protocol.ts';

export class LogThread {
  private readonly io: ModelIo<Message>;
  private readonly state: DurableState;
  private readonly timer: string;
  private readonly written: (length: number) => void;
  private queue: Transaction[] = [];
  private writing = false;

  /** @param written told how many transactions are on disk */
  constructor(
    io: ModelIo<Message>,
    state: DurableState,
    timer: string,
    written: (length: number) => void,
  ) {
    this.io = io;
    this.state = state;
    this.timer = timer;
    this.written = written;
  }

  append(transaction: Transaction): void {
    this.queue.push(transaction);
    if (!this.writing) this.write();
  }

  /** Its timer: what was in the queue is on disk. */
  fired(): void {
    this.writing = false;
    const transactions = this.queue;
    this.queue = [];
    this.state.write(this.state.log.length, transactions);
    this.written(this.state.log.length);
  }

  private write(): void {
    this.writing = true;
    this.io.setTimer(this.timer, diskTime(this.io.random));
  }
}

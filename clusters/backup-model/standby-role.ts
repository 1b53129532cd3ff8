/** A master's part in backups while another leads, after Alluxio's BackupWorkerRole. */
import type { NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import { type BackupState, HEARTBEAT, type Message } from './protocol.ts';

type Delegate = Extract<Message, { type: 'delegate' }>;

export class StandbyRole {
  /** Another one in each process. */
  readonly connection: number;
  private readonly io: ModelIo<Message>;
  private task: { readonly leader: NodeName; readonly asked: Delegate } | null = null;

  constructor(io: ModelIo<Message>) {
    this.io = io;
    this.connection = Math.floor(io.random.next() * 2 ** 30);
  }

  /** One at a time; a second one is not even answered. */
  delegate(leader: NodeName, asked: Delegate): void {
    if (this.task !== null && this.task.asked.term === asked.term) return;
    const { term, id, duration } = asked;
    this.task = { leader, asked };
    this.io.send(leader, { type: 'delegated', term, id });
    this.io.setTimer('standby heartbeat', HEARTBEAT);
    this.io.setTimer('standby end', duration);
  }

  timer(name: string): void {
    if (name === 'standby end') {
      this.tell('Completed');
      this.task = null;
    } else if (this.task !== null) {
      this.tell('Running');
      this.io.setTimer('standby heartbeat', HEARTBEAT);
    }
  }

  /** Leads now, and drops what it did for another. */
  cancel(): void {
    this.task = null;
  }

  private tell(state: BackupState): void {
    if (this.task === null) return;
    const { leader, asked } = this.task;
    this.io.send(leader, { type: 'heartbeat', term: asked.term, id: asked.id, state });
  }
}

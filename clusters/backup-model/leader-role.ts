/** A master's part in backups while it leads, after Alluxio's BackupLeaderRole. Made anew for each leadership. */
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import {
  ABANDON,
  type BackupState,
  LITTLE,
  LITTLE_SHARE,
  MUCH,
  type Message,
  type Request,
  TRANSPORT,
  WAKING,
  reportOf,
} from './protocol.ts';
import { BackupTracker } from './tracker.ts';
import type { Defects } from './versions.ts';

type Of<Type extends Message['type']> = Message & { readonly type: Type };
type BackupRequest = Extract<Request, { kind: 'backup' }>;

export class LeaderRole {
  private readonly io: ModelIo<Message>;
  private readonly defects: Defects;
  private readonly term: number;
  private readonly tracker = new BackupTracker();
  private readonly connections = new Map<NodeName, number>();
  /** Over which the delegated backup is driven. */
  private remote: { readonly node: NodeName; readonly connection: number } | null = null;
  /** A backup that a standby was asked to make, until the asking thread runs on. */
  private delegating: { readonly id: string; readonly node: NodeName } | null = null;
  private acknowledged = false;
  private heardAt: Nanoseconds = 0;
  /** The one that the abandon timer is for. */
  private timed: string | null = null;

  constructor(io: ModelIo<Message>, term: number, defects: Defects) {
    this.io = io;
    this.term = term;
    this.defects = defects;
  }

  get name(): string {
    return `${this.io.name} in term ${this.term}`;
  }

  hello(node: NodeName, connection: number): void {
    const known = this.connections.get(node);
    if (known === connection) return;
    if (known !== undefined) this.closed(node);
    this.connections.set(node, connection);
  }

  /** A standby's connection is gone. */
  closed(node: NodeName): void {
    const connection = this.connections.get(node);
    if (connection === undefined) return;
    this.connections.delete(node);
    const { remote, delegating } = this;
    if (delegating?.node === node && !this.acknowledged) this.delegationFailed(delegating.id);
    if (remote === null || remote.node !== node || remote.connection !== connection) return;
    this.remote = null;
    if (this.tracker.inProgress) this.tracker.setState('Failed');
  }

  answer(asked: Request): Answer {
    if (asked.kind === 'backup') return this.backup(asked);
    const ids = asked.kind === 'backup-status' ? asked.ids : [];
    const reports = ids.map((id) => reportOf(id, this.tracker.stateOf(id), this.name));
    return { outcome: 'done', value: reports };
  }

  timer(name: string): void {
    const [what, id = ''] = name.split(' ');
    if (what === 'abandon') this.abandon();
    else if (what === 'woken') this.delegated(id);
    else if (what === 'transport') this.untaken(id);
    else if (what === 'locked') this.runLocally(id);
    else if (what === 'local') this.endLocally(id);
  }

  onDelegated({ id }: Of<'delegated'>): void {
    if (this.delegating?.id !== id) return;
    this.acknowledged = true;
    this.io.setTimer(`woken ${id}`, this.io.random.next() * WAKING);
  }

  onHeartbeat({ id, state }: Of<'heartbeat'>): void {
    if (this.defects.heartbeatWithoutId) this.tracker.replace(id, state);
    else if (this.tracker.isUnderWay(id)) this.tracker.setState(state);
    else return;
    this.adjustTimer(id);
    if (!this.defects.staleConnection && !this.tracker.inProgress) this.remote = null;
  }

  private backup({ id, local }: BackupRequest): Answer {
    if (this.tracker.inProgress) return { outcome: 'rejected', why: 'Backup in progress' };
    const [standby] = this.connections.keys();
    if (!local && standby === undefined) {
      return { outcome: 'rejected', why: 'No master found to delegate backup' };
    }
    this.tracker.begin(id);
    if (local || standby === undefined) {
      this.io.setTimer(`locked ${id}`, this.io.random.next() * WAKING);
    } else this.delegate(id, standby);
    return { outcome: 'done', value: reportOf(id, 'Initiating', this.name) };
  }

  private durationOfBackup(): Nanoseconds {
    const { random } = this.io;
    return Math.round(random.between(...(random.next() < LITTLE_SHARE ? LITTLE : MUCH)));
  }

  // Delegated

  private delegate(id: string, node: NodeName): void {
    this.delegating = { id, node };
    this.acknowledged = false;
    const duration = this.durationOfBackup();
    this.io.send(node, { type: 'delegate', term: this.term, id, duration });
    this.io.setTimer(`transport ${id}`, TRANSPORT);
  }

  /** The thread that waited for the standby's answer runs on. */
  private delegated(id: string): void {
    const { delegating } = this;
    if (delegating?.id !== id) return;
    const { node } = delegating;
    this.delegating = null;
    const over = !this.tracker.isUnderWay(id);
    if (over && !this.defects.timerAfterEnd && !this.defects.staleConnection) return;
    const connection = this.connections.get(node);
    if (!over || this.defects.staleConnection) {
      this.remote = connection === undefined ? null : { node, connection };
    }
    if (!over || this.defects.timerAfterEnd) this.armTimer(id);
  }

  private untaken(id: string): void {
    if (this.delegating?.id === id && !this.acknowledged) this.delegationFailed(id);
  }

  private delegationFailed(id: string): void {
    this.delegating = null;
    if (this.tracker.isUnderWay(id)) this.tracker.setState('Failed');
  }

  private adjustTimer(id: string): void {
    this.heardAt = this.io.now();
    if (this.tracker.inProgress) this.armTimer(id);
    else this.timed = null;
  }

  private armTimer(id: string): void {
    this.heardAt = this.io.now();
    this.timed = id;
    this.io.setTimer('abandon', ABANDON);
  }

  private abandon(): void {
    const id = this.timed;
    if (id === null || this.io.now() - this.heardAt < ABANDON) return;
    this.timed = null;
    if (!this.defects.timerAfterEnd && !this.tracker.isUnderWay(id)) return;
    this.tracker.setState('Failed');
    if (!this.defects.staleConnection) this.remote = null;
  }

  // On this master

  private runLocally(id: string): void {
    this.endState(id, 'Running');
    this.io.setTimer(`local ${id}`, this.durationOfBackup());
  }

  private endLocally(id: string): void {
    this.endState(id, 'Completed');
  }

  private endState(id: string, state: BackupState): void {
    if (this.defects.staleConnection || this.tracker.isUnderWay(id)) this.tracker.setState(state);
  }
}

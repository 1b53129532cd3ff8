/** A tablet server with a replica of the one tablet: reports to masters what changed of it since they took a report. */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import { Raft } from '../models/raft.ts';
import {
  BEAT,
  type Message,
  PATIENCE,
  type Request,
  type TabletEntry,
  type TabletReport,
  isMaster,
} from './protocol.ts';
import type { Solutions } from './versions.ts';

type Of<Type extends Message['type']> = Message & { readonly type: Type };

/** What is remembered of one master. */
interface Acquaintance {
  /** It asked for a registration: the next heartbeat has one, with a full report. */
  mustRegister: boolean;
  /** The replica's changes that it has read of. */
  took: number;
  leads: boolean;
}

export class TabletServer implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly solutions: Solutions;
  private readonly masters: readonly NodeName[];
  private readonly known = new Map<NodeName, Acquaintance>();
  private readonly tablet: Raft<TabletEntry>;
  private version = 0;
  private changes = 1;
  /** The master that it tells, where it tells only one. */
  private master: NodeName;
  private heardAt: number;

  constructor(io: ModelIo<Message>, solutions: Solutions) {
    this.io = io;
    this.solutions = solutions;
    this.masters = io.nodes.filter(isMaster);
    this.master = this.masters[0] ?? io.name;
    this.heardAt = io.now();
    for (const master of this.masters) {
      this.known.set(master, { mustRegister: false, took: 0, leads: false });
    }
    const changed = (): void => void this.changes++;
    this.tablet = new Raft<TabletEntry>({
      io,
      members: io.nodes.filter((node) => !isMaster(node)),
      name: 'tablet',
      send: (to, message) => io.send(to, { type: 'tablet', message }),
      apply: (version) => {
        if (version > this.version) changed();
        this.version = Math.max(this.version, version);
      },
      elected: changed,
      deposed: changed,
    });
  }

  start(): void {
    this.tablet.start();
    this.io.setTimer('beat', BEAT * this.io.random.next());
  }

  timer(name: string): void {
    if (this.tablet.timer(name)) return;
    this.io.setTimer('beat', BEAT);
    if (this.solutions.heartbeatAllMasters) {
      for (const master of this.masters) this.beat(master);
      return;
    }
    if (this.io.now() - this.heardAt >= PATIENCE) this.turnTo(this.nextMaster());
    this.beat(this.master);
  }

  request(request: number, body: Value): void {
    const { kind } = body as unknown as Request;
    const registered = [...this.known.values()].some(({ leads, mustRegister }) => {
      return leads && !mustRegister;
    });
    this.io.answer(request, { outcome: 'done', value: kind === 'ready' ? registered : null });
  }

  receive(from: NodeName, message: Message): void {
    if (message.type === 'tablet') return this.tablet.receive(from, message.message);
    if (message.type === 'heard') return this.onHeard(from, message);
    if (message.type !== 'alter-tablet' || message.version <= this.version) return;
    // One that does not lead the tablet does nothing: the master asks again.
    this.tablet.submit(message.version, () => undefined);
  }

  private beat(master: NodeName): void {
    const known = this.known.get(master);
    if (known === undefined) return;
    const { changes } = this;
    const registers = known.mustRegister;
    const report = registers || known.took < changes ? this.report() : null;
    this.io.send(master, { type: 'heartbeat', registers, report, changes });
  }

  private report(): TabletReport {
    return { term: this.tablet.term, leads: this.tablet.leads, version: this.version };
  }

  private onHeard(from: NodeName, { leads, leader, mustRegister, took }: Of<'heard'>): void {
    const known = this.known.get(from);
    if (known === undefined) return;
    const isNew = leads && !known.leads;
    known.leads = leads;
    known.mustRegister = mustRegister;
    if (took !== null) known.took = Math.max(known.took, took);
    if (this.solutions.heartbeatAllMasters) {
      if (isNew && this.solutions.fullReportToNewLeader) known.took = 0;
      return;
    }
    if (from !== this.master) return;
    this.heardAt = this.io.now();
    if (!leads && leader !== null && leader !== from) this.turnTo(leader);
    else if (mustRegister) this.beat(from);
  }

  /** From now on it tells another master. */
  private turnTo(master: NodeName): void {
    this.heardAt = this.io.now();
    if (master === this.master) return;
    const before = this.known.get(this.master);
    if (before !== undefined) before.leads = false;
    this.master = master;
    const known = this.known.get(master);
    // What changed is told until it was taken by some leader: what an earlier one took, this one may not have.
    if (known === undefined) return;
    known.took = this.solutions.fullReportToNewLeader ? 0 : Math.max(known.took, before?.took ?? 0);
  }

  private nextMaster(): NodeName {
    const index = this.masters.indexOf(this.master);
    return this.masters[(index + 1) % this.masters.length] ?? this.master;
  }
}

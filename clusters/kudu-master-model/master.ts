/**
 * A master, as Kudu's catalog manager: the table's schema is agreed on by all masters and brought to the tablet by asking
 * the server of its leader, of which the master knows from tablet reports.
 */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import { Forwarding } from '../models/forwarding.ts';
import { Raft } from '../models/raft.ts';
import {
  type Entry,
  type Message,
  RETRY,
  type Request,
  type Status,
  type TabletReport,
  isMaster,
} from './protocol.ts';
import type { Solutions } from './versions.ts';

type Of<Type extends Message['type']> = Message & { readonly type: Type };

/** Hard state: the same at all masters, from the same entries. */
interface Catalog {
  version: number;
  readonly alterations: Map<number, number>;
  /** All versions up to this one are at the tablet. */
  altered: number;
  leader: { readonly term: number; readonly node: NodeName } | null;
  readonly tabletServers: Set<NodeName>;
}

export class CatalogMaster implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly solutions: Solutions;
  private readonly raft: Raft<Entry>;
  private readonly forwarding: Forwarding;
  private readonly catalog: Catalog = {
    version: 0,
    alterations: new Map(),
    altered: 0,
    leader: null,
    tabletServers: new Set(),
  };
  /** Soft state: servers that registered with this process. */
  private readonly registered = new Set<NodeName>();
  /** Soft state: the replica of each server, as last reported to this leader. */
  private readonly replicas = new Map<NodeName, TabletReport>();
  /** Whether the tablet's leader is still being asked for the schema of now. */
  private altering = false;

  constructor(io: ModelIo<Message>, solutions: Solutions) {
    this.io = io;
    this.solutions = solutions;
    this.forwarding = new Forwarding(io);
    this.raft = new Raft<Entry>({
      io,
      members: io.nodes.filter(isMaster),
      name: 'masters',
      send: (to, message) => io.send(to, { type: 'masters', message }),
      apply: (entry) => this.apply(entry),
      elected: () => this.loadTablets(),
      deposed: () => void (this.altering = false),
    });
  }

  start(): void {
    this.raft.start();
  }

  timer(name: string): void {
    if (!this.raft.timer(name) && name === 'retry' && this.altering) this.askLeader();
  }

  closed(peer: NodeName): void {
    this.forwarding.giveUp((leader) => leader === peer);
  }

  request(request: number, body: Value): void {
    const asked = body as unknown as Request;
    const { leader, leads, term } = this.raft;
    if (asked.kind === 'status') {
      const value = { term, leads } satisfies Status;
      return this.io.answer(request, { outcome: 'done', value });
    }
    if (asked.kind === 'ready') {
      return this.io.answer(request, { outcome: 'done', value: leader !== null });
    }
    if (leads) return this.carryOut(asked, (answer) => this.io.answer(request, answer));
    this.forwarding.giveUp((to) => to !== leader);
    this.forwarding.forward(request, leader, (to) => {
      this.io.send(to, { type: 'forward', request, asked });
    });
  }

  receive(from: NodeName, message: Message): void {
    switch (message.type) {
      case 'masters':
        return this.raft.receive(from, message.message);
      case 'heartbeat':
        return this.onHeartbeat(from, message);
      case 'forward': {
        const { request, asked } = message;
        return this.carryOut(asked, (answer) => {
          this.io.send(from, { type: 'forwarded', request, answer });
        });
      }
      case 'forwarded':
        return this.forwarding.answered(message.request, message.answer);
    }
  }

  private carryOut(asked: Request, reply: (answer: Answer) => void): void {
    if (!this.raft.leads) return reply({ outcome: 'refused', why: 'this master does not lead' });
    if (asked.kind === 'look') {
      const version = this.catalog.alterations.get(asked.id);
      const done = version !== undefined && version <= this.catalog.altered;
      return reply({ outcome: 'done', value: { id: asked.id, done } });
    }
    if (asked.kind !== 'alter') return;
    const { id } = asked;
    this.raft.submit({ kind: 'alter', id }, (outcome) => {
      if (outcome === null) return reply({ outcome: 'unknown', why: 'deposed meanwhile' });
      this.beginToAlter();
      reply({ outcome: 'done', value: { id } });
    });
  }

  private apply(entry: Entry): void {
    const { catalog } = this;
    switch (entry.kind) {
      case 'alter':
        catalog.version++;
        return void catalog.alterations.set(entry.id, catalog.version);
      case 'altered':
        return void (catalog.altered = Math.max(catalog.altered, entry.version));
      case 'leader':
        if (entry.term >= (catalog.leader?.term ?? 0)) {
          catalog.leader = { term: entry.term, node: entry.leader };
        }
        return;
      case 'tablet-server':
        return void catalog.tabletServers.add(entry.node);
    }
  }

  /** A new leader reads the catalogue anew; what was reported of tablets before is not kept. */
  private loadTablets(): void {
    if (!this.solutions.heartbeatAllMasters) this.replicas.clear();
    this.altering = false;
  }

  // Heartbeats

  private onHeartbeat(from: NodeName, { registers, report, changes }: Of<'heartbeat'>): void {
    const { leads, leader } = this.raft;
    const listens = leads || this.solutions.heartbeatAllMasters;
    if (listens && registers) this.register(from);
    const mustRegister = listens && !this.knows(from);
    const reply = (took: number | null): void =>
      this.io.send(from, { type: 'heard', leads, leader, mustRegister, took });
    if (!listens || mustRegister || report === null) return reply(null);
    this.replicas.set(from, report);
    if (!leads) return reply(changes);
    this.onReport(from, report, (written) => reply(written ? changes : null));
  }

  private register(node: NodeName): void {
    this.registered.add(node);
    if (!this.solutions.persistedTabletServers || this.catalog.tabletServers.has(node)) return;
    this.raft.submit({ kind: 'tablet-server', node }, () => undefined);
  }

  private knows(node: NodeName): boolean {
    return this.registered.has(node) || this.catalog.tabletServers.has(node);
  }

  /**
   * Only a replica that leads tells who leads and what version the tablet has. As in Kudu what is new is written first: who
   * is asked is read from it, and a report is taken when it is on disk.
   */
  private onReport(
    node: NodeName,
    { term, leads, version }: TabletReport,
    taken: (written: boolean) => void,
  ): void {
    if (!leads) return taken(true);
    const { catalog } = this;
    const news: Entry[] = [];
    if (term > (catalog.leader?.term ?? 0)) news.push({ kind: 'leader', term, leader: node });
    if (version > catalog.altered) news.push({ kind: 'altered', version });
    this.write(news, (written) => {
      if (written && version < this.catalog.version) this.beginToAlter();
      taken(written);
    });
  }

  /** Tells at the last of them whether all were written. */
  private write(entries: readonly Entry[], done: (written: boolean) => void): void {
    let left = entries.length;
    let written = true;
    if (left === 0) return done(true);
    for (const entry of entries) {
      this.raft.submit(entry, (outcome) => {
        written &&= outcome !== null;
        if (--left === 0) done(written);
      });
    }
  }

  // Bringing the schema to the tablet

  private beginToAlter(): void {
    if (this.altering) return;
    this.altering = true;
    this.askLeader();
  }

  /** Asks the tablet's leader until it is done. One who is not known cannot be asked: then the task ends. */
  private askLeader(): void {
    const { version, altered } = this.catalog;
    const leader = altered < version ? this.tabletLeader() : null;
    if (leader === null) {
      this.altering = false;
      return;
    }
    this.io.send(leader, { type: 'alter-tablet', version });
    this.io.setTimer('retry', RETRY);
  }

  private tabletLeader(): NodeName | null {
    const node = this.solutions.hardStateLeader
      ? (this.catalog.leader?.node ?? null)
      : this.reportedLeader();
    return node !== null && this.knows(node) ? node : null;
  }

  private reportedLeader(): NodeName | null {
    let leader: NodeName | null = null;
    let latest = -1;
    for (const [node, { leads, term }] of this.replicas) {
      if (!leads || term <= latest) continue;
      leader = node;
      latest = term;
    }
    return leader;
  }
}

/**
 * One server of the primary-backup store. The protocol is Viewstamped Replication (Liskov and Cowling, "Viewstamped
 * Replication Revisited", 2012) with its log on disk in place of the recovery protocol, and a vote among those who miss
 * the primary before anybody leaves its view.
 *
 * Why nothing acknowledged is lost: an entry is committed when a majority has it on disk in the view's log; a new view
 * begins with what a majority brings, each of which has promised (on disk) to take part in no older view; the two
 * majorities share a replica, and of the logs brought the one of the latest view, then the longest, is taken.
 */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import { DurableState } from './durable-state.ts';
import { Primary, type Reply } from './primary.ts';
import {
  type Command,
  HEARTBEAT,
  type Message,
  type Request,
  SUSPICION,
  type Status,
  majorityOf,
  primaryOf,
} from './protocol.ts';
import type { Defects } from './versions.ts';
import { ViewChange } from './view-change.ts';

type Of<Type extends Message['type']> = Message & { readonly type: Type };

export class Replica implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly defects: Defects;
  private readonly state: DurableState;
  private readonly changes: ViewChange;
  private role: Status['role'] = 'changing';
  private primary: Primary | null = null;
  /** Entries known to be committed. */
  private committed = 0;
  /** When the primary of this view was last heard of. */
  private heardAt = -Infinity;
  /** The latest view proposed by this replica. */
  private proposed = 0;
  /** Clients' requests that the primary was sent. */
  private readonly forwarded = new Set<number>();

  constructor(io: ModelIo<Message>, defects: Defects) {
    this.io = io;
    this.defects = defects;
    this.state = new DurableState(io.storage, defects.forgetsOnRestart);
    this.changes = new ViewChange(majorityOf(io.nodes));
  }

  start(): void {
    this.suspectLater();
    if (this.state.restarted) return; // Whoever leads this view will be heard of, or missed.
    this.state.adopt(0, []);
    this.heardAt = this.io.now();
    if (this.isPrimaryOf(0)) this.lead();
    else this.role = 'backup';
  }

  receive(from: NodeName, message: Message): void {
    switch (message.type) {
      case 'prepare':
        return this.onPrepare(from, message);
      case 'prepared':
        if (message.view === this.state.view) this.primary?.prepared(from, message.length);
        return;
      case 'outdated':
        if (message.view > this.state.view) this.enter(message.view);
        return;
      case 'propose':
        return this.onPropose(from, message.view);
      case 'change':
        return this.onChange(from, message);
      case 'fetch':
        if (message.view === this.state.view && this.primary !== null) this.sendBegin(from);
        return;
      case 'begin':
        return this.onBegin(from, message);
      case 'forward':
        return this.onForward(from, message);
      case 'forwarded':
        return this.answer(message.request, message.answer);
    }
  }

  request(request: number, body: Value): void {
    const asked = body as Request;
    const { role } = this;
    if (asked.kind === 'status') {
      const value: Value = { role, view: this.state.view };
      return this.io.answer(request, { outcome: 'done', value });
    }
    this.forwarded.add(request);
    const reply: Reply = (answer) => this.answer(request, answer);
    if (this.primary !== null) this.primary.submit(asked, reply);
    else if (role === 'backup') this.forward(request, asked);
    else reply({ outcome: 'refused', why: 'no primary' });
  }

  timer(name: string): void {
    if (name === 'heartbeat') this.beat();
    else this.suspect();
  }

  private isPrimaryOf(view: number): boolean {
    return primaryOf(view, this.io.nodes) === this.io.name;
  }

  // The primary

  private lead(): void {
    const committed = Math.min(this.committed, this.state.log.length);
    this.role = 'primary';
    this.primary = new Primary(this.io, this.state, this.defects, committed);
    this.io.setTimer('heartbeat', HEARTBEAT);
  }

  /** A lonely primary keeps quiet: whoever still hears it, but is not heard, must be free to leave. */
  private beat(): void {
    if (this.primary === null) return;
    if (!this.primary.isLonely()) this.primary.heartbeat();
    this.io.setTimer('heartbeat', HEARTBEAT);
  }

  private onForward(from: NodeName, { request, command }: Of<'forward'>): void {
    const reply: Reply = (answer) => this.io.send(from, { type: 'forwarded', request, answer });
    if (this.primary === null) reply({ outcome: 'refused', why: 'not the primary' });
    else this.primary.submit(command, reply);
  }

  // The backup

  private forward(request: number, command: Command): void {
    const to = primaryOf(this.state.view, this.io.nodes);
    this.io.send(to, { type: 'forward', request, command });
  }

  private answer(request: number, answer: Answer): void {
    if (this.forwarded.delete(request)) this.io.answer(request, answer);
  }

  private onPrepare(from: NodeName, message: Of<'prepare'>): void {
    const { view } = this.state;
    if (message.view < view) return this.io.send(from, { type: 'outdated', view });
    if (message.view > view || this.role !== 'backup') {
      return this.io.send(from, { type: 'fetch', view: message.view });
    }
    this.heardAt = this.io.now();
    const missing = this.state.log.length - message.after;
    if (missing >= 0 && missing < message.entries.length) {
      this.state.append(message.entries.slice(missing));
    }
    this.acknowledge(from, message.committed);
  }

  /** The log is that of the view as far as it goes; after a gap the primary sends the rest with its next heartbeat. */
  private acknowledge(primary: NodeName, committed: number): void {
    const { view, log } = this.state;
    this.committed = Math.max(this.committed, Math.min(committed, log.length));
    this.io.send(primary, { type: 'prepared', view, length: log.length });
  }

  private sendBegin(to: NodeName): void {
    const { view, log } = this.state;
    this.io.send(to, { type: 'begin', view, log, committed: this.primary?.committed ?? 0 });
  }

  private onBegin(from: NodeName, { view, log, committed }: Of<'begin'>): void {
    const { state } = this;
    if (view < state.view || (view === state.view && this.role !== 'changing')) return;
    // One of this view that left before what was acknowledged since: it would take an acknowledged entry back.
    if (view === state.normalView && log.length < state.log.length) return;
    this.leave();
    state.adopt(view, log);
    this.changes.entered(view);
    this.role = 'backup';
    this.heardAt = this.io.now();
    this.acknowledge(from, committed);
  }

  // Changes of view

  private suspectLater(): void {
    this.io.setTimer('suspicion', SUSPICION * (1 + this.io.random.next()));
  }

  private suspect(): void {
    this.suspectLater();
    if (!this.missesPrimary()) return;
    this.proposed = Math.max(this.state.view, this.proposed) + 1;
    this.propose(this.proposed);
  }

  private missesPrimary(): boolean {
    if (this.primary !== null) return this.primary.isLonely();
    return this.io.now() - this.heardAt > SUSPICION;
  }

  private propose(view: number): void {
    for (const node of this.io.nodes) {
      if (node !== this.io.name) this.io.send(node, { type: 'propose', view });
    }
    if (this.changes.support(view, this.io.name)) this.enter(view);
  }

  /** Supports whoever misses the primary, if this replica does as well. */
  private onPropose(from: NodeName, view: number): void {
    if (view <= this.state.view || !this.missesPrimary()) return;
    const enough = this.changes.support(view, from);
    this.proposed = Math.max(this.proposed, view);
    if (!this.changes.supports(view, this.io.name)) this.propose(view);
    else if (enough) this.enter(view);
  }

  /** Leaves the old view for good and brings what it has to the new one. */
  private enter(view: number): void {
    this.leave();
    this.state.enter(view);
    this.changes.entered(view);
    const { normalView, log } = this.state;
    const change: Of<'change'> = {
      type: 'change',
      view,
      normalView,
      log,
      committed: this.committed,
    };
    if (this.isPrimaryOf(view)) this.onChange(this.io.name, change);
    else this.io.send(primaryOf(view, this.io.nodes), change);
  }

  private leave(): void {
    this.role = 'changing';
    this.committed = Math.max(this.committed, this.primary?.committed ?? 0);
    this.primary?.depose();
    this.primary = null;
    for (const request of this.forwarded) {
      this.answer(request, { outcome: 'unknown', why: 'the primary was lost' });
    }
  }

  private onChange(from: NodeName, change: Of<'change'>): void {
    const { view } = change;
    if (view < this.state.view || !this.isPrimaryOf(view)) return;
    if (view > this.state.view) this.enter(view);
    if (this.primary !== null) return this.sendBegin(from);
    // A restarted primary does not begin its view a second time.
    if (view === this.state.normalView) return;
    const begun = this.changes.bring(from, change);
    if (begun === null) return;
    this.committed = Math.max(this.committed, begun.committed);
    this.state.adopt(view, begun.log);
    this.lead();
    for (const node of this.io.nodes) if (node !== this.io.name) this.sendBegin(node);
  }
}

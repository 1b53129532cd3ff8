/** One server: looks for a leader, then follows or leads, and looks again when that ends. */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import { Forwarding } from '../models/forwarding.ts';
import { DurableState } from './durable-state.ts';
import { Election } from './election.ts';
import { Following } from './following.ts';
import { Leading } from './leading.ts';
import { type Message, type Request, type Status, bootTime } from './protocol.ts';
import type { Defects } from './versions.ts';

export class ZabServer implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly defects: Defects;
  private readonly state: DurableState;
  private readonly forwarding: Forwarding;
  private role: Election | Following | Leading;
  private round = 0;
  private booted = false;
  /** Sessions of followers have numbers that no other process of theirs had. */
  private sessions: number;

  constructor(io: ModelIo<Message>, defects: Defects) {
    this.io = io;
    this.defects = defects;
    this.state = new DurableState(io.storage);
    this.forwarding = new Forwarding(io);
    this.sessions = Math.floor(io.random.next() * 2 ** 30);
    this.role = this.election();
  }

  start(): void {
    this.io.setTimer('boot', bootTime(this.io.random));
  }

  timer(name: string): void {
    if (name === 'boot') {
      this.booted = true;
      this.role.start();
    } else this.role.timer(name);
  }

  closed(peer: NodeName): void {
    if (this.role instanceof Following && this.role.leader === peer) this.look();
  }

  request(request: number, body: Value): void {
    const asked = body as unknown as Request;
    const { role } = this;
    if (asked.kind === 'status') {
      return this.io.answer(request, { outcome: 'done', value: this.status() as unknown as Value });
    }
    if (asked.kind === 'ready') {
      const serves =
        role instanceof Leading ? role.serves : role instanceof Following && role.serving;
      return this.io.answer(request, { outcome: 'done', value: serves });
    }
    if (role instanceof Leading) {
      return role.submit(asked, (answer: Answer) => this.io.answer(request, answer));
    }
    const leader = role instanceof Following && role.serving ? role.leader : null;
    this.forwarding.forward(request, leader, (to) => {
      this.io.send(to, { type: 'forward', request, command: asked });
    });
  }

  receive(from: NodeName, message: Message): void {
    if (!this.booted) return;
    const { role } = this;
    if (message.type === 'notify') return this.onNotify(from, message);
    if (message.type === 'forwarded') {
      return this.forwarding.answered(message.request, message.answer);
    }
    if (message.type === 'forward') {
      const { request, command } = message;
      const reply = (answer: Answer): void => {
        this.io.send(from, { type: 'forwarded', request, answer });
      };
      if (role instanceof Leading) return role.submit(command, reply);
      return reply({ outcome: 'refused', why: 'this server does not lead' });
    }
    if (role instanceof Election) {
      if (message.type !== 'follower-info') return;
      return this.io.send(from, { type: 'not-leading', session: message.session });
    }
    role.receive(from, message);
  }

  private status(): Status {
    const { role } = this;
    if (role instanceof Leading && role.serves) return { term: role.term, leads: true };
    return { term: this.state.progress.current, leads: false };
  }

  private onNotify(from: NodeName, message: Message & { readonly type: 'notify' }): void {
    const { role } = this;
    if (role instanceof Election) return role.onNotify(from, message);
    if (message.leader !== null) return;
    const leader = role instanceof Leading ? this.io.name : role.leader;
    const vote = { ...this.state.progress, node: leader };
    this.io.send(from, { type: 'notify', round: this.round, vote, leader });
  }

  private election(): Election {
    const own = { ...this.state.progress, node: this.io.name };
    return new Election(this.io, ++this.round, own, (leader) => this.take(leader));
  }

  private take(leader: NodeName): void {
    const { io, state } = this;
    if (this.role instanceof Election) this.round = this.role.currentRound;
    const session = ++this.sessions;
    const leave = (): void => this.look();
    this.role =
      leader === io.name
        ? new Leading(io, state, session, leave)
        : new Following(io, state, this.defects, { leader, session }, leave);
    this.role.start();
  }

  /** Leaves its role and looks for a leader again. */
  private look(): void {
    if (this.role instanceof Leading) this.role.depose();
    this.forwarding.giveUp(() => true);
    this.role = this.election();
    this.role.start();
  }
}

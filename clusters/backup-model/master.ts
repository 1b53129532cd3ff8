/** A master: elects a leader with the others; the leader makes backups, or has a standby make them. */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import { Forwarding } from '../models/forwarding.ts';
import { Raft } from '../models/raft.ts';
import { LeaderRole } from './leader-role.ts';
import { HELLO, type Message, type Request, type Status } from './protocol.ts';
import { StandbyRole } from './standby-role.ts';
import type { Defects } from './versions.ts';

export class BackupMaster implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly raft: Raft<never>;
  private readonly standby: StandbyRole;
  private leading: LeaderRole | null = null;
  private readonly forwarding: Forwarding;

  constructor(io: ModelIo<Message>, defects: Defects) {
    this.io = io;
    this.standby = new StandbyRole(io);
    this.forwarding = new Forwarding(io);
    this.raft = new Raft<never>({
      io,
      members: io.nodes,
      name: 'raft',
      send: (to, message) => io.send(to, { type: 'raft', message }),
      apply: () => null,
      elected: () => {
        this.standby.cancel();
        this.leading = new LeaderRole(io, this.raft.term, defects);
      },
      deposed: () => {
        this.leading = null;
      },
    });
  }

  start(): void {
    this.raft.start();
    this.io.setTimer('hello', HELLO);
  }

  timer(name: string): void {
    if (this.raft.timer(name)) return;
    if (name === 'hello') this.greet();
    else if (name.startsWith('standby')) this.standby.timer(name);
    else this.leading?.timer(name);
  }

  closed(peer: NodeName): void {
    this.leading?.closed(peer);
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
    if (this.leading !== null) return this.io.answer(request, this.leading.answer(asked));
    this.forwarding.forward(request, leader, (to) => {
      this.io.send(to, { type: 'forward', request, asked });
    });
  }

  receive(from: NodeName, message: Message): void {
    switch (message.type) {
      case 'raft':
        return this.raft.receive(from, message.message);
      case 'hello':
        return this.leading?.hello(from, message.connection);
      case 'delegate':
        return this.leading === null ? this.standby.delegate(from, message) : undefined;
      case 'delegated':
        return message.term === this.raft.term ? this.leading?.onDelegated(message) : undefined;
      case 'heartbeat':
        return message.term === this.raft.term ? this.leading?.onHeartbeat(message) : undefined;
      case 'forward': {
        const answer: Answer = this.leading?.answer(message.asked) ?? {
          outcome: 'refused',
          why: 'this master does not lead',
        };
        return this.io.send(from, { type: 'forwarded', request: message.request, answer });
      }
      case 'forwarded':
        return this.forwarding.answered(message.request, message.answer);
    }
  }

  /** Connects to the leader, or tells it that it still is. */
  private greet(): void {
    this.io.setTimer('hello', HELLO);
    const { leader } = this.raft;
    if (this.leading !== null || leader === null) return;
    this.forwarding.giveUp((to) => to !== leader);
    this.io.send(leader, { type: 'hello', connection: this.standby.connection });
  }
}

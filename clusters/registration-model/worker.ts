/** A worker: registers with the master that leads, in two steps, and commits clients' blocks there. */
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import {
  BEAT,
  CAPACITY,
  type Call,
  LISTING,
  type Message,
  PATIENCE,
  type Request,
  isMaster,
} from './protocol.ts';

/** How far it is with its registration. */
type Phase = 'looking' | 'listing' | 'registering' | 'registered';

export class BlockWorker implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly masters: readonly NodeName[];
  private master: NodeName;
  private phase: Phase = 'looking';
  /** Used from the moment it is known, before the registration is complete. */
  private id: number | null = null;
  private heardAt: Nanoseconds;
  /** Clients' requests that a master was asked. */
  private readonly open = new Set<number>();

  constructor(io: ModelIo<Message>) {
    this.io = io;
    this.masters = io.nodes.filter(isMaster);
    this.master = this.masters[0] ?? io.name;
    this.heardAt = io.now();
  }

  start(): void {
    this.timer('beat');
  }

  timer(name: string): void {
    if (name === 'listed') return this.register();
    this.io.setTimer('beat', BEAT);
    if (this.io.now() - this.heardAt >= PATIENCE) this.turnTo(this.nextMaster());
    const { phase, id } = this;
    if (phase === 'looking') this.tell({ type: 'get-id' });
    else if (phase === 'registered' && id !== null) this.tell({ type: 'beat', id });
    // Again: the master may have died since, and another process of its name answers other calls.
    else if (phase === 'registering' && id !== null) {
      this.tell({ type: 'register', id, capacity: CAPACITY });
    }
  }

  request(request: number, body: Value): void {
    const asked = body as unknown as Request;
    const { id } = this;
    if (asked.kind === 'status') return this.answerNow(request, null);
    if (asked.kind === 'ready') return this.answerNow(request, this.phase === 'registered');
    if (id === null) {
      return this.io.answer(request, { outcome: 'refused', why: 'no master' } satisfies Answer);
    }
    const call: Call = asked.kind === 'list' ? asked : { ...asked, worker: id };
    this.open.add(request);
    this.tell({ type: 'call', request, call });
  }

  receive(from: NodeName, message: Message): void {
    if (from !== this.master) return;
    this.heardAt = this.io.now();
    switch (message.type) {
      case 'id':
        if (this.phase !== 'looking') return;
        this.id = message.id;
        this.phase = 'listing';
        return this.io.setTimer('listed', this.io.random.between(...LISTING));
      case 'registered':
        if (message.id === this.id) this.phase = 'registered';
        return;
      case 'unknown-worker':
        return this.turnTo(this.master);
      case 'not-leading':
        if (message.leader === null) this.phase = 'looking';
        else if (message.leader !== this.master) this.turnTo(message.leader);
        return;
      case 'answered':
        return this.answer(message.request, message.answer);
    }
  }

  private answerNow(request: number, value: Value): void {
    this.io.answer(request, { outcome: 'done', value });
  }

  private register(): void {
    if (this.phase !== 'listing' || this.id === null) return;
    this.phase = 'registering';
    this.tell({ type: 'register', id: this.id, capacity: CAPACITY });
  }

  /** Registers anew, there. */
  private turnTo(master: NodeName): void {
    for (const request of this.open) {
      this.answer(request, { outcome: 'unknown', why: 'the master was lost' });
    }
    this.master = master;
    this.phase = 'looking';
    this.id = null;
    this.heardAt = this.io.now();
    this.tell({ type: 'get-id' });
  }

  private nextMaster(): NodeName {
    const index = this.masters.indexOf(this.master);
    return this.masters[(index + 1) % this.masters.length] ?? this.master;
  }

  private answer(request: number, answer: Answer): void {
    if (this.open.delete(request)) this.io.answer(request, answer);
  }

  private tell(message: Message): void {
    this.io.send(this.master, message);
  }
}

/**
 * A master, as Alluxio's block master: the journal of committed blocks is agreed on by all masters, who its workers are
 * only the leading one knows, from their registrations.
 */
import type { NodeName, Value } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from '../models/answers.ts';
import { Raft } from '../models/raft.ts';
import {
  type Call,
  type Entry,
  type Listed,
  type Message,
  type Request,
  type Status,
  isMaster,
} from './protocol.ts';
import type { Defects } from './versions.ts';

type Of<Type extends Message['type']> = Message & { readonly type: Type };

/** In each term ids begin anew, above those of any term before. */
const IDS_A_TERM = 1000;

export class Master implements ModelNode<Message> {
  private readonly io: ModelIo<Message>;
  private readonly defects: Defects;
  private readonly raft: Raft<Entry>;
  private readonly blocks: Value[] = [];
  /** By id: those in service. */
  private readonly workers = new Map<number, Listed>();
  /** By id: those that were given it and are not in service yet. */
  private readonly expected = new Map<number, NodeName>();
  private ids = 0;

  constructor(io: ModelIo<Message>, defects: Defects) {
    this.io = io;
    this.defects = defects;
    this.raft = new Raft<Entry>({
      io,
      members: io.nodes.filter(isMaster),
      name: 'raft',
      send: (to, message) => io.send(to, { type: 'raft', message }),
      apply: (entry) => this.apply(entry),
      elected: () => this.forgetWorkers(),
      deposed: () => this.forgetWorkers(),
    });
  }

  start(): void {
    this.raft.start();
  }

  timer(name: string): void {
    this.raft.timer(name);
  }

  request(request: number, body: Value): void {
    const { kind } = body as unknown as Request;
    const value = kind === 'ready' ? this.raft.leader !== null : this.status();
    this.io.answer(request, { outcome: 'done', value: value as unknown as Value });
  }

  receive(from: NodeName, message: Message): void {
    if (message.type === 'raft') return this.raft.receive(from, message.message);
    if (message.type === 'call') return this.onCall(from, message);
    if (!this.raft.leads) {
      const { leader } = this.raft;
      return this.io.send(from, { type: 'not-leading', leader });
    }
    switch (message.type) {
      case 'get-id':
        return this.io.send(from, { type: 'id', id: this.idOf(from) });
      case 'register':
        return this.onRegister(from, message);
      case 'beat': {
        const type = this.workers.has(message.id) ? 'alive' : 'unknown-worker';
        return this.io.send(from, { type });
      }
    }
  }

  private status(): Status {
    const { leads, term } = this.raft;
    return { term, workers: leads ? [...this.workers.values()] : null };
  }

  /** What workers told is soft state: it is told again to each new leader. */
  private forgetWorkers(): void {
    this.workers.clear();
    this.expected.clear();
    this.ids = 0;
  }

  /** The first step of a registration. */
  private idOf(worker: NodeName): number {
    for (const listed of this.workers.values()) if (listed.worker === worker) return listed.id;
    for (const [id, expected] of this.expected) if (expected === worker) return id;
    const id = this.raft.term * IDS_A_TERM + ++this.ids;
    if (this.defects.servesUnregistered) this.workers.set(id, { worker, id, capacity: null });
    else this.expected.set(id, worker);
    return id;
  }

  /** The second step. */
  private onRegister(worker: NodeName, { id, capacity }: Of<'register'>): void {
    if (!this.workers.has(id) && this.expected.get(id) !== worker) {
      return this.io.send(worker, { type: 'unknown-worker' });
    }
    this.expected.delete(id);
    this.workers.set(id, { worker, id, capacity });
    this.io.send(worker, { type: 'registered', id });
  }

  private onCall(from: NodeName, { request, call }: Of<'call'>): void {
    this.carryOut(call, (answer) => this.io.send(from, { type: 'answered', request, answer }));
  }

  private carryOut(call: Call, reply: (answer: Answer) => void): void {
    if (!this.raft.leads) return reply({ outcome: 'refused', why: 'this master does not lead' });
    const worker = call.kind === 'commit' ? this.workers.get(call.worker) : null;
    if (worker === undefined) {
      return reply({ outcome: 'rejected', code: 'NOT_FOUND', why: 'no worker has this id' });
    }
    this.raft.submit(call, (outcome) => {
      if (outcome === null) return reply({ outcome: 'unknown', why: 'deposed meanwhile' });
      // The block is in the journal by now; then what the worker has left is counted.
      if (worker !== null && worker.capacity === null) {
        return reply({ outcome: 'unknown', code: 'INTERNAL', why: 'the worker has no capacity' });
      }
      reply({ outcome: 'done', value: outcome.result as Value });
    });
  }

  private apply(entry: Entry): Value {
    if (entry.kind === 'list') return [...this.blocks];
    this.blocks.push(entry.block);
    return null;
  }
}

/** A server that looks for a leader: each tells the best vote that it knows, until a majority tells the same. */
import type { NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import { DECIDE, type Message, NOTIFY, type Vote, compare } from './protocol.ts';

type Notify = Message & { readonly type: 'notify' };

export class Election {
  private readonly io: ModelIo<Message>;
  private readonly own: Vote;
  private readonly elected: (leader: NodeName) => void;
  private readonly votes = new Map<NodeName, Vote>();
  private round: number;
  private vote: Vote;
  private deciding = false;
  private over = false;

  /** @param elected called once, with this server itself where it is to lead */
  constructor(io: ModelIo<Message>, round: number, own: Vote, elected: (leader: NodeName) => void) {
    this.io = io;
    this.round = round;
    this.own = own;
    this.vote = own;
    this.elected = elected;
  }

  get currentRound(): number {
    return this.round;
  }

  start(): void {
    this.tellAll();
    this.io.setTimer('notify', NOTIFY);
  }

  timer(name: string): void {
    if (this.over) return;
    if (name === 'notify') this.start();
    else if (name === 'decide') this.decide();
  }

  onNotify(from: NodeName, { round, vote, leader }: Notify): void {
    if (this.over) return;
    // Somebody leads already: it will say itself whether a majority can.
    if (leader === from) return this.end(from);
    if (leader !== null) return;
    if (round < this.round) return this.tell(from);
    if (round > this.round) {
      this.round = round;
      this.votes.clear();
      this.vote = better(vote, this.own);
      this.tellAll();
    } else if (better(vote, this.vote) !== this.vote) {
      this.vote = vote;
      this.tellAll();
    }
    this.votes.set(from, vote);
    this.count();
  }

  private count(): void {
    if (this.deciding || !this.isAgreed()) return;
    this.deciding = true;
    this.io.setTimer('decide', DECIDE);
  }

  private decide(): void {
    this.deciding = false;
    if (this.isAgreed()) this.end(this.vote.node);
  }

  private isAgreed(): boolean {
    const { node } = this.vote;
    const same = [...this.votes.values()].filter((vote) => vote.node === node);
    return 2 * (same.length + 1) > this.io.nodes.length;
  }

  private end(leader: NodeName): void {
    this.over = true;
    this.elected(leader);
  }

  private tellAll(): void {
    for (const node of this.io.nodes) if (node !== this.io.name) this.tell(node);
  }

  private tell(node: NodeName): void {
    this.io.send(node, { type: 'notify', round: this.round, vote: this.vote, leader: null });
  }
}

function better(a: Vote, b: Vote): Vote {
  return (compare(a, b) || (a.node > b.node ? 1 : a.node < b.node ? -1 : 0)) > 0 ? a : b;
}

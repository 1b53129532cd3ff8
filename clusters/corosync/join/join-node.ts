/**
 * One process that speaks Sheepdog's join protocol: synchronous handlers, no clock, no I/O of its own. The very same runs
 * over corosync's process groups and over simulated ones.
 *
 * Every member holds the same queue of events, because the group delivers changes and messages in one order. The first
 * one blocks the others: a request to join until its answer comes, so that whoever joins gets members and epoch exactly
 * as they are at that place of the order. A process that is not in yet cannot act on any event: it waits for the answer
 * to its own request, and what the members do before that is in the answer.
 */
import { Epochs } from './epochs.ts';
import {
  type Address,
  type GroupChange,
  isMajority,
  isSame,
  type Member,
  type Message,
  type Rules,
  type Status,
} from './protocol.ts';

/** All that the protocol needs of the world. */
export interface JoinIo {
  readonly self: Address;
  /** How many nodes there are, in or not. */
  readonly nodeCount: number;
  /** The highest epoch that an earlier process of this node wrote down; 0: none. */
  readonly storedEpoch: number;
  /** The name of the cluster that this process begins, if it does: nobody else's, ever. */
  readonly newCluster: string;
  multicast(message: Message): void;
  /** Writes the epoch down and calls `written` then, later. */
  write(epoch: number): void;
  /** The note of this number came back in its place. */
  noted(number: number): void;
  /** Leaves the group at once; another process may begin anew. Nothing may be called afterwards. */
  giveUp(why: string): void;
}

type JoinResponse = Extract<Message, { type: 'join-response' }>;
type Note = Extract<Message, { type: 'note' }>;

/** What waits in the queue. */
type GroupEvent =
  | { readonly kind: 'request'; readonly joiner: Address; asked: number | null; answered: boolean }
  | { readonly kind: 'response'; readonly joiner: Address; readonly response: JoinResponse }
  | { readonly kind: 'leave'; readonly leaver: Address };

export class JoinNode {
  readonly #io: JoinIo;
  readonly #rules: Rules;
  readonly #epochs: Epochs;
  #members: readonly Member[] = [];
  #events: GroupEvent[] = [];
  #notes: Note[] = [];
  #joined = false;
  #elected = false;
  #ring: Status['ring'] = null;

  constructor(io: JoinIo, rules: Rules) {
    this.#io = io;
    this.#rules = rules;
    this.#epochs = new Epochs(rules.countsInOrder, io.storedEpoch, (epoch) => io.write(epoch));
  }

  get status(): Status {
    return {
      joined: this.#joined,
      master: this.#joined && !this.#rules.anyAccepts && this.#isMaster(this.#io.self),
      view: this.#joined ? this.#epochs.view : null,
      waiting: this.#events.map(inWords),
      ring: this.#ring,
    };
  }

  /** The ring below the group has these nodes now. Called before the change of the group that comes of it. */
  ringChanged(id: string, nodes: readonly string[]): void {
    this.#ring = { id, nodes };
    if (this.#rules.needsQuorum && !isMajority(nodes.length, this.#io.nodeCount)) {
      this.#io.giveUp(`ring ${id} has ${nodes.length} of ${this.#io.nodeCount} nodes`);
    }
  }

  groupChanged(change: GroupChange): void {
    for (const leaver of change.left) this.#leave(leaver);
    for (const joiner of change.joined) {
      this.#events.push({ kind: 'request', joiner, asked: null, answered: false });
      if (isSame(joiner, this.#io.self)) this.#ask();
    }
    if (!this.#joined && this.#mayElectItself(change)) this.#elected = true;
    this.#dispatch();
  }

  deliver(message: Message): void {
    switch (message.type) {
      case 'join-request': {
        const event = this.#requestOf(message.joiner);
        if (event !== null) event.asked = message.epoch;
        break;
      }
      case 'join-response': {
        // A second answer finds no request any more.
        const event = this.#requestOf(message.joiner);
        if (event !== null) {
          const response: GroupEvent = {
            kind: 'response',
            joiner: message.joiner,
            response: message,
          };
          this.#events = this.#events.map((other) => (other === event ? response : other));
        }
        break;
      }
      case 'note':
        this.#notes.push(message);
        break;
    }
    this.#dispatch();
  }

  /** Tells all members something in order. @returns whether it was sent */
  note(number: number): boolean {
    if (!this.#joined) return false;
    this.#io.multicast({ type: 'note', sender: this.#io.self, number });
    return true;
  }

  /** What `write` was asked for is on disk. */
  written(): void {
    this.#epochs.written();
  }

  #ask(): void {
    const { self, storedEpoch } = this.#io;
    this.#io.multicast({ type: 'join-request', joiner: self, epoch: storedEpoch });
  }

  /** Whoever left before it was in takes its request along. */
  #leave(leaver: Address): void {
    const request = this.#requestOf(leaver);
    if (request !== null) {
      this.#events = this.#events.filter((event) => event !== request);
      return;
    }
    // Else nobody answers requests until the event below has its turn, which may be behind such a request.
    if (this.#members.length > 0 && this.#isMaster(leaver)) {
      this.#members = this.#members.map((member) =>
        isSame(member.address, leaver) ? { ...member, gone: true } : member,
      );
    }
    this.#events.push({ kind: 'leave', leaver });
  }

  #mayElectItself({ members, left, joined }: GroupChange): boolean {
    if (this.#rules.electsItself) {
      // Exactly one process saw all the others join: events are in one order.
      return members.every((member) => this.#requestOf(member) !== null);
    }
    const [first] = joined;
    const alone = members.length === joined.length - left.length;
    return alone && first !== undefined && isSame(first, this.#io.self);
  }

  #isMaster(address: Address): boolean {
    const master = this.#members.find(({ gone }) => !gone);
    return master === undefined || isSame(master.address, address);
  }

  #requestOf(joiner: Address): Extract<GroupEvent, { kind: 'request' }> | null {
    for (const event of this.#events) {
      if (event.kind === 'request' && isSame(event.joiner, joiner)) return event;
    }
    return null;
  }

  /** Acts on events until one blocks; notes only behind all of them. */
  #dispatch(): void {
    for (let event = this.#events[0]; event !== undefined; event = this.#events[0]) {
      if (!this.#joined && !this.#mayBegin(event)) {
        if (event.kind === 'request') return;
        // It happened before this process was in: the answer to its own request tells what came of it.
      } else if (!this.#act(event)) return;
      this.#events.shift();
    }
    for (const { sender, number } of this.#notes) {
      if (this.#joined && isSame(sender, this.#io.self)) this.#io.noted(number);
    }
    this.#notes = [];
  }

  /** Whether the process is in with this event, and from it on acts on all. */
  #mayBegin(event: GroupEvent): boolean {
    if (event.kind === 'request' && this.#elected) {
      this.#joined = true;
      this.#members = [];
      this.#epochs.enter(this.#io.newCluster, this.#io.storedEpoch);
    } else if (event.kind === 'response' && isSame(event.joiner, this.#io.self)) {
      const { members, cluster, epoch } = event.response;
      this.#joined = true;
      this.#members = members;
      this.#epochs.enter(cluster, epoch);
    }
    return this.#joined;
  }

  /** @returns false when the event must wait */
  #act(event: GroupEvent): boolean {
    switch (event.kind) {
      case 'request':
        this.#answer(event);
        return false;
      case 'response':
        this.#members = [...this.#members, { address: event.joiner, gone: false }];
        this.#beginEpoch(event.response.epoch);
        return true;
      case 'leave': {
        const left = this.#members.filter(({ address }) => !isSame(address, event.leaver));
        const changed = left.length < this.#members.length;
        this.#members = left;
        if (changed) this.#beginEpoch(0);
        return true;
      }
    }
  }

  /** Lets the joiner in, once, if that is this node's to do. */
  #answer(event: Extract<GroupEvent, { kind: 'request' }>): void {
    const { joiner, asked, answered } = event;
    if (asked === null || answered) return;
    if (!this.#rules.anyAccepts && !this.#isMaster(this.#io.self)) return;
    event.answered = true;
    this.#io.multicast({
      type: 'join-response',
      joiner,
      members: this.#members,
      cluster: this.#epochs.cluster,
      epoch: Math.max(this.#epochs.current, asked),
    });
  }

  #beginEpoch(above: number): void {
    const members = this.#members.map(({ address }) => address.node);
    const master = this.#rules.anyAccepts ? null : (members[0] ?? null);
    this.#epochs.change({ members, master }, above);
  }
}

function inWords(event: GroupEvent): string {
  if (event.kind === 'leave') return `leave of ${event.leaver.node}`;
  const { node } = event.joiner;
  if (event.kind === 'response') return `answered join of ${node}`;
  return event.asked === null ? `join of ${node}, not asked for yet` : `join of ${node}`;
}

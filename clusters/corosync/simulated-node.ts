/** The join-protocol node over a simulated group: what main.ts is over corosync. */
import type { Nanoseconds, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import type { ModelIo, ModelNode } from '../../harness/testbeds/simulated/model.ts';
import { JoinNode } from './join/join-node.ts';
import { type Answer, type Request, rulesOf, type Status } from './join/protocol.ts';
import type { Settings } from './join/settings.ts';
import type { Seat, SimulatedGroup } from './simulated-group.ts';

/** From the start of a process until it asks to be in. */
const BOOT = [40 * MILLISECOND, 120 * MILLISECOND] as const;
/** The nodes of a fresh cluster come in one after the other. */
const PREDECESSOR: Nanoseconds = 250 * MILLISECOND;
const RETRY: Nanoseconds = 20 * MILLISECOND;
/** Of a file of a few bytes, with its fsync. */
const WRITE = [1 * MILLISECOND, 8 * MILLISECOND] as const;

const OUTSIDE: Status = { joined: false, master: false, view: null, waiting: [], ring: null };

export class SimulatedJoinNode implements ModelNode<never> {
  readonly #io: ModelIo<never>;
  readonly #group: SimulatedGroup;
  readonly #version: string;
  readonly #askers = new Map<number, number>();
  #running: { readonly node: JoinNode; readonly seat: Seat } | null = null;
  #notes = 0;
  #writing = 0;

  constructor(io: ModelIo<never>, group: SimulatedGroup) {
    this.#io = io;
    this.#group = group;
    this.#version = (JSON.parse(io.plan.command.at(-1) ?? 'null') as Settings).version;
  }

  start(): void {
    const { storage, nodes, name, random } = this.#io;
    const isFresh = storage.get('starts') === undefined;
    const turn = isFresh ? nodes.indexOf(name) * PREDECESSOR : 0;
    this.#io.setTimer('boot', turn + random.between(...BOOT));
  }

  receive(): void {
    // Whatever comes, comes through the group.
  }

  request(request: number, body: Value): void {
    if ((body as unknown as Request).ask === 'status') {
      return this.#answer(request, { status: this.#running?.node.status ?? OUTSIDE });
    }
    const number = ++this.#notes;
    if (this.#running?.node.note(number) === true) this.#askers.set(number, request);
    else this.#answer(request, { refused: 'this node is not in' });
  }

  timer(name: string): void {
    if (name === 'boot') this.#boot();
    else if (name === 'group') this.#take();
    else this.#written();
  }

  #answer(request: number, answer: Answer): void {
    this.#io.answer(request, answer as unknown as Value);
  }

  #boot(): void {
    const { name, storage } = this.#io;
    if (!this.#group.isQuorate(name)) return this.#io.setTimer('boot', RETRY);
    const starts = ((storage.get('starts') as number | undefined) ?? 0) + 1;
    storage.put('starts', starts);
    const self = { node: name, process: starts };
    const seat = this.#group.join(self, (after) => this.#io.setTimer('group', after));
    this.#running = { seat, node: this.#newNode(seat) };
  }

  #newNode(seat: Seat): JoinNode {
    const { nodes, storage, random } = this.#io;
    const { node, process } = seat.address;
    return new JoinNode(
      {
        self: seat.address,
        nodeCount: nodes.length,
        storedEpoch: (storage.get('epoch') as number | undefined) ?? 0,
        newCluster: `${node}-${process}`,
        multicast: (message) => this.#group.multicast(seat, message),
        write: (epoch) => {
          this.#writing = epoch;
          this.#io.setTimer('write', random.between(...WRITE));
        },
        noted: (number) => {
          const asked = this.#askers.get(number);
          this.#askers.delete(number);
          if (asked !== undefined) this.#answer(asked, { noted: number });
        },
        giveUp: () => this.#giveUp(seat),
      },
      rulesOf(this.#version),
    );
  }

  /** What comes, until it gives up. */
  #take(): void {
    const { seat, node } = this.#running ?? {};
    if (seat === undefined || node === undefined) return;
    for (const news of this.#group.take(seat)) {
      if (this.#running?.seat !== seat) return;
      if (news.kind === 'ring') node.ringChanged(news.id, news.hosts);
      else if (news.kind === 'change') node.groupChanged(news.change);
      else node.deliver(news.message);
    }
  }

  #written(): void {
    if (this.#running === null) return;
    this.#io.storage.put('epoch', this.#writing);
    this.#running.node.written();
  }

  /** As a process that ends and is started anew. */
  #giveUp(seat: Seat): void {
    this.#running = null;
    this.#askers.clear();
    this.#group.leave(seat);
    this.#io.setTimer('boot', this.#io.random.between(...BOOT));
  }
}

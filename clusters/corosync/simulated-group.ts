/**
 * A process group in simulated time, with corosync's manners: rings of hosts that are linked with each other, one order of
 * messages and changes a ring, a membership change at once when a process dies and after a token's time when a host or
 * a link is lost. A stopped process stays a member, and finds what it missed when it goes on.
 *
 * One object a cluster, outside of all processes, as corosync is outside of them: it hears of hosts and links by the
 * events that the testbed tells. What it promises is a little more than corosync does: what is ordered in a ring reaches
 * all of it, even if the ring breaks in that moment (safe, not agreed, delivery).
 */
import type { Clock } from '../../harness/clock.ts';
import type { RunEvent } from '../../harness/event.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../../harness/operation.ts';
import type { Draws } from '../../harness/random.ts';
import { linkKey } from '../../harness/testbed.ts';
import { type Address, isMajority, type Message } from './join/protocol.ts';
import { type GroupNews, type Ring, Rings } from './simulated-rings.ts';

/** A token of 1 s among three nodes, and the time to agree on the ring. */
const LOSS_NOTICED: Nanoseconds = 1700 * MILLISECOND;
const RING_JOINED: Nanoseconds = 150 * MILLISECOND;
/** From the order until a process takes it: the token's turn, and the turn of the process's own loop. */
const LATENCY = [0.5 * MILLISECOND, 4 * MILLISECOND] as const;

/** A process's place in the group. */
export interface Seat {
  readonly address: Address;
  /** Its process is to call `take` after that time. */
  readonly wake: (afterNanos: Nanoseconds) => void;
  readonly inbox: { readonly at: Nanoseconds; readonly news: GroupNews }[];
  state: 'joining' | 'member' | 'gone';
  /** The ring that its host was lost from; null: it was not. */
  lostFrom: Ring | null;
}

export interface SimulatedGroupOptions {
  readonly nodes: readonly NodeName[];
  readonly clock: Clock;
  readonly draws: Draws;
}

export class SimulatedGroup {
  readonly #options: SimulatedGroupOptions;
  readonly #rings: Rings;
  #seats: readonly Seat[] = [];
  /** What waits for a ring to form, with whoever wants it. */
  #waiting: { readonly seat: Seat; readonly act: (ring: Ring) => void }[] = [];

  constructor(options: SimulatedGroupOptions) {
    this.#options = options;
    this.#rings = new Rings(options.nodes);
  }

  /** Whether the host's ring holds a majority of all. */
  isQuorate(host: NodeName): boolean {
    const { hosts } = this.#rings.of(host);
    return isMajority(hosts.length, this.#options.nodes.length);
  }

  join(address: Address, wake: Seat['wake']): Seat {
    const seat: Seat = { address, wake, inbox: [], state: 'joining', lostFrom: null };
    this.#seats = [...this.#seats, seat];
    this.#inOrder(seat, (ring) => {
      if (seat.state === 'gone') return;
      seat.state = 'member';
      const members = this.#members(ring);
      this.#post(ring, change(members, [], [seat]));
      this.#deliver(seat, ringNews(ring));
    });
    return seat;
  }

  multicast(seat: Seat, message: Message): void {
    this.#inOrder(seat, (ring) => this.#post(ring, { kind: 'message', message }));
  }

  /** What the process has to take by now; it is woken for the rest. */
  take(seat: Seat): readonly GroupNews[] {
    const now = this.#options.clock.now();
    let due = 0;
    while ((seat.inbox[due]?.at ?? Infinity) <= now) due++;
    const news = seat.inbox.splice(0, due).map((entry) => entry.news);
    const [next] = seat.inbox;
    if (next !== undefined) seat.wake(next.at - now);
    return news;
  }

  /** The process has left, or has died. */
  leave(seat: Seat): void {
    if (seat.state === 'gone') return;
    const told = seat.state === 'member';
    seat.state = 'gone';
    // It stays among the seats until the others are told.
    this.#inOrder(seat, (ring) => {
      this.#seats = this.#seats.filter((other) => other !== seat);
      if (told) this.#post(ring, change(this.#members(ring), [seat], []));
    });
  }

  /** What the testbed tells of processes, hosts and links. */
  hear(event: RunEvent): void {
    switch (event.type) {
      case 'node-down':
        if (event.cause === 'crashed') this.#lose(event.node);
        else for (const seat of this.#seatsOn(event.node)) this.leave(seat);
        return;
      case 'node-up':
        if (this.#rings.raise(event.node)) this.#formAfter(RING_JOINED);
        return;
      case 'link-cut':
        this.#rings.cut(event.links.map(linkKey));
        return this.#formAfter(LOSS_NOTICED);
      case 'link-healed':
        this.#rings.heal(event.links.map(linkKey));
        return this.#formAfter(RING_JOINED);
      default:
    }
  }

  #seatsOn(host: NodeName): readonly Seat[] {
    return this.#seats.filter(({ address }) => address.node === host);
  }

  #lose(host: NodeName): void {
    for (const seat of this.#seatsOn(host)) {
      seat.lostFrom ??= this.#rings.of(host);
      seat.state = 'gone';
    }
    this.#rings.lose(host);
    this.#formAfter(LOSS_NOTICED);
  }

  #formAfter(time: Nanoseconds): void {
    const { clock, draws } = this.#options;
    clock.at(clock.now() + time + draws.between(0, RING_JOINED), () => this.#form());
  }

  /** Rings as hosts and links are now. Each process is told of its ring first, and then who left and who came. */
  #form(): void {
    const ringOf = (seat: Seat): Ring => seat.lostFrom ?? this.#rings.of(seat.address.node);
    const before = new Map(this.#seats.map((seat) => [seat, ringOf(seat)]));
    const seats = this.#seats.filter((seat) => seat.state !== 'joining');
    const fresh = this.#rings.form();
    const told = new Set<Seat>();
    for (const ring of fresh) {
      const members = this.#members(ring);
      for (const seat of members) {
        const old = seats.filter((other) => before.get(other) === before.get(seat));
        const left = old.filter((other) => !members.includes(other));
        const joined = members.filter((other) => !old.includes(other));
        for (const other of left) if (other.state === 'gone') told.add(other);
        this.#deliver(seat, ringNews(ring));
        if (left.length + joined.length > 0) this.#deliver(seat, change(members, left, joined));
      }
    }
    this.#seats = this.#seats.filter((seat) => seat.lostFrom === null && !told.has(seat));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { seat, act } of waiting) this.#inOrder(seat, act);
  }

  /** Acts at the seat's place in its ring's order; a ring that is broken orders nothing until another one forms. */
  #inOrder(seat: Seat, act: (ring: Ring) => void): void {
    const { node } = seat.address;
    if (!this.#rings.isUp(node)) return;
    const ring = this.#rings.of(node);
    if (this.#rings.isBroken(ring)) this.#waiting.push({ seat, act });
    else if (this.#seats.includes(seat)) act(ring);
  }

  /** Whoever is in the group, by the ring's own order of hosts. A process that has gone was told of, or will be. */
  #members(ring: Ring): readonly Seat[] {
    return this.#seats.filter(
      ({ address, state }) => state === 'member' && ring.hosts.includes(address.node),
    );
  }

  #post(ring: Ring, news: GroupNews): void {
    for (const seat of this.#members(ring)) this.#deliver(seat, news);
  }

  #deliver(seat: Seat, news: GroupNews): void {
    if (seat.state !== 'member') return;
    const { clock, draws } = this.#options;
    const last = seat.inbox.at(-1)?.at ?? 0;
    const delay = draws.between(...LATENCY);
    seat.inbox.push({ at: Math.max(last, clock.now() + delay), news });
    if (seat.inbox.length === 1) seat.wake(delay);
  }
}

function change(
  members: readonly Seat[],
  left: readonly Seat[],
  joined: readonly Seat[],
): GroupNews {
  const [all, gone, come] = [members, left, joined].map((seats) =>
    seats.map(({ address }) => address),
  ) as [Address[], Address[], Address[]];
  return { kind: 'change', change: { members: all, left: gone, joined: come } };
}

function ringNews({ id, hosts }: Ring): GroupNews {
  return { kind: 'ring', id, hosts };
}

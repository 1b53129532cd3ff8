/** The simulated network: messages take time, stay in order on a link, and are lost where a link is cut. */
import type { Clock } from '../../clock.ts';
import type { EventSink } from '../../event.ts';
import { unknownName } from '../../nearest.ts';
import type { Nanoseconds, NodeName } from '../../operation.ts';
import { MICROSECOND } from '../../operation.ts';
import type { Draws, Random } from '../../random.ts';
import { SimulatedClock } from '../../simulated-clock.ts';
import { type Link, linkKey } from '../../testbed.ts';

/** The end of a link where all clients are: `{from: CLIENTS, to: 'n1'}` can be cut too, but only by that name. */
export const CLIENTS: NodeName = 'clients';

/** How long one message takes. */
export type Latency = (draws: Draws) => Nanoseconds;

/** 0.2 to 1 ms, and one message in fifty takes up to 40 ms: enough to reorder what different links carry. */
export const lanLatency: Latency = (draws) => {
  const base = draws.between(200, 1000) * MICROSECOND;
  return Math.round(draws.next() < 0.02 ? base * 40 : base);
};

export interface MessageNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly nodes: readonly NodeName[];
  readonly latency: Latency;
}

/** A stream of messages from one end to the other, in order, as over one TCP connection. */
export interface Channel {
  /** Calls `arrive` when the message gets there, if it does. `quietly` when that settles no promise. */
  send(arrive: () => void, how: 'quietly' | 'settling'): void;
}

/** Links, their latency and their cuts. */
export class MessageNetwork {
  private readonly options: MessageNetworkOptions;
  private readonly cuts = new Map<string, readonly Link[]>();
  private readonly cutCounts = new Map<string, number>();
  private readonly drops = new Map<string, number>();
  private readonly settling: (time: Nanoseconds, callback: () => void) => void;
  private readonly quietly: (time: Nanoseconds, callback: () => void) => void;

  constructor(options: MessageNetworkOptions) {
    this.options = options;
    const { clock } = options;
    this.settling = (time, callback) => void clock.at(time, callback);
    this.quietly =
      clock instanceof SimulatedClock
        ? (time, callback) => void clock.atQuietly(time, callback)
        : this.settling;
  }

  /** @param slot tells apart several channels over one link: their latencies are drawn independently. */
  channel(link: Link, slot = 0): Channel {
    const { clock, random, latency } = this.options;
    const key = linkKey(link);
    const draws = random.sequence(`latency ${key}`, slot);
    let last: Nanoseconds = 0;
    return {
      send: (arrive, how) => {
        last = Math.max(last, clock.now() + latency(draws));
        if (!this.passes(key)) return;
        const schedule = how === 'quietly' ? this.quietly : this.settling;
        schedule(last, () => {
          if (this.passes(key)) arrive();
        });
      },
    };
  }

  /** Whether a message would pass now; counted as dropped when not. */
  passes(key: string): boolean {
    if (!this.cutCounts.has(key)) return true;
    this.drops.set(key, (this.drops.get(key) ?? 0) + 1);
    return false;
  }

  /** @throws RangeError when the key holds a cut already, or a link names an unknown node. */
  cut(key: string, links: readonly Link[]): void {
    if (this.cuts.has(key)) {
      throw new RangeError(`cut "${key}" is in effect already; heal it before it is made again`);
    }
    for (const link of links) this.validate(link);
    this.cuts.set(key, links);
    const changed = links.filter((link) => this.count(link, 1) === 1);
    this.tell('link-cut', changed);
  }

  /** No-op for a key that holds no cut. */
  heal(key: string): void {
    const links = this.cuts.get(key) ?? [];
    this.cuts.delete(key);
    const changed = links.filter((link) => this.count(link, -1) === 0);
    this.tell('link-healed', changed);
  }

  healAll(): void {
    for (const key of [...this.cuts.keys()]) this.heal(key);
  }

  /** Links that are cut now, each once. */
  cutLinks(): readonly Link[] {
    const links = new Map<string, Link>();
    for (const held of this.cuts.values()) for (const link of held) links.set(linkKey(link), link);
    return [...links.values()];
  }

  dropped(): ReadonlyMap<string, number> {
    return new Map(this.drops);
  }

  isCut(link: Link): boolean {
    return this.cutCounts.has(linkKey(link));
  }

  private validate(link: Link): void {
    const names = [...this.options.nodes, CLIENTS];
    for (const end of [link.from, link.to]) {
      if (names.includes(end)) continue;
      throw new RangeError(`link ${linkKey(link)}: ${unknownName('node', end, names)}`);
    }
  }

  /** Changes how many cuts hold this link; the count after. */
  private count(link: Link, change: 1 | -1): number {
    const key = linkKey(link);
    const count = (this.cutCounts.get(key) ?? 0) + change;
    if (count === 0) this.cutCounts.delete(key);
    else this.cutCounts.set(key, count);
    return count;
  }

  private tell(type: 'link-cut' | 'link-healed', links: readonly Link[]): void {
    if (links.length === 0) return;
    const now = this.options.clock.now();
    this.options.events({ type, links, notBefore: now, notAfter: now });
  }
}

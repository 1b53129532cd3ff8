/** Rings of simulated hosts: who is linked with whom, and which ring each host is in. */
import type { NodeName } from '../../harness/operation.ts';
import type { GroupChange, Message } from './join/protocol.ts';

/** What a simulated group tells a process. */
export type GroupNews =
  | { readonly kind: 'ring'; readonly id: string; readonly hosts: readonly NodeName[] }
  | { readonly kind: 'change'; readonly change: GroupChange }
  | { readonly kind: 'message'; readonly message: Message };

export interface Ring {
  /** As corosync's: the host of the lowest id, and a number that counts up. */
  readonly id: string;
  readonly hosts: readonly NodeName[];
}

export class Rings {
  readonly #nodes: readonly NodeName[];
  readonly #up: Set<NodeName>;
  /** How many faults cut a link now. */
  readonly #cuts = new Map<string, number>();
  readonly #ringOf = new Map<NodeName, Ring>();
  #sequence = 0;

  /** All hosts are up, in one ring. */
  constructor(nodes: readonly NodeName[]) {
    this.#nodes = nodes;
    this.#up = new Set(nodes);
    this.#enter(nodes);
  }

  /** The ring that the host is in, or was in last. */
  of(host: NodeName): Ring {
    const ring = this.#ringOf.get(host);
    if (ring === undefined) throw new RangeError(`host ${host} is in no ring`);
    return ring;
  }

  isUp(host: NodeName): boolean {
    return this.#up.has(host);
  }

  /** @returns whether it was lost */
  raise(host: NodeName): boolean {
    if (this.#up.has(host)) return false;
    this.#up.add(host);
    this.#alone(host);
    return true;
  }

  lose(host: NodeName): void {
    this.#up.delete(host);
  }

  cut(links: readonly string[]): void {
    for (const link of links) this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + 1);
  }

  heal(links: readonly string[]): void {
    for (const link of links) this.#cuts.set(link, Math.max(0, (this.#cuts.get(link) ?? 0) - 1));
  }

  /** A token cannot go round in it. */
  isBroken(ring: Ring): boolean {
    return ring.hosts.some(
      (host) =>
        !this.#isIn(host, ring) || ring.hosts.some((other) => !this.#areLinked(host, other)),
    );
  }

  /**
   * Every host that is up in a ring with hosts that are all linked with each other. @returns the rings that are new
   */
  form(): readonly Ring[] {
    const rings: NodeName[][] = [];
    for (const host of this.#nodes) {
      if (!this.#up.has(host)) continue;
      const fitting = rings.find((ring) => ring.every((other) => this.#areLinked(host, other)));
      if (fitting === undefined) rings.push([host]);
      else fitting.push(host);
    }
    return rings
      .filter((hosts) => {
        const ring = this.of(hosts[0] ?? '');
        return hosts.join() !== ring.hosts.join() || !hosts.every((host) => this.#isIn(host, ring));
      })
      .map((hosts) => this.#enter(hosts));
  }

  /** A host that was lost and has come back is in none that it was in. */
  #isIn(host: NodeName, ring: Ring): boolean {
    return this.#up.has(host) && this.#ringOf.get(host) === ring;
  }

  /** A host that comes back is in a ring of its own first. */
  #alone(host: NodeName): void {
    this.#enter([host]);
  }

  #enter(hosts: readonly NodeName[]): Ring {
    this.#sequence += 4;
    const ring = { id: `${this.#nodes.indexOf(hosts[0] ?? '') + 1}.${this.#sequence}`, hosts };
    for (const host of hosts) this.#ringOf.set(host, ring);
    return ring;
  }

  #areLinked(one: NodeName, other: NodeName): boolean {
    if (one === other) return true;
    const cuts = [`${one}->${other}`, `${other}->${one}`].map((link) => this.#cuts.get(link) ?? 0);
    return cuts.every((count) => count === 0);
  }
}

/** Faults of a node's cable and of its live connections. */
import { Lack, lackOf, meansOf } from '../harness/means.ts';
import type { NodeWires } from '../harness/means/wires.ts';
import type { Armed, FaultContext, Verification } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import { CLIENT_SIDE } from '../harness/packet-rules.ts';
import type { Cluster, Link } from '../harness/testbed.ts';
import { between } from './grudge.ts';
import { seeReachable } from './link-observations.ts';
import { meansFault } from './means-fault.ts';

export const cablePull = meansFault({
  kind: 'cable-pull',
  summary: 'the cable of a node is pulled: no carrier, nothing passes, addresses stay',
  about: {
    needs: "root on the engine's host",
    verified: "the host's end is down; the node's own has no carrier; connects from inside",
    healed: "the host's end is up; gone with the harness: by the guardian",
    peers: 'nobody (Jepsen and Pumba take networks away, which changes addresses)',
  },
  means: 'wires',
  resources: ['network'],
  selectors: ['one', 'minority', 'majority', 'leader'],
  unavailable: cableLack,
  arm: async (wires, context, node) => {
    const links = between([node], [...othersOf(node, context), CLIENT_SIDE]);
    return new ToldLinks(await wires.pullCable(), context, links);
  },
});

export const connectionKill = meansFault({
  kind: 'connection-kill',
  summary: 'live TCP connections of a node with its peers are ended by its kernel',
  about: {
    needs: "root on the engine's host, or iproute2 in the image; a kernel with INET_DIAG_DESTROY",
    verified: 'the socket table: those there before are gone; what ss tells of',
    healed: 'nothing stays: peers dial again',
    peers: 'nobody (Toxiproxy closes what passes through it)',
  },
  means: 'wires',
  resources: ['network'],
  selectors: ['one', 'leader', 'minority', 'majority', 'all'],
  arm: (wires: NodeWires, { cluster }: FaultContext, node: NodeName): Promise<Armed> => {
    const peers = cluster.nodes.filter(({ name }) => name !== node);
    return wires.killConnections(new Map(peers.map(({ name, address }) => [name, address])));
  },
});

function cableLack(cluster: Cluster): string | null {
  const lack = lackOf(cluster, 'wires');
  if (lack !== null) return lack;
  for (const node of cluster.nodes) {
    const wires = meansOf(node, 'wires');
    const problem = wires instanceof Lack ? wires.reason : wires.cableLack();
    if (problem !== null) return problem;
  }
  return null;
}

function othersOf(node: NodeName, { cluster }: FaultContext): readonly NodeName[] {
  return cluster.nodes.map(({ name }) => name).filter((name) => name !== node);
}

/** A change that harms all links of a node, which the network does not know of: told here, and looked at. */
class ToldLinks implements Armed {
  readonly undo: Armed['undo'];
  readonly #change: Armed;
  readonly #context: FaultContext;
  readonly #links: readonly Link[];

  constructor(change: Armed, context: FaultContext, links: readonly Link[]) {
    this.undo = change.undo;
    this.#change = change;
    this.#context = context;
    this.#links = links;
  }

  fire(): void {
    const { clock, events } = this.#context;
    const notBefore = clock.now();
    this.#change.fire();
    events({ type: 'link-degraded', links: this.#links, notBefore, notAfter: clock.now() });
  }

  async done(): Promise<void> {
    await this.#change.done?.();
  }

  async verify(): Promise<Verification> {
    const changed = await this.#change.verify();
    const reached = await this.#reach(false);
    const passes = reached.some(({ seen }) => seen === 'reached');
    return {
      verified: changed.verified && !passes,
      observations: [...changed.observations, ...reached],
    };
  }

  heal(): Promise<void> {
    return this.#change.heal();
  }

  async verifyHealed(): Promise<Verification> {
    const changed = await this.#change.verifyHealed();
    const reached = await this.#reach(true);
    const verified = changed.verified && reached.every(({ confirms }) => confirms);
    if (verified) {
      const { clock, events } = this.#context;
      const now = clock.now();
      events({ type: 'link-restored', links: this.#links, notBefore: now, notAfter: now });
    }
    return { verified, observations: [...changed.observations, ...reached] };
  }

  #reach(wanted: boolean): ReturnType<typeof seeReachable> {
    const among = this.#links.filter(({ from, to }) => from !== CLIENT_SIDE && to !== CLIENT_SIDE);
    return seeReachable(this.#context, among, wanted);
  }
}

/** The simulated testbed: a model's nodes in virtual time, in this process. Nothing is left when it is forgotten. */
import { unknownName } from '../../nearest.ts';
import { seededRandom } from '../../random.ts';
import type { NodeName } from '../../operation.ts';
import {
  type Cluster,
  type ClusterPlan,
  type Link,
  type Network,
  type Testbed,
  type TestbedContext,
  linkKey,
} from '../../testbed.ts';
import type { ConnectionEnds } from './connection.ts';
import { CLIENTS, type Latency, MessageNetwork, lanLatency } from './message-network.ts';
import type { ModelDefinition } from './model.ts';
import { simulatedNode } from './node.ts';
import { type Route, SimulatedProcess } from './process.ts';

export interface SimulatedTestbedOptions<Message> {
  readonly model: ModelDefinition<Message>;
  /** How long one message takes. Default: `lanLatency`. */
  readonly latency?: Latency;
}

/**
 * One cluster of model nodes at a time. Takes the time from the clock of `up`'s context (a SimulatedClock, or a real
 * one to watch a model live) and all chance from the plan's seed.
 */
export function simulatedTestbed<Message>(options: SimulatedTestbedOptions<Message>): Testbed {
  let machines: Machines<Message> | null = null;
  return {
    kind: 'simulated',
    capabilities: {
      nodes: `model ${options.model.name}, in this process`,
      links: 'messages dropped by link and direction',
      signals: 'kill, crash, pause, resume',
    },
    up: async (plan, context) => {
      if (machines !== null) throw new Error('the cluster is up already; take it down first');
      machines = new Machines(options, plan, context);
      machines.start();
      return machines.cluster();
    },
    down: async () => {
      machines?.dispose();
      machines = null;
      return [];
    },
  };
}

/** The processes of one cluster and the network between them. */
class Machines<Message> {
  private readonly network: MessageNetwork;
  private readonly processes = new Map<NodeName, SimulatedProcess<Message>>();
  private connections = 0;

  constructor(
    options: SimulatedTestbedOptions<Message>,
    plan: ClusterPlan,
    { clock, events, say }: TestbedContext,
  ) {
    const { nodes } = plan;
    const random = seededRandom(plan.seed);
    const latency = options.latency ?? lanLatency;
    this.network = new MessageNetwork({ clock, random, events, nodes, latency });
    const addresses = new Map(nodes.map((name) => [name, name]));
    const { model } = options;
    for (const name of nodes) {
      const route = this.router(name);
      const own = { name, nodes, plan: plan.node(name, addresses), route };
      const process = new SimulatedProcess({ ...own, model, clock, random, events, say });
      this.processes.set(name, process);
    }
  }

  start(): void {
    for (const process of this.processes.values()) process.start();
  }

  dispose(): void {
    for (const process of this.processes.values()) process.dispose();
  }

  cluster(): Cluster {
    const nodes = [...this.processes.values()].map((process) =>
      simulatedNode(process, () => this.connectionEnds(process)),
    );
    const named = new Map(nodes.map((node) => [node.name, node]));
    return {
      kind: 'simulated',
      nodes,
      network: networkOf(this.network, (name) => this.process(name)),
      node: (name) => {
        const node = named.get(name);
        if (node === undefined) throw unknownNode(name, [...named.keys()]);
        return node;
      },
    };
  }

  /** Finds the ways out of one node, each made at first use and kept. */
  private router(from: NodeName): (to: NodeName) => Route<Message> {
    const routes = new Map<NodeName, Route<Message>>();
    return (to) => {
      const known = routes.get(to);
      if (known !== undefined) return known;
      const route = { channel: this.network.channel({ from, to }), process: this.process(to) };
      routes.set(to, route);
      return route;
    };
  }

  private process(name: NodeName): SimulatedProcess<Message> {
    const process = this.processes.get(name);
    if (process === undefined) throw unknownNode(name, [...this.processes.keys()]);
    return process;
  }

  private connectionEnds(process: SimulatedProcess<Message>): ConnectionEnds<Message> {
    const { name } = process.options;
    const number = ++this.connections;
    return {
      process,
      to: this.network.channel({ from: CLIENTS, to: name }, number),
      from: this.network.channel({ from: name, to: CLIENTS }, number),
      name: (incarnation) => `${name}/${incarnation}/${number}`,
    };
  }
}

function networkOf<Message>(
  network: MessageNetwork,
  process: (name: NodeName) => SimulatedProcess<Message>,
): Network {
  return {
    cut: async (key, links) => network.cut(key, links),
    heal: async (key) => network.heal(key),
    healAll: async () => network.healAll(),
    observed: async () => network.cutLinks(),
    dropped: async () => network.dropped(),
    // A dead process's host answers with a reset, and a paused one's kernel accepts: both are reached.
    reachable: async (link: Link) =>
      process(link.from).liveness !== 'gone' &&
      process(link.to).liveness !== 'gone' &&
      network.passes(linkKey(link)),
    // Messages lost on a cut link are not sent again by the network, so nothing is in back-off once it is healed.
    settled: async (links) => !links.some((link) => network.isCut(link)),
  };
}

function unknownNode(name: NodeName, names: readonly NodeName[]): RangeError {
  return new RangeError(unknownName('node', name, names));
}

/** A system without servers, for benchmarks of the engine: a testbed whose nodes are only names. */
import type { Client } from '../harness/client.ts';
import type { System } from '../harness/system.ts';
import type { Cluster, Network, Node, Testbed } from '../harness/testbed.ts';

const nothing = async (): Promise<void> => undefined;

/** Nodes come up at once, always serve, and lead nothing. @param client makes what a worker talks through */
export function nullSystem(client: () => Client): System {
  return {
    name: 'nothing',
    versions: ['1'],
    defaultVersion: '1',
    testbeds: ['simulated'],
    workloads: [],
    image: () => ({ context: '.', arguments: {}, label: 'nothing' }),
    node: () => ({ command: ['true'] }),
    ready: async () => true,
    leader: async () => null,
    observers: [],
    probes: {},
    peerPort: 1,
    failurePatterns: [],
    client,
    promises: [],
  };
}

/** Has the nodes that it is asked for. */
export function nullTestbed(): Testbed {
  return {
    kind: 'simulated',
    capabilities: {},
    up: async ({ nodes }) => clusterOf(nodes.map(nullNode)),
    down: async () => [],
  };
}

function nullNode(name: string): Node {
  return {
    name,
    address: '127.0.0.1',
    start: nothing,
    kill: nothing,
    crash: nothing,
    pause: nothing,
    resume: nothing,
    alive: async () => 'running',
    incarnation: () => '1',
  };
}

function clusterOf(nodes: readonly Node[]): Cluster {
  const node = (name: string): Node => {
    const found = nodes.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  return { kind: 'simulated', nodes, network: NULL_NETWORK, node };
}

const NULL_NETWORK: Network = {
  cut: nothing,
  heal: nothing,
  healAll: nothing,
  observed: async () => [],
  dropped: async () => new Map(),
  reachable: async () => true,
  settled: async () => true,
};

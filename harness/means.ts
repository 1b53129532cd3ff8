/**
 * Means: what can be done to a node besides starting, stopping and cutting off, each by its own interface. Faults are
 * written against these; a testbed supplies those it has, and says of each other why not.
 */
import type { Cluster, Node } from './testbed.ts';

/** Why a node does not have something: a missing program, no root on the host, a simulated node. */
export class Lack {
  /** In words, for a skip: `needs root on the engine's host`. */
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Everything by name. Each means makes changes ready as `Armed`, one node at a time. */
export interface MeansByName {
  readonly clock: import('./means/clock.ts').NodeClock;
  readonly threads: import('./means/threads.ts').NodeThreads;
  readonly resources: import('./means/resources.ts').NodeResources;
  readonly disk: import('./means/disk.ts').NodeDisk;
  readonly calls: import('./means/calls.ts').NodeCalls;
  readonly jvm: import('./means/jvm.ts').NodeJvm;
  readonly hostPause: import('./means/host-pause.ts').NodeHostPause;
  readonly versions: import('./means/versions.ts').NodeVersions;
  readonly wires: import('./means/wires.ts').NodeWires;
  readonly shaping: import('./means/shaping.ts').NodeShaping;
  readonly proxies: import('./means/proxies.ts').NodeProxies;
}

export type MeansName = keyof MeansByName;

/** A node's means. */
export type Means = { readonly [K in MeansName]: MeansByName[K] | Lack };

/** What the node has by this name, or why it has not. */
export function meansOf<K extends MeansName>(node: Node, name: K): MeansByName[K] | Lack {
  const { means } = node as { readonly means?: Means };
  if (means === undefined) return new Lack(`nodes of this testbed have no ${name} to act on`);
  return means[name];
}

/** Why a cluster's nodes do not all have it, or null. */
export function lackOf(cluster: Cluster, name: MeansName): string | null {
  for (const node of cluster.nodes) {
    const found = meansOf(node, name);
    if (found instanceof Lack) return found.reason;
  }
  return null;
}

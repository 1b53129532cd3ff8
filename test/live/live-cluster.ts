/** A real cluster that serves, for tests that drive it themselves. */
import { vi } from 'vitest';
import { groundFor } from '../../cli/testbeds.ts';
import type { System, SystemOptions } from '../../harness/system.ts';
import type { Cluster, Node, Testbed } from '../../harness/testbed.ts';

export interface LiveCluster {
  readonly cluster: Cluster;
  readonly testbed: Testbed;
  /** Waits until the node serves again. */
  readonly serving: (node: Node) => Promise<void>;
}

const NEVER = new AbortController().signal;

/**
 * Brings up the system's nodes in containers, waits until all serve, and lets the system prepare its data. Leaves nothing
 * if it fails.
 */
export async function liveCluster(
  system: System,
  options: SystemOptions,
  name: string,
): Promise<LiveCluster> {
  const { testbed, clock } = await groundFor(system, 'docker', 1n);
  try {
    const cluster = await testbed.up(
      {
        runId: `${name}-${process.pid}`,
        nodes: options.nodes,
        directory: null,
        seed: 1n,
        image: system.image(options.version),
        node: (node, addresses) => system.node(options, node, addresses),
      },
      { clock, events: () => undefined, say: () => undefined, signal: NEVER },
    );
    await Promise.all(cluster.nodes.map((node) => serving(system, node)));
    await system.setup?.(cluster, options, NEVER);
    return { cluster, testbed, serving: (node) => serving(system, node) };
  } catch (error) {
    await testbed.down();
    throw error;
  }
}

async function serving(system: System, node: Node): Promise<void> {
  await vi.waitUntil(() => isReady(system, node), { timeout: 60_000, interval: 50 });
}

async function isReady(system: System, node: Node): Promise<boolean> {
  try {
    return await system.ready(node, AbortSignal.timeout(1000));
  } catch {
    return false; // Not yet: asked again.
  }
}

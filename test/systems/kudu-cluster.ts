/** A Kudu cluster of its own for a test file, with the tables that set-up makes. */
import { groundFor } from '../../cli/testbeds.ts';
import { ROLES } from '../../clusters/kudu/node-plan.ts';
import { isReady } from '../../clusters/kudu/servers.ts';
import { kudu } from '../../clusters/kudu/system.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { nodesOfRoles } from '../../harness/roles.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Cluster, Node, Testbed } from '../../harness/testbed.ts';

export interface KuduCluster {
  readonly cluster: Cluster;
  readonly testbed: Testbed;
}

const clock = realClock();

/** Brings one up and waits until it serves. @param name of the run; unique on the machine */
export async function bringUpKudu(name: string, version: string): Promise<KuduCluster> {
  const options: SystemOptions = { version, nodes: nodesOfRoles(ROLES), extra: {} };
  const signal = new AbortController().signal;
  const ground = await groundFor(kudu, 'docker', 1n);
  const cluster = await ground.testbed.up(
    {
      runId: `${name}-${process.pid}`,
      nodes: options.nodes,
      directory: null,
      seed: 1n,
      image: kudu.image(version),
      node: (node, addresses) => kudu.node(options, node, addresses),
    },
    { clock: ground.clock, events: () => undefined, say: () => undefined, signal },
  );
  await Promise.all(cluster.nodes.map(untilReady));
  await kudu.setup?.(cluster, options, signal);
  return { cluster, testbed: ground.testbed };
}

async function untilReady(node: Node): Promise<void> {
  const asked = (): Promise<boolean> =>
    isReady(node, new AbortController().signal).catch(() => false);
  while (!(await asked())) await clock.sleep(100 * MILLISECOND);
}

/** Alluxio 1.x: masters elected by ZooKeeper, their journal on a shared store, Thrift. */
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND } from '../../../harness/operation.ts';
import type { SystemOptions } from '../../../harness/system.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { FILES } from '../client/data-client.ts';
import { PARENT } from '../client/metadata-client.ts';
import type { Generation } from '../generation.ts';
import { resolveOptions } from '../options.ts';
import { registeredWorkers } from '../rest.ts';
import { ENSEMBLE, MASTER, WORKER } from '../roles.ts';
import { findLeader } from '../servers.ts';
import { openNamespace } from './namespace.ts';
import { nodePlan } from './node-plan.ts';
import { workloadClient } from './workload-client.ts';

const POLL = 100 * MILLISECOND;

export const generationOne: Generation = {
  roles: (options) => [
    ENSEMBLE,
    { ...MASTER, needed: 'one' },
    { ...WORKER, count: resolveOptions(options).workers },
  ],
  // Measured: a master 190, a worker 150, ZooKeeper 70; and what they use with work to do.
  memoryMb: ({ nodes }) => 300 * nodes.length,
  node: nodePlan,
  setup: async (cluster, options, signal) => {
    await untilWorkersAreThere(cluster, options, signal);
    await makeParents(cluster, signal);
  },
  client: workloadClient,
};

async function untilWorkersAreThere(
  cluster: Cluster,
  options: SystemOptions,
  signal: AbortSignal,
): Promise<void> {
  const { workers } = resolveOptions(options);
  const clock = realClock();
  while ((await workersSeen(cluster, signal)) < workers) await clock.sleep(POLL, signal);
}

/** The directories under which the workloads' entries are. */
async function makeParents(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const leader = await findLeader(cluster, signal);
  if (leader === null) throw new Error('no master leads');
  const namespace = openNamespace(cluster.node(leader), signal);
  for (const path of [PARENT, FILES]) await namespace.createDirectory(path);
  namespace.close();
}

/** -1 while no leader serves. */
async function workersSeen(cluster: Cluster, signal: AbortSignal): Promise<number> {
  const leader = await findLeader(cluster, signal);
  if (leader === null) return -1;
  return (await registeredWorkers(cluster.node(leader).address, signal)) ?? -1;
}

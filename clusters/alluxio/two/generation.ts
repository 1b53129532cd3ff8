/** Alluxio 2.x: masters that replicate their journal themselves, or as 1.x do; gRPC. */
import { type Client, DefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND } from '../../../harness/operation.ts';
import type { SystemOptions } from '../../../harness/system.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { BackupClient } from '../backup/backup-client.ts';
import { fill, ROOT } from '../backup/fill.ts';
import { metadataClient, PARENT } from '../client/metadata-client.ts';
import type { Generation } from '../generation.ts';
import type { GrpcChannel } from '../grpc/channel.ts';
import { createDirectory } from '../grpc/file-system-calls.ts';
import { openLeader } from '../grpc/leader.ts';
import { workerInfos } from '../grpc/master-calls.ts';
import { openNamespace } from '../grpc/namespace.ts';
import { resolveOptions } from '../options.ts';
import { ENSEMBLE, isMaster, MASTER, WORKER } from '../roles.ts';
import { findLeader } from '../servers.ts';
import { nodePlanTwo } from './node-plan.ts';

const POLL = 100 * MILLISECOND;

export const generationTwo: Generation = {
  roles: (options) => {
    const { journal, workers } = resolveOptions(options);
    return [
      ...(journal === 'zookeeper' ? [ENSEMBLE] : []),
      { ...MASTER, needed: journal === 'zookeeper' ? 'one' : 'majority' },
      ...(workers > 0 ? [{ ...WORKER, count: workers }] : []),
    ];
  },
  // Measured: a master 400, a worker 330; and what they use with work to do.
  memoryMb: ({ nodes }) => 500 * nodes.length,
  node: nodePlanTwo,
  setup,
  client: workloadClient,
};

async function setup(cluster: Cluster, options: SystemOptions, signal: AbortSignal): Promise<void> {
  const clock = realClock();
  const { workers, directories } = resolveOptions(options);
  while ((await findLeader(cluster, signal)) === null) await clock.sleep(POLL, signal);
  const masters = cluster.nodes.filter(isMaster);
  const { channel } = await openLeader(masters, clock, signal);
  try {
    while ((await workersSeen(channel)) < workers) await clock.sleep(POLL, signal);
    for (const parent of [ROOT, PARENT]) await createDirectory(channel, parent);
    await fill(channel, directories);
  } finally {
    channel.close();
  }
}

/** -1 while the leader waits for workers (safe mode), and does not tell. */
async function workersSeen(channel: GrpcChannel): Promise<number> {
  try {
    return (await workerInfos(channel)).length;
  } catch (error) {
    if (error instanceof DefiniteError) return -1;
    throw error;
  }
}

const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  metadata: (cluster) => metadataClient(cluster, openNamespace),
  backup: (cluster) => new BackupClient(cluster),
};

/** @throws RangeError when 2.x has no such workload */
function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  const known = Object.keys(CLIENTS).join(', ');
  throw new RangeError(`alluxio 2.x has no client for ${workload}; expected ${known}`);
}

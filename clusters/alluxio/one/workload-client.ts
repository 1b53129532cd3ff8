/** The client of each workload of 1.x. */
import type { Client } from '../../../harness/client.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { dataClient } from '../client/data-client.ts';
import { metadataClient } from '../client/metadata-client.ts';
import { bridgeStart } from './bridge-start.ts';
import { openNamespace } from './namespace.ts';
import { workerClient } from './worker-client.ts';

const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  metadata: (cluster) => metadataClient(cluster, openNamespace),
  data: (cluster) => dataClient(cluster, bridgeStart),
  workers: workerClient,
  probe: workerClient,
};

/** @throws RangeError when 1.x has no such workload */
export function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  const known = Object.keys(CLIENTS).join(', ');
  throw new RangeError(`alluxio 1.x has no client for ${workload}; expected ${known}`);
}

/** The client of each workload of 1.x. */
import type { Client } from '../../../harness/client.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { metadataClient } from '../client/metadata-client.ts';
import { openNamespace } from './namespace.ts';

const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  metadata: (cluster) => metadataClient(cluster, openNamespace),
};

/** @throws RangeError when 1.x has no such workload */
export function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  const known = Object.keys(CLIENTS).join(', ');
  throw new RangeError(`alluxio 1.x has no client for ${workload}; expected ${known}`);
}

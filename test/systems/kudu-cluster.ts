/** A Kudu cluster of its own for a test file, with the tables that set-up makes. */
import { ROLES } from '../../clusters/kudu/node-plan.ts';
import { kudu } from '../../clusters/kudu/system.ts';
import { nodesOfRoles } from '../../harness/roles.ts';
import { liveCluster, type LiveCluster } from '../live/live-cluster.ts';

/** Brings one up and waits until it serves. @param name of the run; unique on the machine */
export function bringUpKudu(name: string, version: string): Promise<LiveCluster> {
  return liveCluster(kudu, { version, nodes: nodesOfRoles(ROLES), extra: {} }, name);
}

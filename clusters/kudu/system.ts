/** Kudu: masters and tablet servers of any version on Maven Central, driven by a small KRPC client of our own. */
import type { Client } from '../../harness/client.ts';
import { projectPath } from '../../harness/project-path.ts';
import type { System, SystemOptions } from '../../harness/system.ts';
import type { Cluster, ImagePlan } from '../../harness/testbed.ts';
import { CATALOGUE } from './catalogue.ts';
import { TABLET_CLIENTS } from './client/tablet-clients.ts';
import { KNOWN_ISSUES } from './known-issues.ts';
import { DDL_CLIENTS } from './master/ddl-client.ts';
import { MASTER_PORT } from './master/requests.ts';
import { nodePlan, ROLES } from './node-plan.ts';
import { FAILURE_PATTERNS, PROMISES } from './promises.ts';
import { findLeader, isReady, PROBES, roleObserver } from './servers.ts';
import { makeTables } from './tables.ts';
import { TABLET_SERVER_PORT } from './tablet/requests.ts';
import { DEFAULT_VERSION, VERSIONS } from './versions.ts';
import { WORKLOADS } from './workloads/index.ts';

/** Of one server under load; an idle one has half of it. */
const SERVER_MB = 80;

/** The system `kudu`. */
export const kudu: System = {
  name: 'kudu',
  versions: VERSIONS,
  defaultVersion: DEFAULT_VERSION,
  testbeds: ['docker'],
  workloads: WORKLOADS,
  image: imagePlan,
  roles: () => ROLES,
  memoryMb: ({ nodes }: SystemOptions) => SERVER_MB * nodes.length,
  node: nodePlan,
  setup: makeTables,
  ready: isReady,
  leader: findLeader,
  observers: [roleObserver],
  probes: PROBES,
  catalogue: CATALOGUE,
  peerPort: MASTER_PORT,
  peerPorts: [MASTER_PORT, TABLET_SERVER_PORT],
  failurePatterns: FAILURE_PATTERNS,
  knownIssues: KNOWN_ISSUES,
  client: workloadClient,
  promises: PROMISES,
};

function imagePlan(version: string): ImagePlan {
  return {
    context: projectPath('clusters/kudu/image'),
    arguments: { VERSION: version },
    bases: ['debian:bookworm-slim'],
    label: `kudu-${version}`,
  };
}

const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  ...TABLET_CLIENTS,
  ...DDL_CLIENTS,
};

function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  throw new RangeError(
    `kudu has no client for ${workload}; expected ${Object.keys(CLIENTS).join(', ')}`,
  );
}

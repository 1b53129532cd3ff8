/** ZooKeeper: an ensemble of any version on Maven Central, driven by a small client of our own. */
import type { Client } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import { projectPath } from '../../harness/project-path.ts';
import type { System, SystemOptions } from '../../harness/system.ts';
import type { Cluster, ImagePlan } from '../../harness/testbed.ts';
import { CATALOGUE } from './catalogue.ts';
import { connectSession } from './client/connection.ts';
import { creationClient, OBJECTS, retryingCreationClient } from './client/creation-client.ts';
import { membershipClient } from './client/membership-client.ts';
import { registrationClient, twoStepRegistrationClient } from './client/registration-client.ts';
import { REGISTRY } from './client/registry.ts';
import { registerClient } from './client/register-client.ts';
import { REGISTERS } from './client/register.ts';
import { create } from './client/requests.ts';
import { BARRIERS, settle, unless } from './client/session.ts';
import { ELEMENTS, setClient } from './client/set-client.ts';
import { METHODS } from './methods.ts';
import { KNOWN_ISSUES } from './known-issues.ts';
import { zookeeperMembership } from './membership.ts';
import { ELECTION_PORT, nodePlan, PEER_PORT } from './node-plan.ts';
import { FAILURE_PATTERNS, PROMISES } from './promises.ts';
import { findLeader, isReady, PROBES, roleObserver } from './servers.ts';
import { DEFAULT_VERSION, librariesOf, VERSIONS } from './versions.ts';
import { WORKLOADS } from './workloads/index.ts';

/** Resident, of one server that has begun; under load it takes twice that. */
const MEMORY_MB = 130;

/** The system `zookeeper`. */
export const zookeeper: System = {
  name: 'zookeeper',
  versions: VERSIONS,
  defaultVersion: DEFAULT_VERSION,
  testbeds: ['docker', 'ssh'],
  workloads: WORKLOADS,
  image: imagePlan,
  memoryMb: ({ nodes, spares = [] }) => MEMORY_MB * (nodes.length + spares.length),
  node: nodePlan,
  setup: makeParents,
  ready: isReady,
  leader: findLeader,
  observers: [roleObserver],
  probes: PROBES,
  catalogue: { ...CATALOGUE, methods: METHODS },
  membership: zookeeperMembership,
  peerPort: PEER_PORT,
  peerPorts: [PEER_PORT, ELECTION_PORT],
  failurePatterns: FAILURE_PATTERNS,
  knownIssues: KNOWN_ISSUES,
  client: workloadClient,
  promises: PROMISES,
};

function imagePlan(version: string): ImagePlan {
  return {
    context: projectPath('clusters/zookeeper/image'),
    arguments: { VERSION: version, LIBRARIES: librariesOf(version) },
    bases: ['debian:bookworm-slim'],
    label: `zookeeper-${version}`,
  };
}

const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  register: registerClient,
  set: setClient,
  creation: creationClient,
  'creation-retried': retryingCreationClient,
  membership: membershipClient,
  'membership-in-two-reads': membershipClient,
  registration: registrationClient,
  'registration-once': registrationClient,
  'registration-in-two-steps': twoStepRegistrationClient,
};

function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  throw new RangeError(
    `zookeeper has no client for ${workload}; expected ${Object.keys(CLIENTS).join(', ')}`,
  );
}

/** The nodes under which the workloads keep theirs. */
async function makeParents(
  cluster: Cluster,
  _options: SystemOptions,
  signal: AbortSignal,
): Promise<void> {
  const [first] = cluster.nodes;
  if (first === undefined) throw new RangeError('zookeeper needs at least one node');
  const connection = await connectSession({ address: first.address }, realClock(), signal);
  for (const path of ['/faultline', BARRIERS, REGISTERS, ELEMENTS, OBJECTS, REGISTRY]) {
    await settle(unless(create(connection, path, new Uint8Array(0)), 'NODEEXISTS', null));
  }
  await connection.close();
}

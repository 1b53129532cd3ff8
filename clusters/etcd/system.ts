/**
 * etcd: three or more members of any version that the Go module proxy holds, driven through the JSON gateway.
 */
import type { NodeName } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import type { System, SystemOptions } from '../../harness/system.ts';
import type { Cluster, ImagePlan, NodePlan } from '../../harness/testbed.ts';
import { catalogueOf } from './catalogue.ts';
import { CLIENT_PORT } from './client/gateway.ts';
import { workloadClient } from './client/workload-client.ts';
import { allowDowngrade } from './downgrade.ts';
import { putGuards } from './guards.ts';
import { KNOWN_ISSUES } from './known-issues.ts';
import { findLeader, isServing, PROBES, statusObserver, withGateway } from './members.ts';
import { DATA, etcdMembership, PEER_PORT, peerUrl } from './membership.ts';
import { type EtcdOptions, resolveOptions } from './options.ts';
import { FAILURE_PATTERNS, PROMISES } from './promises.ts';
import { DEFAULT_VERSION, VERSIONS } from './versions.ts';
import { WORKLOADS } from './workloads/index.ts';

/** Resident, of one member that has begun. */
const MEMORY_MB = 40;

/** The system `etcd`. */
export const etcd: System = {
  name: 'etcd',
  versions: VERSIONS,
  defaultVersion: DEFAULT_VERSION,
  testbeds: ['docker', 'ssh'],
  workloads: WORKLOADS,
  image: imagePlan,
  memoryMb: ({ nodes, spares = [] }) => MEMORY_MB * (nodes.length + spares.length),
  node: nodePlan,
  setup,
  ready: isServing,
  leader: findLeader,
  observers: [statusObserver],
  probes: PROBES,
  catalogue: catalogueOf(`${DATA}/etcd`),
  membership: etcdMembership,
  allowVersion: allowDowngrade,
  peerPort: PEER_PORT,
  peerRequest: { port: PEER_PORT, send: 'GET /version HTTP/1.0\\r\\n\\r\\n' },
  failurePatterns: FAILURE_PATTERNS,
  knownIssues: KNOWN_ISSUES,
  client: workloadClient,
  promises: PROMISES,
};

function imagePlan(version: string): ImagePlan {
  return {
    context: projectPath('clusters/etcd/image/'),
    arguments: { VERSION: version },
    bases: ['debian:bookworm-slim'],
    label: `etcd-${version}`,
  };
}

function nodePlan(
  options: SystemOptions,
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
): NodePlan {
  const own = addresses.get(node);
  if (own === undefined) throw new RangeError(`node ${node} has no address`);
  const { heartbeatMs, electionMs, forceNewCluster, ...rarer } = resolveOptions(options.extra);
  const cluster = [...addresses].map(([name, address]) => `${name}=${peerUrl(address)}`);
  const flags: Readonly<Record<string, string>> = {
    name: node,
    'data-dir': `${DATA}/etcd`,
    'listen-client-urls': `http://0.0.0.0:${CLIENT_PORT}`,
    'advertise-client-urls': `http://${own}:${CLIENT_PORT}`,
    'listen-peer-urls': `http://0.0.0.0:${PEER_PORT}`,
    'initial-advertise-peer-urls': peerUrl(own),
    'initial-cluster': cluster.join(','),
    'initial-cluster-state': 'new',
    'heartbeat-interval': String(heartbeatMs),
    'election-timeout': String(electionMs),
    'log-level': 'warn',
    ...rarerFlags(rarer),
  };
  const argv = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const command = ['/usr/local/bin/etcd', ...argv];
  return { command: forceNewCluster ? aloneIfAgain(command) : command, volumes: [DATA] };
}

/** Flags that are left to etcd where nothing is asked for. */
function rarerFlags({
  backendBatchMs,
  snapshotCount,
  compactionBatchLimit,
}: Pick<EtcdOptions, 'backendBatchMs' | 'snapshotCount' | 'compactionBatchLimit'>): Readonly<
  Record<string, string>
> {
  return {
    ...(backendBatchMs === null ? {} : { 'backend-batch-interval': `${backendBatchMs}ms` }),
    ...(snapshotCount === null ? {} : { 'snapshot-count': String(snapshotCount) }),
    ...(compactionBatchLimit === null
      ? {}
      : { 'experimental-compaction-batch-limit': String(compactionBatchLimit) }),
  };
}

/** With `--force-new-cluster` where there is data already. */
function aloneIfAgain(command: readonly string[]): readonly string[] {
  const script = `[ -d ${DATA}/etcd/member ] && set -- "$@" --force-new-cluster; exec "$@"`;
  return ['sh', '-c', script, 'etcd', ...command];
}

async function setup(cluster: Cluster, options: SystemOptions, signal: AbortSignal): Promise<void> {
  const [first] = cluster.nodes;
  if (first === undefined) throw new RangeError('etcd needs at least one node');
  const { guardKeys } = resolveOptions(options.extra);
  await withGateway(first.address, signal, (gateway) => putGuards(gateway, guardKeys));
}

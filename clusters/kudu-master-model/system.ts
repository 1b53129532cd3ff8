/** The model system: Kudu's masters and tablet servers with one table of one tablet, in simulated time. */
import type { NodeName } from '../../harness/operation.ts';
import { nodesOfRole } from '../../harness/roles.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { System } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { ask, askNode } from '../models/answers.ts';
import { leaderObserver, leaderOf, saysReady } from '../models/leaders.ts';
import { type Perform, modelClient } from '../models/model-client.ts';
import { CatalogMaster } from './master.ts';
import { type Message, type Request, type Status, isMaster } from './protocol.ts';
import { TabletServer } from './tablet-server.ts';
import { VERSIONS, solutionsOf } from './versions.ts';
import { alterWorkload } from './workload.ts';

const MASTERS = {
  name: 'master',
  prefix: 'm',
  count: 3,
  clients: true,
  needed: 'majority',
} as const;
const TABLET_SERVERS = {
  name: 'tablet server',
  prefix: 't',
  count: 3,
  clients: false,
  needed: 'majority',
} as const;

/** The version is the second word of the plan's command. */
const model: ModelDefinition<Message> = {
  name: 'kudu-master-model',
  create: (io) => {
    const solutions = solutionsOf(io.plan.command[1] ?? 'correct');
    return isMaster(io.name) ? new CatalogMaster(io, solutions) : new TabletServer(io, solutions);
  },
};

async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  return (await askNode(node, { kind: 'status' }, signal)) as unknown as Status;
}

function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const names = cluster.nodes.map(({ name }) => name);
  return leaderOf(nodesOfRole(MASTERS, names), (name) => statusOf(cluster.node(name), signal));
}

const alterOrLook: Perform = (connection, { f, value }) => {
  const request: Request =
    f === 'alter'
      ? { kind: 'alter', ...(value as { id: number }) }
      : { kind: 'look', id: value as number };
  return ask(connection, request);
};

export const kuduMasterModel: System = {
  name: 'kudu-master-model',
  versions: VERSIONS,
  defaultVersion: 'correct',
  testbeds: ['simulated'],
  workloads: [alterWorkload],
  roles: () => [MASTERS, TABLET_SERVERS],
  image: (version) => {
    solutionsOf(version);
    return { context: '', arguments: {}, label: `kudu-master-model-${version}` };
  },
  node: ({ version }) => ({ command: ['kudu-master-model', version] }),
  ready: saysReady,
  leader: findLeader,
  observers: [leaderObserver(statusOf, isMaster)],
  probes: {},
  peerPort: 1,
  failurePatterns: [],
  client: (cluster, workload) => modelClient({ alter: alterOrLook }, cluster, workload),
  promises: [
    {
      operation: 'alter',
      promise: 'what was acknowledged is brought to all tablets, whichever master leads',
      source: 'https://issues.apache.org/jira/browse/KUDU-1353',
    },
  ],
  simulation: () => ({ testbed: simulatedTestbed({ model }), clock: new SimulatedClock() }),
};

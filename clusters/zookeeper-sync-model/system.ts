/** The model system: an ensemble of servers that speak Zab, in simulated time. */
import type { NodeName } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { System } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { askNode } from '../models/answers.ts';
import { leaderObserver, leaderOf, saysReady } from '../models/leaders.ts';
import { primaryBackupClient } from '../primary-backup/client.ts';
import { registerWorkload } from '../primary-backup/workloads/register.ts';
import { setWorkload } from '../primary-backup/workloads/set.ts';
import type { Message, Status } from './protocol.ts';
import { ZabServer } from './server.ts';
import { VERSIONS, defectsOf } from './versions.ts';

/** The version is the second word of the plan's command. */
const model: ModelDefinition<Message> = {
  name: 'zookeeper-sync-model',
  create: (io) => new ZabServer(io, defectsOf(io.plan.command[1] ?? 'correct')),
};

async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  return (await askNode(node, { kind: 'status' }, signal)) as unknown as Status;
}

function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const names = cluster.nodes.map(({ name }) => name);
  return leaderOf(names, (name) => statusOf(cluster.node(name), signal));
}

export const zookeeperSyncModel: System = {
  name: 'zookeeper-sync-model',
  versions: VERSIONS,
  defaultVersion: 'correct',
  testbeds: ['simulated'],
  workloads: [registerWorkload, setWorkload],
  image: (version) => {
    defectsOf(version);
    return { context: '', arguments: {}, label: `zookeeper-sync-model-${version}` };
  },
  node: ({ version }) => ({ command: ['zookeeper-sync-model', version] }),
  ready: saysReady,
  leader: findLeader,
  observers: [leaderObserver(statusOf)],
  probes: {},
  peerPort: 1,
  failurePatterns: [],
  client: primaryBackupClient,
  promises: [
    {
      operation: 'read, write, cas, add',
      promise: 'linearizable: reads go through the log, as after a sync',
      source: 'https://zookeeper.apache.org/doc/current/zookeeperInternals.html',
    },
  ],
  simulation: () => ({ testbed: simulatedTestbed({ model }), clock: new SimulatedClock() }),
};

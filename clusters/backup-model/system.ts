/** The model system: masters with leader and standby roles of backups, in simulated time. */
import type { NodeName } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { Observer, System } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { ask, askNode } from '../models/answers.ts';
import { leaderObserver, leaderOf, saysReady } from '../models/leaders.ts';
import { type Perform, modelClient } from '../models/model-client.ts';
import { BackupMaster } from './master.ts';
import type { Message, Request, Status } from './protocol.ts';
import { VERSIONS, defectsOf } from './versions.ts';
import { backupsWorkload } from './workload.ts';

/** The version is the second word of the plan's command. */
const model: ModelDefinition<Message> = {
  name: 'backup-model',
  create: (io) => new BackupMaster(io, defectsOf(io.plan.command[1] ?? 'correct')),
};

async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  return (await askNode(node, { kind: 'status' }, signal)) as unknown as Status;
}

const roleObserver: Observer = leaderObserver(statusOf);

function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const names = cluster.nodes.map(({ name }) => name);
  return leaderOf(names, (name) => statusOf(cluster.node(name), signal));
}

const backupOrStatus: Perform = (connection, { f, value }) => {
  const request: Request =
    f === 'backup'
      ? { kind: 'backup', ...(value as { id: string; local: boolean }) }
      : { kind: 'backup-status', ids: value as readonly string[] };
  return ask(connection, request);
};

export const backupModel: System = {
  name: 'backup-model',
  versions: VERSIONS,
  defaultVersion: 'correct',
  testbeds: ['simulated'],
  workloads: [backupsWorkload],
  image: (version) => {
    defectsOf(version);
    return { context: '', arguments: {}, label: `backup-model-${version}` };
  },
  node: ({ version }) => ({ command: ['backup-model', version] }),
  ready: saysReady,
  leader: findLeader,
  observers: [roleObserver],
  probes: {},
  peerPort: 1,
  failurePatterns: [],
  client: (cluster, workload) => modelClient({ backups: backupOrStatus }, cluster, workload),
  promises: [
    {
      operation: 'backup',
      promise: 'at most one at a time; its state only moves forward, and an end is final',
      source: 'https://docs.alluxio.io/os/user/stable/en/operation/Journal.html',
    },
  ],
  simulation: () => ({ testbed: simulatedTestbed({ model }), clock: new SimulatedClock() }),
};

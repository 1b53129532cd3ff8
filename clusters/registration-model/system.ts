/** The model system: masters that fail over and workers that register with them, in simulated time. */
import type { NodeName } from '../../harness/operation.ts';
import { nodesOfRole } from '../../harness/roles.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { Observer, System } from '../../harness/system.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { ask, askNode } from '../models/answers.ts';
import { leaderOf, saysReady } from '../models/leaders.ts';
import { type Perform, modelClient } from '../models/model-client.ts';
import { Master } from './master.ts';
import { CAPACITY, type Message, type Status, isMaster } from './protocol.ts';
import { VERSIONS, defectsOf } from './versions.ts';
import { BlockWorker } from './worker.ts';
import { blocksWorkload } from './workload.ts';

const SOURCE = 'https://github.com/Alluxio/alluxio/pull/7780';

const MASTERS = {
  name: 'master',
  prefix: 'm',
  count: 3,
  clients: false,
  needed: 'majority',
} as const;
const WORKERS = { name: 'worker', prefix: 'w', count: 2, clients: true, needed: 'all' } as const;

/** The version is the second word of the plan's command. */
const model: ModelDefinition<Message> = {
  name: 'registration-model',
  create: (io) =>
    isMaster(io.name)
      ? new Master(io, defectsOf(io.plan.command[1] ?? 'correct'))
      : new BlockWorker(io),
};

/** Asks a master whether it leads, and which workers it lists. */
const workersObserver: Observer = {
  name: 'workers',
  periodMs: 250,
  polls: isMaster,
  poll: async (node, clock, events, signal) => {
    const notBefore = clock.now();
    const { term, workers } = await statusOf(node, signal);
    const seen = { notBefore, notAfter: clock.now() };
    if (workers === null) {
      return events({ type: 'role-seen', node: node.name, role: 'standby', term, ...seen });
    }
    events({ type: 'leader-seen', node: node.name, term, ...seen });
    for (const worker of ['w1', 'w2']) {
      const listed = workers.filter((other) => other.worker === worker);
      events({
        type: 'worker-state',
        observer: node.name,
        worker,
        registered: listed.length > 0,
        entries: listed.length,
        declared: { capacity: CAPACITY },
        shown: { capacity: listed[0]?.capacity ?? null },
        ...seen,
      });
    }
  },
};

async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  return (await askNode(node, { kind: 'status' }, signal)) as unknown as Status;
}

async function findLeader(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const masters = nodesOfRole(
    MASTERS,
    cluster.nodes.map(({ name }) => name),
  );
  return leaderOf(masters, async (name) => {
    const { term, workers } = await statusOf(cluster.node(name), signal);
    return { term, leads: workers !== null };
  });
}

const commitOrList: Perform = async (connection, { f, value }) => {
  if (f === 'list') return ask(connection, { kind: 'list' });
  await ask(connection, { kind: 'commit', block: value });
  return value;
};

export const registrationModel: System = {
  name: 'registration-model',
  versions: VERSIONS,
  defaultVersion: 'correct',
  testbeds: ['simulated'],
  workloads: [blocksWorkload],
  roles: () => [MASTERS, WORKERS],
  image: (version) => {
    defectsOf(version);
    return { context: '', arguments: {}, label: `registration-model-${version}` };
  },
  node: ({ version }) => ({ command: ['registration-model', version] }),
  ready: saysReady,
  leader: findLeader,
  observers: [workersObserver],
  probes: {},
  peerPort: 1,
  failurePatterns: [],
  client: (cluster, workload) => modelClient({ blocks: commitOrList }, cluster, workload),
  promises: [
    {
      operation: 'commit',
      promise: 'a worker is in service only when it is registered whole',
      source: SOURCE,
    },
  ],
  simulation: () => ({ testbed: simulatedTestbed({ model }), clock: new SimulatedClock() }),
};

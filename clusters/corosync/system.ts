/** Sheepdog's join protocol in its versions, over real corosync or over a simulated group. */
import { projectPath } from '../../harness/project-path.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { System } from '../../harness/system.ts';
import type { ImagePlan, Node } from '../../harness/testbed.ts';
import { NoteClient } from './client/note-client.ts';
import { statusOf } from './client/connection.ts';
import { rulesOf, VERSIONS } from './join/protocol.ts';
import { DATA, nodePlan } from './node-plan.ts';
import { findMaster, PROBES } from './observers.ts';
import { FAILURE_PATTERNS, PROMISES } from './promises.ts';
import { simulatedGroupTestbed } from './simulated-testbed.ts';
import { WORKLOADS } from './workloads/join.ts';

/** Where corosync talks to its peers: UDP. What listens on TCP is the status port. */
const PEER_PORT = 7000;
/** Of one node: corosync, and Node.js with the program. */
const NODE_MB = 120;

/** The system `sheepdog-join`. */
export const sheepdogJoin: System = {
  name: 'sheepdog-join',
  versions: VERSIONS,
  defaultVersion: 'with-quorum',
  testbeds: ['docker', 'simulated'],
  workloads: WORKLOADS,
  image: imagePlan,
  memoryMb: ({ nodes }) => nodes.length * NODE_MB,
  node: nodePlan,
  ready: isIn,
  leader: findMaster,
  // Each workload brings the one that tells its configurations.
  observers: [],
  probes: PROBES,
  catalogue: {
    files: [{ directory: DATA, name: 'epoch' }],
    logLines: [
      '\\d not in; waiting: join of',
      '\\d in epoch',
      '\\d group: .*left \\[n',
      '\\d ring ',
    ],
    acknowledgements: ['note'],
  },
  peerPort: PEER_PORT,
  failurePatterns: FAILURE_PATTERNS,
  client: (cluster) => new NoteClient(cluster),
  promises: PROMISES,
  simulation: () => ({ testbed: simulatedGroupTestbed(), clock: new SimulatedClock() }),
};

function imagePlan(version: string): ImagePlan {
  rulesOf(version);
  return {
    context: projectPath('clusters/corosync/image'),
    arguments: {},
    bases: ['debian:bookworm-slim'],
    label: 'corosync-3.1.7',
  };
}

async function isIn(node: Node, signal: AbortSignal): Promise<boolean> {
  const { joined, view, waiting } = await statusOf(node, signal);
  return joined && view !== null && waiting.length === 0;
}

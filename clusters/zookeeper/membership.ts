/**
 * ZooKeeper's members changed while it runs (Administrator's Guide, "Dynamic Reconfiguration"). Servers must have been
 * started for it: `reconfigEnabled`, and access checks off.
 */
import { realClock } from '../../harness/clock.ts';
import type { Member, Membership } from '../../harness/membership.ts';
import type { NodeName } from '../../harness/operation.ts';
import { type Cluster, everyNode } from '../../harness/testbed.ts';
import { type Connection, connectSession } from './client/connection.ts';
import { getData, reconfigure, sync } from './client/requests.ts';
import { CONFIGURATION, DATA_FILES, serverId, serverLine } from './node-plan.ts';

const CONFIG_NODE = '/zookeeper/config';
const CLIENT_PORT = 2181;

export const zookeeperMembership: Membership = {
  members: (cluster, by, signal) =>
    withSession(cluster, by, signal, async (connection) => {
      await sync(connection, CONFIG_NODE); // What follows is as new as what a quorum has.
      const { data } = await getData(connection, CONFIG_NODE);
      return membersOf(cluster, data.toString('utf8'));
    }),
  remove: (cluster, { node }, by, signal) =>
    withSession(cluster, by, signal, async (connection) => {
      await reconfigure(connection, null, String(idOf(cluster, node)));
    }),
  add: (cluster, node, by, signal) =>
    withSession(cluster, by, signal, async (connection) => {
      await reconfigure(connection, joiningLine(cluster, node), null);
    }),
  async clear(machine) {
    // The configuration as it was first: what the server made of it names members that may be gone.
    const first = `[ ! -e ${CONFIGURATION}.bak ] || mv ${CONFIGURATION}.bak ${CONFIGURATION}`;
    const script = `rm -rf ${DATA_FILES} ${CONFIGURATION}.dynamic* && { ${first}; }`;
    const { code, stderr } = await machine.exec(['sh', '-c', script]);
    if (code !== 0) throw new Error(`${machine.name}: its data stay: ${stderr.trim()}`);
  },
  // It finds the others by its first configuration, and takes the present one from the leader.
  joining: () => (command) => command,
  byHand: (cluster, node) =>
    `zkCli.sh reconfig -add '${joiningLine(cluster, node)}'; then start ${node} without data`,
  byHandOut: (cluster, node) =>
    `zkCli.sh reconfig -remove ${idOf(cluster, node)}; then end ${node}`,
};

/**
 * Lines of `server.1=10.0.0.11:2888:3888:participant;0.0.0.0:2181`, and `version=100000000`. What tells a member that was
 * let in again from what it was is the configuration's version: members have no other identity.
 */
export function membersOf(
  cluster: Pick<Cluster, 'nodes' | 'spares'>,
  text: string,
): readonly Member[] {
  const version = /^version=(.*)$/m.exec(text)?.[1] ?? '0';
  return [...text.matchAll(/^server\.(\d+)=/gm)].flatMap(([, id]): Member[] => {
    const node = everyNode(cluster)[Number(id) - 1];
    return node === undefined ? [] : [{ node: node.name, id: `${id}@${version}` }];
  });
}

function idOf(cluster: Cluster, node: NodeName): number {
  const names = everyNode(cluster).map(({ name }) => name);
  return serverId(names, node);
}

function joiningLine(cluster: Cluster, node: NodeName): string {
  const { address } = cluster.node(node);
  return `${serverLine(idOf(cluster, node), address)}:participant;${CLIENT_PORT}`;
}

async function withSession<T>(
  cluster: Cluster,
  by: NodeName,
  signal: AbortSignal,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { address } = cluster.node(by);
  const connection = await connectSession({ address }, realClock(), signal);
  try {
    return await ask(connection);
  } finally {
    await connection.close();
  }
}

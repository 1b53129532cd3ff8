/**
 * A new system to begin from (docs/adding-a-system.md): one Redis server that syncs its log before it answers. Everything
 * in this folder is meant to be replaced, one file after another.
 */
import { projectPath } from '../../harness/project-path.ts';
import type { System } from '../../harness/system.ts';
import type { Node } from '../../harness/testbed.ts';
import { storeClient } from './client.ts';
import { connectTo, PORT } from './connection.ts';
import { register } from './register.ts';

const DATA = '/data';
const PERSISTENCE = 'https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/';

export const template: System = {
  name: 'template',
  // What the image can be built for. Debian bookworm has this one; a Dockerfile that takes VERSION can have many.
  versions: ['7.0'],
  defaultVersion: '7.0',
  testbeds: ['docker'],
  workloads: [register],
  image: (version) => ({
    context: projectPath('clusters/template/image/'),
    arguments: {},
    label: `template-${version}`,
  }),
  // One server. Nodes that are all alike need no roles: leave this out, and they are n1 to n3.
  roles: () => [{ name: 'server', prefix: 'n', count: 1, clients: true, needed: 'all' }],
  memoryMb: () => 20,
  node: () => ({
    command: [
      ...['redis-server', '--port', String(PORT), '--bind', '0.0.0.0', '--protected-mode', 'no'],
      ...['--dir', DATA, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    ],
    volumes: [DATA],
  }),
  ready: isServing,
  // Whoever leads, as the nodes themselves say now. Here there is nobody else.
  leader: (cluster) => Promise.resolve(cluster.nodes[0]?.name ?? null),
  observers: [],
  probes: {
    serving: async (cluster, node, signal) => {
      const asked = node === undefined ? cluster.nodes : [cluster.node(node)];
      return (await Promise.all(asked.map((one) => isServing(one, signal)))).includes(true);
    },
  },
  peerPort: PORT,
  failurePatterns: [
    { name: 'crash', pattern: 'REDIS BUG REPORT START' },
    { name: 'log unreadable', pattern: 'Bad file format reading the append only file' },
  ],
  client: storeClient,
  promises: [
    {
      operation: 'write',
      promise: 'With appendfsync always, what was answered is in the log on the disk.',
      source: `${PERSISTENCE}#how-durable-is-the-append-only-file`,
    },
  ],
};

/** Answers a question of its own clients; a server that still reads its log does not. */
async function isServing(node: Node, signal: AbortSignal): Promise<boolean> {
  try {
    const connection = await connectTo(node.address, signal);
    try {
      return (await connection.ask('GET', 'ready')) === null;
    } finally {
      connection.close();
    }
  } catch {
    return false; // Refused, not answered, or still reading: not ready, whatever it was.
  }
}

/**
 * The real Sheepdog over real corosync, for those who bring its binaries. The workload and its checkers are those of
 * `sheepdog-join`: a note is a write to a virtual disk, which waits behind changes of members as any request does.
 */
import type { Client } from '../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import type { Observer, System, SystemOptions } from '../../harness/system.ts';
import type { Cluster, Node, NodePlan } from '../../harness/testbed.ts';
import { configuration } from '../corosync/node-plan.ts';
import { joinWorkloadWith } from '../corosync/workloads/join.ts';
import { BRING, broughtFiles, OPTION, PLACE } from './brought.ts';
import { dog, latestEpoch, listedHosts, PORT } from './dog.ts';

const STORE = '/data';
const DISK = 'faultline';
/** The disk holds so many notes of 8 bytes. */
const NOTES = 2 ** 20;
const SHARED_MEMORY_MB = 256;
const NODE_MB = 120;
const POLL_PERIOD_MS = 500;
const QUORATE = "corosync-quorumtool -s 2>/dev/null | grep -q '^Quorate: *Yes'";

/** Unpacks what was brought, once; starts corosync if it does not run; and becomes sheep. */
const START = `
cd ${PLACE}
for f in *.base64; do [ -e "\${f%.base64}" ] || base64 -d "$f" > "\${f%.base64}"; done
for f in *.deb; do [ ! -e "$f" ] || [ -d root ] || dpkg-deb -x "$f" root; done
chmod +x sheep dog collie 2>/dev/null
PATH="${PLACE}:${PLACE}/root/usr/sbin:${PLACE}/root/usr/bin:$PATH"
if ! said=$(sheep --version 2>&1); then
  echo "fatal: the sheep that was brought does not start: $said"
  exit 126
fi
echo "$said"
pgrep -x corosync >/dev/null || env -u FAULTLINE_SERVER setsid -f corosync -f
until ${QUORATE}; do sleep 0.05; done
exec sheep -f -c corosync -y "$1" -p ${PORT} -z "$2" ${STORE}`;

/** The system `sheepdog`. */
export const sheepdog: System = {
  name: 'sheepdog',
  versions: ['brought'],
  defaultVersion: 'brought',
  testbeds: ['docker'],
  workloads: [joinWorkloadWith(() => epochObserver)],
  image: () => ({
    context: projectPath('clusters/sheepdog/image'),
    arguments: {},
    label: 'sheepdog-brought',
  }),
  brought: { option: OPTION, what: BRING },
  memoryMb: ({ nodes }) => nodes.length * NODE_MB,
  node: nodePlan,
  setup: format,
  ready: async (node) =>
    listedHosts(await dog(node, ['node', 'list'])).includes(`${node.address}:${PORT}`),
  // Before 0.7 there was one; whoever it was, the tool of later versions does not tell.
  leader: () => Promise.resolve(null),
  observers: [],
  probes: {},
  peerPort: PORT,
  failurePatterns: [{ name: 'sheep panicked', pattern: '\\bPANIC\\b|\\bEMERG\\b' }],
  client: (cluster) => new DiskClient(cluster),
  promises: [
    {
      operation: 'note',
      promise: 'A write to a virtual disk that succeeded is on all its replicas.',
      source: 'https://github.com/sheepdog/sheepdog/wiki',
    },
  ],
};

function nodePlan(
  options: SystemOptions,
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
): NodePlan {
  const nodes = options.nodes.map((name) => ({ name, address: addresses.get(name) ?? name }));
  const zone = options.nodes.indexOf(node);
  return {
    command: ['sh', '-c', START, 'sheepdog', addresses.get(node) ?? node, String(zone)],
    files: {
      ...broughtFiles(options.extra[OPTION]),
      '/etc/corosync/corosync.conf': configuration(nodes, options.extra['token'] ?? '1000'),
    },
    volumes: [STORE],
    sharedMemoryMb: SHARED_MEMORY_MB,
  };
}

async function format(cluster: Cluster, { nodes }: SystemOptions): Promise<void> {
  const [first] = cluster.nodes;
  if (first === undefined) throw new RangeError('sheepdog needs at least one node');
  await dog(first, ['cluster', 'format', '-c', String(Math.min(nodes.length, 3))]);
  await dog(first, ['vdi', 'create', DISK, '16M']);
}

/** The epoch that a node is in, and its members. */
const epochObserver: Observer = {
  name: 'epoch',
  periodMs: POLL_PERIOD_MS,
  poll: async (node, clock, events) => {
    const notBefore = clock.now();
    const found = latestEpoch(await dog(node, ['cluster', 'info']));
    if (found === null) return;
    const { created, epoch, hosts } = found;
    const configuration = `${created.replaceAll(/\W+/gu, '-')}.${epoch}`;
    const seen = { notBefore, notAfter: clock.now() };
    const members = hosts.map((host) => host.replace(/:\d+$/u, ''));
    events({ type: 'membership-view', observer: node.name, configuration, members, ...seen });
    const registered = members.includes(node.address);
    const state = { worker: node.name, registered, declared: {}, shown: {} };
    events({ type: 'worker-state', observer: node.name, ...state, ...seen });
  },
};

/** Has a node write notes to a virtual disk, each at its own place. */
class DiskClient implements Client {
  readonly #cluster: Cluster;
  #node: Node | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async open(node: NodeName): Promise<void> {
    this.#node = this.#cluster.node(node);
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    if (this.#node === null) throw new TypeError('client used before it was opened');
    if (f !== 'note' || typeof value !== 'number') throw new TypeError(`unknown operation ${f}`);
    const place = String((value % NOTES) * 8);
    await dog(this.#node, ['vdi', 'write', DISK, place, '8'], String(value).padStart(8));
    return value;
  }

  async close(): Promise<void> {
    // Each note is a process of its own, which ends by itself.
  }
}

/**
 * What one node of Alluxio 2.x is: a master, a worker, or the ZooKeeper server that masters with their journal on the
 * shared store elect their leader by. Names of properties: alluxio.conf.PropertyKey.
 */
import type { NodeName } from '../../../harness/operation.ts';
import { nodesOfRole } from '../../../harness/roles.ts';
import type { SystemOptions } from '../../../harness/system.ts';
import type { NodePlan } from '../../../harness/testbed.ts';
import { java, LIBRARIES, LOG4J, LOG4J_FILE } from '../java.ts';
import { SHARED, zookeeperPlan } from '../one/node-plan.ts';
import { type AlluxioOptions, resolveOptions } from '../options.ts';
import { ENSEMBLE, isWorker, isZooKeeper, MASTER } from '../roles.ts';
import { RAFT_PORT, RPC_PORT, ZOOKEEPER_PORT } from '../servers.ts';

const DATA = '/data';
const RAMDISK = '/dev/shm';
const DEBUGGER_PORT = 5005;
/** The debug agent lets the master run until a fault wants it. */
const AGENT = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=*:${DEBUGGER_PORT}`;
/** Where backups go unless the request says where. */
export const BACKUPS = `${SHARED}/backups`;

export function nodePlanTwo(options: SystemOptions, node: NodeName): NodePlan {
  const resolved = resolveOptions(options);
  if (isZooKeeper({ name: node })) return zookeeperPlan();
  const properties = propertiesOf(resolved, options.nodes, node);
  const plan = {
    files: { [LOG4J_FILE]: LOG4J },
    sharedVolumes: [SHARED],
    // Cloud detection would wait for a metadata service that is not there.
    environment: { AWS_EC2_METADATA_DISABLED: 'true' },
  };
  if (isWorker({ name: node })) {
    const sharedMemoryMb = 2 * resolved.workerMemoryMb;
    const command = java(properties, 'alluxio.worker.AlluxioWorker');
    return { ...plan, command, sharedMemoryMb };
  }
  const debugged = options.needs?.includes('debugger') === true;
  return {
    ...plan,
    command: masterCommand(resolved, properties, debugged),
    volumes: [DATA],
    ...(debugged ? { debuggerPort: DEBUGGER_PORT } : {}),
  };
}

/**
 * Formats what has to be formatted, and becomes the master. A journal of the masters' own is formatted when its folder
 * is there; of one that they share, whoever comes first formats it, and the others wait.
 */
function masterCommand(
  { journal }: AlluxioOptions,
  properties: Readonly<Record<string, string>>,
  debugged: boolean,
): readonly string[] {
  const shared = [
    `flock ${SHARED}/format.lock sh -c '[ -e ${SHARED}/formatted ] ||`,
    `{ "$@" alluxio.cli.Format MASTER && touch ${SHARED}/formatted; }' format "$@" || exit 1`,
  ];
  const script = [
    `mkdir -p ${SHARED}/ufs ${BACKUPS} ${DATA}/journal/raft ${DATA}/metastore`,
    ...(journal === 'zookeeper' ? [shared.join(' ')] : []),
    // Only the server itself: whoever formats would take its port.
    ...(debugged ? [['set -- java', AGENT, '"${@:2}"'].join(' ')] : []),
    'exec "$@" alluxio.master.AlluxioMaster',
  ].join('\n');
  return ['bash', '-c', script, 'alluxio', ...java(properties)];
}

function propertiesOf(
  options: AlluxioOptions,
  nodes: readonly NodeName[],
  node: NodeName,
): Readonly<Record<string, string>> {
  const masters = nodesOfRole(MASTER, nodes);
  const all = (port: number): string => masters.map((name) => `${name}:${port}`).join(',');
  return {
    ...COMMON,
    'alluxio.master.hostname': node,
    'alluxio.worker.hostname': node,
    'alluxio.master.rpc.addresses': all(RPC_PORT),
    ...(options.journal === 'zookeeper'
      ? sharedJournal(options, nodes)
      : embeddedJournal(all(RAFT_PORT))),
    'alluxio.master.metastore.dir': `${DATA}/metastore`,
    'alluxio.master.mount.table.root.ufs': `${SHARED}/ufs`,
    'alluxio.master.backup.directory': BACKUPS,
    'alluxio.master.backup.abandon.timeout': `${options.abandonMs}ms`,
    'alluxio.master.backup.connect.interval.max': '2s',
    'alluxio.master.worker.connect.wait.time': `${options.safeModeMs}ms`,
    'alluxio.user.file.writetype.default': options.writeType,
    'alluxio.user.rpc.retry.max.duration': `${options.retryMs}ms`,
    'alluxio.worker.ramdisk.size': `${options.workerMemoryMb}MB`,
    'alluxio.worker.tieredstore.level0.dirs.path': RAMDISK,
  };
}

/** What is alike on every node, and on a master beside the cluster. The update check would look for a cloud. */
export const COMMON: Readonly<Record<string, string>> = {
  'alluxio.home': LIBRARIES,
  'alluxio.logs.dir': '/tmp',
  'alluxio.logger.type': 'console',
  'alluxio.master.metastore': 'HEAP',
  'alluxio.master.update.check.enabled': 'false',
  'alluxio.security.authentication.type': 'NOSASL',
  'alluxio.security.authorization.permission.enabled': 'false',
  'alluxio.user.block.size.bytes.default': '1MB',
  'alluxio.user.metrics.collection.enabled': 'false',
  'alluxio.user.conf.cluster.default.enabled': 'false',
  'alluxio.web.ui.enabled': 'false',
};

/** Elections take a few seconds (Alluxio's defaults: 10 s to 20 s). */
function embeddedJournal(addresses: string): Readonly<Record<string, string>> {
  return {
    'alluxio.master.journal.type': 'EMBEDDED',
    'alluxio.master.journal.folder': `${DATA}/journal`,
    'alluxio.master.embedded.journal.addresses': addresses,
    'alluxio.master.embedded.journal.election.timeout.min': '2s',
    'alluxio.master.embedded.journal.election.timeout.max': '4s',
  };
}

/** By default 5 s of quiet are waited for at each failover, for each part of the journal. */
function sharedJournal(
  { sessionTimeoutMs }: AlluxioOptions,
  nodes: readonly NodeName[],
): Readonly<Record<string, string>> {
  const ensemble = nodesOfRole(ENSEMBLE, nodes);
  return {
    'alluxio.master.journal.type': 'UFS',
    'alluxio.master.journal.folder': `${SHARED}/journal`,
    'alluxio.master.journal.tailer.shutdown.quiet.wait.time': '300ms',
    'alluxio.master.journal.tailer.sleep.time': '200ms',
    'alluxio.zookeeper.enabled': 'true',
    'alluxio.zookeeper.address': ensemble.map((name) => `${name}:${ZOOKEEPER_PORT}`).join(','),
    'alluxio.zookeeper.session.timeout': `${sessionTimeoutMs}ms`,
    'alluxio.zookeeper.connection.timeout': '2sec',
  };
}

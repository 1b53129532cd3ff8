/** What one node of Alluxio 1.x is: its command, its properties, its log format. */
import type { NodeName } from '../../../harness/operation.ts';
import { nodesOfRole } from '../../../harness/roles.ts';
import type { SystemOptions } from '../../../harness/system.ts';
import type { NodePlan } from '../../../harness/testbed.ts';
import { java, LIBRARIES, LOG4J, LOG4J_FILE } from '../java.ts';
import { type AlluxioOptions, resolveOptions } from '../options.ts';
import { ENSEMBLE, isWorker, isZooKeeper } from '../roles.ts';
import { ZOOKEEPER_PORT } from '../servers.ts';

/** What masters share: their journal, and the store under the workers. */
export const SHARED = '/shared';
const RAMDISK = '/dev/shm';
const ZOOKEEPER_DATA = '/data';
const ZOOKEEPER_FILE = '/etc/alluxio/zoo.cfg';

export function nodePlan(options: SystemOptions, node: NodeName): NodePlan {
  const resolved = resolveOptions(options);
  if (isZooKeeper({ name: node })) return zookeeperPlan();
  const properties = propertiesOf(resolved, options.nodes, node);
  const plan = { files: { [LOG4J_FILE]: LOG4J }, sharedVolumes: [SHARED] };
  if (isWorker({ name: node })) {
    const sharedMemoryMb = 2 * resolved.workerMemoryMb;
    return { ...plan, command: java(properties, 'alluxio.worker.AlluxioWorker'), sharedMemoryMb };
  }
  return { ...plan, command: masterCommand(properties) };
}

/**
 * One ZooKeeper server, of the version that comes with Alluxio's libraries. Its times are a quarter of the sample
 * configuration's; it rejects a least session timeout without a greatest one.
 */
export function zookeeperPlan(): NodePlan {
  const settings: Readonly<Record<string, string | number>> = {
    tickTime: 500,
    dataDir: ZOOKEEPER_DATA,
    clientPort: ZOOKEEPER_PORT,
    minSessionTimeout: 1000,
    maxSessionTimeout: 60_000,
    maxClientCnxns: 0,
    // Of 3.5 and later, which come with 2.x: 3.4 answers all, and has no web server.
    '4lw.commands.whitelist': '*',
    'admin.enableServer': 'false',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const properties = { 'zookeeper.jmx.log4j.disable': 'true' };
  return {
    command: java(properties, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', ZOOKEEPER_FILE),
    files: { [ZOOKEEPER_FILE]: [...lines, ''].join('\n'), [LOG4J_FILE]: LOG4J },
    volumes: [ZOOKEEPER_DATA],
  };
}

/** Whoever comes first makes the shared folders and formats the journal; the others wait until that is done. */
function masterCommand(properties: Readonly<Record<string, string>>): readonly string[] {
  const script = [
    `if mkdir ${SHARED}/begun 2>/dev/null; then`,
    `mkdir -p ${SHARED}/ufs ${SHARED}/journal && chmod 777 ${SHARED}/ufs &&`,
    `"$@" alluxio.cli.Format master && touch ${SHARED}/formatted || exit 1; fi`,
    `while [ ! -e ${SHARED}/formatted ]; do sleep 0.05; done`,
    `exec "$@" alluxio.master.AlluxioMaster`,
  ].join('\n');
  return ['bash', '-c', script, 'alluxio', ...java(properties)];
}

/** The properties that servers and the client bridge have in common, and a node's own. */
export function propertiesOf(
  options: AlluxioOptions,
  nodes: readonly NodeName[],
  node: NodeName,
): Readonly<Record<string, string>> {
  const ensemble = nodesOfRole(ENSEMBLE, nodes);
  return {
    'alluxio.home': LIBRARIES,
    'alluxio.logs.dir': '/tmp',
    'alluxio.logger.type': 'Console',
    'alluxio.zookeeper.enabled': 'true',
    'alluxio.zookeeper.address': ensemble.map((name) => `${name}:${ZOOKEEPER_PORT}`).join(','),
    'alluxio.zookeeper.session.timeout': `${options.sessionTimeoutMs}ms`,
    'alluxio.zookeeper.connection.timeout': '2sec',
    'alluxio.master.hostname': node,
    'alluxio.worker.hostname': node,
    'alluxio.master.journal.folder': `${SHARED}/journal`,
    'alluxio.underfs.address': `${SHARED}/ufs`,
    'alluxio.master.mount.table.root.ufs': `${SHARED}/ufs`,
    'alluxio.web.resources': '/opt/alluxio/web',
    'alluxio.security.authentication.type': 'NOSASL',
    'alluxio.security.authorization.permission.enabled': 'false',
    'alluxio.worker.memory.size': `${options.workerMemoryMb}MB`,
    'alluxio.worker.tieredstore.level0.dirs.path': RAMDISK,
    'alluxio.user.file.writetype.default': options.writeType,
    'alluxio.user.block.size.bytes.default': '1MB',
    'alluxio.user.rpc.retry.max.duration': `${options.retryMs}ms`,
    'alluxio.user.conf.cluster.default.enabled': 'false',
    'alluxio.master.worker.connect.wait.time': `${options.safeModeMs}ms`,
    'alluxio.master.worker.threads.min': '32',
    // By default 5 s for each part of the journal, one after the other, at each failover.
    'alluxio.master.journal.tailer.shutdown.quiet.wait.time': '300ms',
    'alluxio.master.journal.tailer.sleep.time': '200ms',
  };
}

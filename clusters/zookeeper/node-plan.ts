/** What one ZooKeeper server is: its command, its configuration, its log format. */
import type { NodeName } from '../../harness/operation.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { NodePlan } from '../../harness/testbed.ts';

const DATA = '/data';
/** Where epochs, snapshots and transaction logs are. */
export const DATA_FILES = `${DATA}/version-2`;
/** Where followers connect to the leader: data flows here. */
export const PEER_PORT = 2888;
/** Where votes for a leader go. */
export const ELECTION_PORT = 3888;
const DEBUGGER_PORT = 5005;
/** Where the configuration is. A server whose members can be changed rewrites it, and keeps the first as `.bak`. */
export const CONFIGURATION = '/etc/zookeeper/zoo.cfg';

/**
 * Makes a node's plan.
 * @param options `extra.firstLeader` names the node that wins the first election: it must be the last of the nodes
 * (the highest id wins among equals), and the others wait for it. Default: whoever wins. `extra.initLimit`: ticks of
 * 500 ms that followers have to connect and synchronise. Default: 10. `extra.maxBatchSize`: transactions that are logged
 * before a flush, at most. Default: ZooKeeper's own, 1000. `extra.dataMedium`: `memory` has the logs in memory, where a
 * flush costs nothing. Default: `disk`.
 */
export function nodePlan(
  options: SystemOptions,
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
): NodePlan {
  const firstLeader = options.extra['firstLeader'];
  if (firstLeader !== undefined && firstLeader !== options.nodes.at(-1)) {
    const last = options.nodes.at(-1) ?? 'none';
    throw new RangeError(
      `firstLeader ${firstLeader}: expected ${last}, the node of the highest id`,
    );
  }
  const debugged = options.needs?.includes('debugger') === true;
  const reconfigured = options.needs?.includes('membership') === true;
  const flags = [
    ...(debugged ? [AGENT] : []),
    ...(reconfigured ? [NO_ACCESS_CHECKS] : []),
    ...batchingOf(options.extra),
  ];
  const java = ['java', ...flags, ...JAVA_ARGUMENTS];
  return {
    command:
      firstLeader === undefined || firstLeader === node
        ? java
        : afterFirstLeader(addressOf(addresses, firstLeader), java),
    files: {
      [CONFIGURATION]: configuration(options, addresses, reconfigured),
      '/etc/zookeeper/logback.xml': LOGBACK,
      [`${DATA}/myid`]: `${serverId(options.nodes, node)}\n`,
    },
    volumes: [DATA],
    volumeMedium: mediumOf(options.extra),
    ...(debugged ? { debuggerPort: DEBUGGER_PORT } : {}),
  };
}

function batchingOf({ maxBatchSize }: SystemOptions['extra']): readonly string[] {
  return maxBatchSize === undefined ? [] : [`-Dzookeeper.maxBatchSize=${maxBatchSize}`];
}

function mediumOf({ dataMedium = 'disk' }: SystemOptions['extra']): 'disk' | 'memory' {
  if (dataMedium === 'disk' || dataMedium === 'memory') return dataMedium;
  throw new RangeError(`dataMedium ${dataMedium}: expected disk or memory`);
}

/** ZooKeeper's number of a node: its place among the nodes, from 1. */
export function serverId(nodes: readonly NodeName[], node: NodeName): number {
  return nodes.indexOf(node) + 1;
}

/** A member as the configuration tells it. */
export function serverLine(id: number, address: string): string {
  return `server.${id}=${address}:${PEER_PORT}:${ELECTION_PORT}`;
}

/** Members may be changed by anybody who is connected (Administrator's Guide, "Dynamic Reconfiguration"). */
const NO_ACCESS_CHECKS = '-Dzookeeper.skipACL=yes';
/** The debug agent lets the server run until a fault wants it. */
const AGENT = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=*:${DEBUGGER_PORT}`;
const JAVA_ARGUMENTS: readonly string[] = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dlogback.configurationFile=/etc/zookeeper/logback.xml',
  '-Dzookeeper.jmx.log4j.disable=true',
  '-cp',
  '/lib/zookeeper/*',
  'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  CONFIGURATION,
];

/** On a node without data, waits (10 s at most) until the first leader takes part in elections; then the server. */
function afterFirstLeader(address: string, java: readonly string[]): readonly string[] {
  const probe = `(exec 3<>/dev/tcp/${address}/${ELECTION_PORT}) 2>/dev/null`;
  const wait = `for i in $(seq 200); do ${probe} && break; sleep 0.05; done`;
  return ['bash', '-c', `[ -e ${DATA_FILES} ] || { ${wait}; }; exec "$@"`, 'zookeeper', ...java];
}

/** Times are a quarter of ZooKeeper's sample configuration's, so that elections take seconds. */
function configuration(
  { nodes, extra }: SystemOptions,
  addresses: ReadonlyMap<NodeName, string>,
  reconfigured: boolean,
): string {
  const settings: Readonly<Record<string, string | number>> = {
    tickTime: 500,
    initLimit: extra['initLimit'] ?? 10,
    syncLimit: 4,
    cnxTimeout: 1000,
    dataDir: DATA,
    clientPort: 2181,
    maxClientCnxns: 0,
    minSessionTimeout: 1000,
    maxSessionTimeout: 60_000,
    '4lw.commands.whitelist': '*',
    'admin.enableServer': 'false',
    standaloneEnabled: 'false',
    'autopurge.purgeInterval': 0,
    ...(reconfigured ? { reconfigEnabled: 'true' } : {}),
  };
  const servers = nodes.map((node) => {
    const address = addressOf(addresses, node);
    return serverLine(serverId(nodes, node), address);
  });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [...lines, ...servers, ''].join('\n');
}

/** An exception stands on the line that logs it, for patterns that look line by line, and in full below. */
const LOGBACK = `<configuration>
  <appender name="stdout" class="ch.qos.logback.core.ConsoleAppender">
    <encoder>
      <pattern>%d{HH:mm:ss.SSS} [%thread] %-5level %logger{0} - %msg %replace(%ex{short}){'\\s+', ' '}%n%ex</pattern>
    </encoder>
  </appender>
  <!-- The role observer's own polls would bury everything else. -->
  <logger name="org.apache.zookeeper.server.NIOServerCnxn" level="warn"/>
  <logger name="org.apache.zookeeper.server.command.FourLetterCommands" level="warn"/>
  <root level="info"><appender-ref ref="stdout"/></root>
</configuration>
`;

function addressOf(addresses: ReadonlyMap<NodeName, string>, node: NodeName): string {
  const address = addresses.get(node);
  if (address === undefined) throw new RangeError(`node ${node} has no address`);
  return address;
}

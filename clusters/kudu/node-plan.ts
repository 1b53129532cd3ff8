/** What one Kudu server is: a master or a tablet server, by its name, and its flags. */
import type { NodeName } from '../../harness/operation.ts';
import { nodesOfRole, type Role } from '../../harness/roles.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { NodePlan } from '../../harness/testbed.ts';
import { MASTER_PORT } from './master/requests.ts';
import { type Fsync, resolveOptions } from './options.ts';
import { TABLET_SERVER_PORT } from './tablet/requests.ts';
import { VERSIONS } from './versions.ts';

/** Where a server's data are. */
export const DATA = '/data';

/** Clients are given masters, and find tablets by them. */
export const MASTERS: Role = {
  name: 'master',
  prefix: 'm',
  count: 3,
  scales: true,
  clients: true,
  needed: 'majority',
};

/** Each tablet of the workloads has a replica on three of them. */
export const TABLET_SERVERS: Role = {
  name: 'tablet server',
  prefix: 't',
  count: 3,
  clients: false,
  needed: 'majority',
};

export const ROLES: readonly Role[] = [MASTERS, TABLET_SERVERS];

/** Whether a node is a master; else it is a tablet server. */
export function isMaster({ name }: { readonly name: NodeName }): boolean {
  return nodesOfRole(MASTERS, [name]).length === 1;
}

/** Makes a node's plan. */
export function nodePlan(
  options: SystemOptions,
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
): NodePlan {
  const { fsync, masterFlags, tabletServerFlags } = resolveOptions(options.extra);
  const own = addressOf(addresses, node);
  const masters = nodesOfRole(MASTERS, options.nodes)
    .map((master) => `${addressOf(addresses, master)}:${MASTER_PORT}`)
    .join(',');
  const common = [...COMMON, ...FSYNC[fsync], timeSource(options.version)];
  const command = isMaster({ name: node })
    ? [
        'kudu-master',
        ...common,
        `--rpc_bind_addresses=${own}:${MASTER_PORT}`,
        `--master_addresses=${masters}`,
        ...masterFlags,
      ]
    : [
        'kudu-tserver',
        ...common,
        `--rpc_bind_addresses=${own}:${TABLET_SERVER_PORT}`,
        `--tserver_master_addrs=${masters}`,
        ...tabletServerFlags,
      ];
  return { command, volumes: [DATA] };
}

/**
 * No passwords, no encryption, so that a small client can talk to them; logs on stderr with nothing blacked out. A peer
 * that is gone without a word is given up after 3 s, not 15, so that a second round of votes is not that much later.
 */
const COMMON: readonly string[] = [
  `--fs_wal_dir=${DATA}/wal`,
  `--fs_data_dirs=${DATA}/data`,
  '--block_manager=file',
  '--log_dir=/var/log',
  '--logtostderr',
  '--unlock_unsafe_flags',
  '--unlock_experimental_flags',
  '--rpc_authentication=disabled',
  '--rpc_encryption=disabled',
  '--trusted_subnets=0.0.0.0/0',
  '--redact=none',
  '--enable_minidumps=false',
  '--webserver_doc_root=/opt/kudu/www',
  '--rpc_negotiation_timeout_ms=3000',
];

const FSYNC: Readonly<Record<Fsync, readonly string[]>> = {
  never: ['--never_fsync'],
  kudu: [],
  // Consensus metadata is not forced by itself (KUDU-2195).
  all: ['--log_force_fsync_all', '--cmeta_force_fsync'],
};

/**
 * The kernel of a host of containers need not say that its clock is synchronised. Older versions must have it say so, or
 * count instead of reading a clock.
 */
function timeSource(version: string): string {
  const old = VERSIONS.slice(0, VERSIONS.indexOf(FIRST_WITH_SYSTEM_UNSYNC)).includes(version);
  return old ? '--use_hybrid_clock=false' : '--time_source=system_unsync';
}

/** By trying: 1.11.1 refuses it, `expected one of 'system', 'builtin', or 'mock'`. */
const FIRST_WITH_SYSTEM_UNSYNC = '1.12.0';

function addressOf(addresses: ReadonlyMap<NodeName, string>, node: NodeName): string {
  const address = addresses.get(node);
  if (address === undefined) throw new RangeError(`node ${node} has no address`);
  return address;
}

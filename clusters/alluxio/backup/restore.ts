/**
 * A fresh master beside the cluster, made from a backup: a process of its own in one node, with an empty journal, a port
 * and folders of its own (docs.alluxio.io, "Metastore Backup and Restore": `journal.init.from.backup`).
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { ExecResult, Machine } from '../../../harness/testbed.ts';
import { listStatus } from '../grpc/file-system-calls.ts';
import { GrpcChannel } from '../grpc/channel.ts';
import { java } from '../java.ts';
import { BACKUPS, COMMON } from '../two/node-plan.ts';

const FOLDER = '/tmp/restored-master';
const RPC = 29998;
const RAFT = 29200;
const WEB = 29996;

/** Backups of which the master said that they are complete, oldest first: names of files. */
export async function completeBackups(machine: Machine): Promise<readonly string[]> {
  const { stdout } = await done(machine, ['ls', '-1tr', BACKUPS]);
  const names = stdout.split('\n');
  return names.filter((name) => names.includes(`${name}.complete`));
}

/** How many files say that a backup is complete. */
export async function completeMarkers(machine: Machine): Promise<readonly string[]> {
  const { stdout } = await done(machine, ['ls', '-1tr', BACKUPS]);
  return stdout.split('\n').filter((name) => name.endsWith('.complete'));
}

/** Starts a master from a backup; one that was started before is ended. Returns at once. */
export async function startRestore(machine: Machine, backup: string): Promise<void> {
  const properties: Readonly<Record<string, string>> = {
    ...COMMON,
    'alluxio.master.hostname': 'localhost',
    'alluxio.master.rpc.addresses': `localhost:${RPC}`,
    'alluxio.master.rpc.port': String(RPC),
    'alluxio.master.web.port': String(WEB),
    'alluxio.master.journal.type': 'EMBEDDED',
    'alluxio.master.journal.folder': `${FOLDER}/journal`,
    'alluxio.master.embedded.journal.port': String(RAFT),
    'alluxio.master.embedded.journal.addresses': `localhost:${RAFT}`,
    'alluxio.master.embedded.journal.election.timeout.min': '300ms',
    'alluxio.master.embedded.journal.election.timeout.max': '600ms',
    'alluxio.master.journal.init.from.backup': `${BACKUPS}/${backup}`,
    'alluxio.master.metastore.dir': `${FOLDER}/metastore`,
    'alluxio.master.mount.table.root.ufs': `${FOLDER}/ufs`,
    'alluxio.master.backup.directory': `${FOLDER}/backups`,
  };
  const script =
    `[ -e ${FOLDER}/pid ] && kill -9 "$(cat ${FOLDER}/pid)"; rm -rf ${FOLDER}; ` +
    `mkdir -p ${FOLDER}/journal/raft ${FOLDER}/metastore ${FOLDER}/ufs ${FOLDER}/backups; ` +
    `setsid -f sh -c 'echo $$ > ${FOLDER}/pid; exec "$@"' restored "$@" ` +
    `> ${FOLDER}/log 2>&1 < /dev/null`;
  const command = java(properties, 'alluxio.master.AlluxioMaster');
  await done(machine, ['bash', '-c', script, 'restore', ...command]);
}

/** The entries of a directory of the restored master; null while it does not serve. */
export async function listRestored(
  machine: Machine,
  path: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  let channel: GrpcChannel | null = null;
  try {
    channel = await GrpcChannel.open(machine.address, RPC, signal);
    return (await listStatus(channel, path)).map((entry) => entry.path).sort();
  } catch (error) {
    if (error instanceof DefiniteError && error.reason === 'refused') return null;
    throw error;
  } finally {
    channel?.close();
  }
}

async function done(machine: Machine, argv: readonly string[]): Promise<ExecResult> {
  const result = await machine.exec(argv);
  if (result.code === 0) return result;
  const told = result.stderr.trim().slice(0, 200);
  throw new IndefiniteError(`${argv[0] ?? ''} in ${machine.name}: exit ${result.code}: ${told}`);
}

/** The tables that the workloads on rows use, made in set-up, with all their tablets led by some server. */
import { DefiniteError } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, type NodeName } from '../../harness/operation.ts';
import { nodesOfRole } from '../../harness/roles.ts';
import type { SystemOptions } from '../../harness/system.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { KuduError } from './krpc/kudu-error.ts';
import { consensusState, stepDownFor } from './master/administration.ts';
import {
  addColumn,
  createTable,
  isCreateTableDone,
  listTabletServers,
  tableColumns,
  tableLocations,
  type TabletLocation,
} from './master/requests.ts';
import type { Column } from './master/table-schema.ts';
import { TABLET_SERVERS } from './node-plan.ts';
import { resolveOptions } from './options.ts';
import { findLeader, withServer } from './servers.ts';

/** A key and a value. One tablet, so that one Raft group decides of all rows. */
export const ROW_COLUMNS: readonly Column[] = [
  { name: 'key', type: 'int32', key: true, nullable: false },
  { name: 'val', type: 'int32', key: false, nullable: true },
];
/** Registers by their key. */
export const REGISTERS = 'registers';
/** Elements of a set, each a key. */
export const ELEMENTS = 'elements';

/** A table that got a column after it was made. */
export const WIDENED = 'widened';
export const WIDE_COLUMNS: readonly Column[] = [
  ...ROW_COLUMNS,
  { name: 'extra', type: 'int32', key: false, nullable: true },
];

const POLL = 30 * MILLISECOND;
const REPLICAS = 3;

/** Waits until all tablet servers are registered; makes the tables, and sees to it that they can be written. */
export async function makeTables(
  cluster: Cluster,
  options: SystemOptions,
  signal: AbortSignal,
): Promise<void> {
  const { tabletLeader } = resolveOptions(options.extra);
  const servers = nodesOfRole(TABLET_SERVERS, options.nodes);
  await untilTrue(signal, () => allRegistered(cluster, servers.length, signal));
  for (const table of [REGISTERS, ELEMENTS]) {
    await untilTrue(signal, () => isMade(cluster, table, signal));
    await untilTrue(signal, () => isLed(cluster, table, tabletLeader, signal));
  }
}

/** Makes the table of the older columns, unless it is there, and adds the other; done when all its tablets know it. */
export async function makeWidenedTable(cluster: Cluster, signal: AbortSignal): Promise<void> {
  await untilTrue(signal, () => isMade(cluster, WIDENED, signal));
  for (const column of WIDE_COLUMNS.filter((each) => !ROW_COLUMNS.includes(each))) {
    await untilTrue(signal, () => isAdded(cluster, column, signal));
  }
  await untilTrue(signal, () => isLed(cluster, WIDENED, null, signal));
}

function isAdded(cluster: Cluster, column: Column, signal: AbortSignal): Promise<boolean> {
  return askLeader(cluster, signal, async (connection) => {
    try {
      await addColumn(connection, WIDENED, column);
    } catch (error) {
      if (!(error instanceof KuduError && error.status === 'ALREADY_PRESENT')) throw error;
    }
    return (await tableColumns(connection, WIDENED)).includes(column.name);
  });
}

async function allRegistered(
  cluster: Cluster,
  count: number,
  signal: AbortSignal,
): Promise<boolean> {
  const registered = await askLeader(cluster, signal, listTabletServers);
  return registered.length === count;
}

/** A table that is there already is one of ours: whoever leads now may not be whoever was asked first. */
async function isMade(cluster: Cluster, name: string, signal: AbortSignal): Promise<boolean> {
  return askLeader(cluster, signal, async (connection) => {
    try {
      await createTable(connection, { name, columns: ROW_COLUMNS, replicas: REPLICAS });
    } catch (error) {
      if (!(error instanceof KuduError && error.status === 'ALREADY_PRESENT')) throw error;
    }
    return isCreateTableDone(connection, name);
  });
}

/** Whether a server leads the table's tablet, the wanted one if one is wanted; asks for it where it does not. */
async function isLed(
  cluster: Cluster,
  table: string,
  wanted: NodeName | null,
  signal: AbortSignal,
): Promise<boolean> {
  const locations = await askLeader(cluster, signal, (master) => tableLocations(master, table));
  const led = await Promise.all(
    locations.map((location) => isTabletLed(cluster, location, wanted, signal)),
  );
  return led.length > 0 && led.every((is) => is);
}

async function isTabletLed(
  cluster: Cluster,
  { tablet, replicas }: TabletLocation,
  wanted: NodeName | null,
  signal: AbortSignal,
): Promise<boolean> {
  const leader = replicas.find((replica) => replica.leader);
  if (leader === undefined) return false;
  const heir =
    wanted === null ? leader : replicas.find(({ host }) => host === cluster.node(wanted).address);
  if (heir === undefined) throw new RangeError(`${String(wanted)} has no replica of ${tablet}`);
  const node = cluster.nodes.find(({ address }) => address === leader.host);
  if (node === undefined) throw new RangeError(`${leader.host} is none of the nodes`);
  return withServer(node, signal, async (connection) => {
    const { leaderUuid } = await consensusState(connection, tablet);
    if (leaderUuid === heir.uuid) return true;
    if (leaderUuid === leader.uuid) await stepDownFor(connection, leader.uuid, heir.uuid, tablet);
    return false;
  });
}

async function askLeader<T>(
  cluster: Cluster,
  signal: AbortSignal,
  ask: Parameters<typeof withServer<T>>[2],
): Promise<T> {
  const leader = await findLeader(cluster, signal);
  if (leader === null) throw new DefiniteError('refused', 'no master leads');
  return withServer(cluster.node(leader), signal, ask);
}

/** Asks again as long as it is not so, or the servers say that they cannot tell; the signal ends it. */
async function untilTrue(signal: AbortSignal, is: () => Promise<boolean>): Promise<void> {
  const clock = realClock();
  while (!(await is().catch(falseIfNotYet))) await clock.sleep(POLL, signal);
}

function falseIfNotYet(error: unknown): false {
  // A leader that has just been elected, or was just deposed; a tablet that is not running yet.
  if (error instanceof KuduError || error instanceof DefiniteError) return false;
  throw error;
}

/**
 * What a master is asked, each call sent once. Numbers of fields: src/kudu/master/master.proto. A master's own error is
 * thrown as KuduError; what it tells of the call's effect is in errors.ts.
 */
import {
  bytesField,
  type Field,
  type Message,
  message,
  messageField,
  varintField,
} from '../../wire/protobuf.ts';
import type { KrpcConnection } from '../krpc/connection.ts';
import { type KuduError, serverError } from '../krpc/kudu-error.ts';
import {
  type Column,
  columnField,
  columnNames,
  partitionField,
  type TableDefinition,
} from './table-schema.ts';

export const MASTER_PORT = 7051;
const SERVICE = 'kudu.master.MasterService';
const ADD_COLUMN = 1;
const DROP_COLUMN = 2;
/** RaftPeerPB.Role */
const ROLES: Readonly<Record<number, MasterRole>> = { 0: 'follower', 1: 'leader', 2: 'learner' };

export type MasterRole = 'leader' | 'follower' | 'learner' | 'none';

/** A table by its name, or by the identifier that it keeps when it is renamed. */
export type TableReference = string | { readonly id: string };

export interface TableInfo {
  readonly id: string;
  readonly name: string;
}

/** A tablet server as a master knows it. */
export interface TabletServerInfo {
  readonly uuid: string;
  /** Where it answers; null while the master does not know. */
  readonly host: string | null;
  readonly port: number | null;
  /** Since its last heartbeat to this master. */
  readonly sinceHeartbeatMs: number;
}

export interface TabletLocation {
  readonly tablet: string;
  readonly replicas: readonly TabletReplica[];
}

export interface TabletReplica {
  readonly uuid: string;
  readonly host: string;
  readonly port: number;
  readonly leader: boolean;
}

/** How long to wait for an answer, in milliseconds. Default: the connection's. */
export interface CallLimit {
  readonly timeoutMs?: number;
}

/** The role as the master sees it; `error` where it leads and does not serve yet. Any master answers. */
export async function connectToMaster(
  connection: KrpcConnection,
  limit: CallLimit = {},
): Promise<{ readonly role: MasterRole; readonly error: KuduError | null }> {
  const { body } = await connection.call({ service: SERVICE, method: 'ConnectToMaster', ...limit });
  return { role: ROLES[body.number(2) ?? -1] ?? 'none', error: errorIn(body) };
}

/** Any master answers, a follower too: tablet servers report to all of them. */
export async function listTabletServers(
  connection: KrpcConnection,
): Promise<readonly TabletServerInfo[]> {
  const answer = await ask(connection, 'ListTabletServers');
  return answer.messages(2).map((server) => {
    const address = server.message(2)?.messages(1)[0];
    return {
      uuid: server.message(1)?.text(1) ?? '',
      host: address?.text(1) ?? null,
      port: address?.number(2) ?? null,
      sinceHeartbeatMs: server.number(3) ?? 0,
    };
  });
}

export async function listTables(
  connection: KrpcConnection,
  limit: CallLimit = {},
): Promise<readonly TableInfo[]> {
  const answer = await ask(connection, 'ListTables', undefined, limit);
  return answer.messages(2).map((each) => ({ id: each.text(1) ?? '', name: each.text(2) ?? '' }));
}

/** Acknowledged when it is in the catalog; its tablets are made afterwards. @returns the table's identifier */
export async function createTable(
  connection: KrpcConnection,
  { name, columns, replicas, partitioning }: TableDefinition,
  limit: CallLimit = {},
): Promise<string> {
  const body = message(
    bytesField(1, name),
    messageField(2, ...columns.map((column) => columnField(1, column))),
    varintField(4, replicas),
    partitionField(7, partitioning),
  );
  return (await ask(connection, 'CreateTable', body, limit)).text(2) ?? '';
}

/** Whether all tablets are known to run. */
export async function isCreateTableDone(
  connection: KrpcConnection,
  table: TableReference,
  limit: CallLimit = {},
): Promise<boolean> {
  return (
    (await ask(connection, 'IsCreateTableDone', message(tableField(table)), limit)).number(3) === 1
  );
}

/** Acknowledged when it is in the catalog; the tablets are told afterwards. */
export async function addColumn(
  connection: KrpcConnection,
  table: TableReference,
  column: Column,
  limit: CallLimit = {},
): Promise<void> {
  const step = messageField(2, varintField(1, ADD_COLUMN), messageField(2, columnField(1, column)));
  await ask(connection, 'AlterTable', message(tableField(table), step), limit);
}

/** As `addColumn`. */
export async function dropColumn(
  connection: KrpcConnection,
  table: TableReference,
  column: string,
  limit: CallLimit = {},
): Promise<void> {
  const step = messageField(2, varintField(1, DROP_COLUMN), messageField(3, bytesField(1, column)));
  await ask(connection, 'AlterTable', message(tableField(table), step), limit);
}

/** Listed under its new name as soon as it is acknowledged. */
export async function renameTable(
  connection: KrpcConnection,
  table: TableReference,
  name: string,
  limit: CallLimit = {},
): Promise<void> {
  await ask(connection, 'AlterTable', message(tableField(table), bytesField(3, name)), limit);
}

/** A deposed leader that never heard of the alteration says true: look at the schema as well. */
export async function isAlterTableDone(
  connection: KrpcConnection,
  table: TableReference,
  limit: CallLimit = {},
): Promise<boolean> {
  return (
    (await ask(connection, 'IsAlterTableDone', message(tableField(table)), limit)).number(3) === 1
  );
}

export async function deleteTable(
  connection: KrpcConnection,
  table: TableReference,
  limit: CallLimit = {},
): Promise<void> {
  await ask(connection, 'DeleteTable', message(tableField(table)), limit);
}

/** The last schema that all tablets are known to have: a new column is in it when the alteration is done. */
export async function tableColumns(
  connection: KrpcConnection,
  table: TableReference,
  limit: CallLimit = {},
): Promise<readonly string[]> {
  return columnNames(
    (await ask(connection, 'GetTableSchema', message(tableField(table)), limit)).message(2),
  );
}

/** Where the first 100 tablets of a table are, as this master knows it. */
export async function tableLocations(
  connection: KrpcConnection,
  table: TableReference,
  limit: CallLimit = {},
): Promise<readonly TabletLocation[]> {
  const body = message(tableField(table), varintField(5, 100), varintField(7, true));
  const answer = await ask(connection, 'GetTableLocations', body, limit);
  const servers = answer.messages(4);
  return answer.messages(2).map((location) => ({
    tablet: location.text(1) ?? '',
    replicas: [
      // By the server's place in the answer; 1.9.0 does not know that form, and writes each out.
      ...location.messages(7).map((each) => replicaOf(servers[each.number(1) ?? 0], each)),
      ...location.messages(4).map((each) => replicaOf(each.message(1), each)),
    ],
  }));
}

function replicaOf(server: Message | undefined, replica: Message): TabletReplica {
  const address = server?.messages(2)[0];
  return {
    uuid: server?.text(1) ?? '',
    host: address?.text(1) ?? '',
    port: address?.number(2) ?? 0,
    leader: ROLES[replica.number(2) ?? -1] === 'leader',
  };
}

function tableField(table: TableReference): Field {
  const field = typeof table === 'string' ? bytesField(2, table) : bytesField(1, table.id);
  return messageField(1, field);
}

async function ask(
  connection: KrpcConnection,
  method: string,
  body: Buffer = Buffer.alloc(0),
  limit: CallLimit = {},
): Promise<Message> {
  const answer = await connection.call({ service: SERVICE, method, body, ...limit });
  const error = errorIn(answer.body);
  if (error !== null) throw error;
  return answer.body;
}

/** All answers of the master service have their error in field 1. */
function errorIn(answer: Message): KuduError | null {
  const error = answer.message(1);
  return error === undefined ? null : serverError('master', error);
}

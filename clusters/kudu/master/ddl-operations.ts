/** What an administrator does, each sent once to the leading master. */
import type { Invocation, Value } from '../../../harness/operation.ts';
import type { KrpcConnection } from '../krpc/connection.ts';
import type { LeadingMaster } from './find-leader.ts';
import {
  addColumn,
  type CallLimit,
  createTable,
  deleteTable,
  isAlterTableDone,
  isCreateTableDone,
  listTables,
  renameTable,
  tableColumns,
} from './requests.ts';
import type { Column } from './table-schema.ts';
import { KuduError } from '../krpc/kudu-error.ts';

/** Every table begins with these. */
const COLUMNS: readonly Column[] = [
  { name: 'key', type: 'int32', key: true, nullable: false },
  { name: 'val', type: 'int32', key: false, nullable: true },
];
const REPLICAS = 3;
const TABLE_NOT_FOUND = 3;
/** A question is soon asked again, perhaps of another leader; a change is waited for. */
const READ: CallLimit = { timeoutMs: 1000 };

/**
 * Values of the operations. The `id` names the effect, and is used once: a table, or a column as `table.column`.
 * `buckets` is the number of a new table's tablets. Default: one.
 */
export type DdlValue = { readonly id: string } & Partial<{
  readonly table: string;
  readonly column: string;
  readonly was: string;
  readonly buckets: number;
}>;

/** `f`s that change something. */
export const CHANGES = ['create', 'alter', 'rename', 'delete'] as const;

/** Sends one change. Resolves when it is acknowledged, which is before it is done. */
export async function change(
  { connection, node }: LeadingMaster,
  { f, value }: Invocation,
  limit: CallLimit = {},
): Promise<Value> {
  const asked = ddlValue(value);
  const { id, table, was, column, buckets } = asked;
  if (f === 'create') {
    const spread = buckets === undefined ? {} : { partitioning: { hashBy: 'key', buckets } };
    const definition = { name: id, columns: COLUMNS, replicas: REPLICAS, ...spread };
    await createTable(connection, definition, limit);
  } else if (f === 'alter' && table !== undefined && column !== undefined) {
    await addColumn(connection, table, nullable(column), limit);
  } else if (f === 'rename' && was !== undefined) {
    await renameTable(connection, was, id, limit);
  } else if (f === 'delete') {
    await deleteTable(connection, id, limit);
  } else {
    throw new TypeError(`${f} of ${JSON.stringify(value)}: expected one of ${CHANGES.join(', ')}`);
  }
  return { ...asked, by: node };
}

/**
 * Whether a change is done: a new column is in the schema; of a table, all tablets run and none waits for an alteration.
 * `told` is the master's own word on alterations, which a deposed leader gives of what it never heard of.
 */
export async function look({ connection, node }: LeadingMaster, value: Value): Promise<Value> {
  const { id, table = id, column } = ddlValue(value);
  const told = await isAlterTableDone(connection, table, READ);
  const done =
    column === undefined
      ? told && (await isCreateTableDone(connection, table, READ))
      : (await tableColumns(connection, table, READ)).includes(column);
  return { id, done, told, by: node };
}

/** All tables by name, and all columns that were added as `table.column`. */
export async function list({ connection }: LeadingMaster): Promise<Value> {
  const tables = await listTables(connection, READ);
  const ids: string[] = [];
  for (const { id, name } of tables) {
    const added = (await columnsIfThere(connection, id)).filter(
      (column) => !COLUMNS.some((first) => first.name === column),
    );
    ids.push(name, ...added.map((column) => `${name}.${column}`));
  }
  return ids.sort();
}

/** None of a table that was deleted since it was listed. */
async function columnsIfThere(connection: KrpcConnection, id: string): Promise<readonly string[]> {
  try {
    return await tableColumns(connection, { id }, READ);
  } catch (error) {
    if (error instanceof KuduError && error.number === TABLE_NOT_FOUND) return [];
    throw error;
  }
}

function nullable(name: string): Column {
  return { name, type: 'int32', key: false, nullable: true };
}

function ddlValue(value: Value): DdlValue {
  if (typeof value === 'object' && value !== null && 'id' in value) return value as DdlValue;
  throw new TypeError(`expected a value with an id, got ${JSON.stringify(value)}`);
}

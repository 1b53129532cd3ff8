/**
 * What a tablet server is asked, each call sent once. Numbers of fields: src/kudu/tserver/tserver.proto. An error of the
 * server, or of the one row, is thrown as KuduError; what it tells of the call's effect is in errors.ts.
 */
import {
  bytesField,
  type Field,
  fixed64Field,
  type Message,
  message,
  messageField,
  varintField,
} from '../../wire/protobuf.ts';
import type { KrpcAnswer, KrpcConnection } from '../krpc/connection.ts';
import type { RequestId } from '../krpc/frames.ts';
import { KuduError, rowError, serverError } from '../krpc/kudu-error.ts';
import { type Column, columnField } from '../master/table-schema.ts';
import { type Cell, decodeRows, encodeRow, int32, type RowOperation } from './rows.ts';

export const TABLET_SERVER_PORT = 7050;
const SERVICE = 'kudu.tserver.TabletServerService';
/** ExternalConsistencyMode. */
const CLIENT_PROPAGATED = 1;
/** No scan of ours is larger. */
const BATCH_BYTES = 4 << 20;
/** More would be a server that does not end. */
const MOST_BATCHES = 100;

/**
 * How a scan chooses what it sees (ReadMode of common.proto): what the replica has now; what was there at a moment; or at
 * a moment that is not before anything that this client has written or read.
 */
export const READ_MODES = { latest: 1, 'at-snapshot': 2, 'your-writes': 3 } as const;
export type ReadMode = keyof typeof READ_MODES;

export interface WriteOptions {
  readonly timeoutMs?: number;
  /** With it the server answers a request that is sent again as it did at first. Default: none. */
  readonly requestId?: RequestId;
  /** The latest timestamp that the client knows of. Default: none. */
  readonly propagated?: bigint | undefined;
}

export interface ScanOptions {
  readonly mode: ReadMode;
  /** Only the row of this key. Default: all rows. */
  readonly key?: number;
  /** At-snapshot: what was committed before this timestamp. Default: the server chooses. */
  readonly snapshot?: bigint;
  readonly propagated?: bigint | undefined;
  readonly timeoutMs?: number;
}

export interface Scan {
  readonly rows: readonly (readonly Cell[])[];
  /** The snapshot that was read; undefined for READ_LATEST. */
  readonly snapshot: bigint | undefined;
  /** The server's clock, to be propagated. */
  readonly propagated: bigint | undefined;
}

/**
 * Writes one row.
 * @param columns the table's, as this client knows them
 * @returns the write's timestamp
 * @throws KuduError of the layer `tserver` or `row`
 */
export async function writeRow(
  connection: KrpcConnection,
  tablet: string,
  columns: readonly Column[],
  row: RowOperation,
  { timeoutMs, requestId, propagated }: WriteOptions = {},
): Promise<bigint> {
  const body = message(
    bytesField(1, tablet),
    messageField(2, ...columns.map((column) => columnField(1, column))),
    messageField(3, bytesField(2, encodeRow(columns, row))),
    varintField(4, CLIENT_PROPAGATED),
    propagated === undefined ? null : fixed64Field(5, propagated),
  );
  const answer = await ask(connection, 'Write', body, {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(requestId === undefined ? {} : { requestId }),
  });
  const [wrong] = answer.body.messages(2);
  if (wrong !== undefined) throw rowError(wrong.message(2));
  return answer.body.bigint(3) ?? 0n;
}

/** Reads rows, in batches. Any replica answers, whether it leads or not. @throws KuduError of the layer `tserver` */
export async function scan(
  connection: KrpcConnection,
  tablet: string,
  columns: readonly Column[],
  options: ScanOptions,
): Promise<Scan> {
  const { timeoutMs } = options;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  let body = message(
    newScanField(tablet, columns, options),
    varintField(3, 0),
    varintField(4, BATCH_BYTES),
  );
  const rows: Cell[][] = [];
  let first: Message | null = null;
  for (let batch = 1; batch <= MOST_BATCHES; batch++) {
    const answer = await ask(connection, 'Scan', body, limit);
    first ??= answer.body;
    rows.push(...rowsOf(answer, columns));
    if (answer.body.number(3) !== 1) {
      const propagated = answer.body.bigint(9);
      return { rows, snapshot: first.bigint(6), propagated };
    }
    body = message(
      bytesField(1, first.bytes(2) ?? ''),
      varintField(3, batch),
      varintField(4, BATCH_BYTES),
    );
  }
  throw new KuduError('tserver', 1, null, `a scan of more than ${MOST_BATCHES} batches`);
}

/** Whether a tablet server answers at all. */
export async function pingTabletServer(connection: KrpcConnection): Promise<void> {
  await connection.call({ service: SERVICE, method: 'Ping' });
}

function newScanField(tablet: string, columns: readonly Column[], options: ScanOptions): Field {
  const { mode, key, snapshot, propagated } = options;
  const [keyColumn] = columns;
  return messageField(
    2,
    bytesField(1, tablet),
    ...columns.map((column) => columnField(4, { ...column, key: false })),
    varintField(5, READ_MODES[mode]),
    snapshot === undefined ? null : fixed64Field(6, snapshot),
    propagated === undefined ? null : fixed64Field(7, propagated),
    key === undefined || keyColumn === undefined
      ? null
      : messageField(13, bytesField(1, keyColumn.name), messageField(3, bytesField(1, int32(key)))),
  );
}

function rowsOf({ body, sidecars }: KrpcAnswer, columns: readonly Column[]): Cell[][] {
  const block = body.message(4);
  const count = block?.number(1) ?? 0;
  if (count === 0) return [];
  const bytes = sidecars[block?.number(2) ?? 0];
  if (bytes === undefined) throw new RangeError('a scan of rows without a sidecar');
  return decodeRows(columns, count, bytes);
}

async function ask(
  connection: KrpcConnection,
  method: string,
  body: Buffer,
  options: { readonly timeoutMs?: number; readonly requestId?: RequestId },
): Promise<KrpcAnswer> {
  const answer = await connection.call({ service: SERVICE, method, body, ...options });
  const error = answer.body.message(1);
  if (error !== undefined) throw serverError('tserver', error);
  return answer;
}

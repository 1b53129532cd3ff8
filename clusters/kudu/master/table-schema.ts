/** Columns and partitions as masters are told of them. Numbers of fields: src/kudu/common/common.proto. */
import {
  bytesField,
  type Field,
  type Message,
  messageField,
  varintField,
} from '../../wire/protobuf.ts';

/** Types by their number in DataType. */
export const COLUMN_TYPES = { int32: 5, int64: 7, string: 8 } as const;
export type ColumnType = keyof typeof COLUMN_TYPES;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly key: boolean;
  /** Keys never are. */
  readonly nullable: boolean;
}

/** How rows are spread over tablets. */
export interface Partitioning {
  /** A key column by whose hash rows are spread. */
  readonly hashBy: string;
  readonly buckets: number;
}

export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Odd. */
  readonly replicas: number;
  /** Default: one tablet. */
  readonly partitioning?: Partitioning;
}

/** ColumnSchemaPB, as a field of whatever holds it. */
export function columnField(number: number, column: Column): Field {
  return messageField(
    number,
    bytesField(2, column.name),
    varintField(3, COLUMN_TYPES[column.type]),
    varintField(4, column.key),
    varintField(5, column.nullable),
  );
}

/** PartitionSchemaPB. An empty range schema stands for "not by range". */
export function partitionField(number: number, partitioning: Partitioning | undefined): Field {
  if (partitioning === undefined) return messageField(number, messageField(2));
  const { hashBy, buckets } = partitioning;
  const hash = messageField(1, messageField(1, bytesField(2, hashBy)), varintField(2, buckets));
  return messageField(number, hash, messageField(2));
}

/** Names of the columns of a SchemaPB, in their order. */
export function columnNames(schema: Message | undefined): readonly string[] {
  return (schema?.messages(1) ?? []).map((column) => column.text(2) ?? '');
}

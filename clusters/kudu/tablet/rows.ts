/**
 * Rows on the wire, of int32 columns: what is written (RowOperationsPB, src/kudu/common/row_operations.cc) and what a scan
 * answers (RowwiseRowBlockPB and its sidecar, src/kudu/common/wire_protocol.cc).
 */

/** A cell; null where a nullable column holds nothing. */
export type Cell = number | null;

/** What to do with one row. Numbers of RowOperationsPB.Type. */
export const ROW_OPERATIONS = {
  insert: 1,
  update: 2,
  delete: 3,
  upsert: 5,
  'insert-ignore': 10,
} as const;
export type RowOperationKind = keyof typeof ROW_OPERATIONS;

export interface RowOperation {
  readonly kind: RowOperationKind;
  /** By the place of the column in the schema; undefined leaves the cell as it is, or to its default. */
  readonly cells: readonly (Cell | undefined)[];
}

/** A column as far as rows are concerned. */
export interface RowColumn {
  readonly name: string;
  readonly key: boolean;
  readonly nullable: boolean;
}

const CELL_BYTES = 4;

/** A row: what to do, which cells are set, which of them are null (only if any may be), and the others in turn. */
export function encodeRow(columns: readonly RowColumn[], row: RowOperation): Buffer {
  const isset = Buffer.alloc(bitmapBytes(columns.length));
  const isnull = Buffer.alloc(bitmapBytes(columns.length));
  const cells: Buffer[] = [];
  row.cells.forEach((cell, index) => {
    if (cell === undefined) return;
    setBit(isset, index);
    if (cell === null) setBit(isnull, index);
    else cells.push(int32(cell));
  });
  const nullable = columns.some((column) => column.nullable);
  const kind = Buffer.from([ROW_OPERATIONS[row.kind]]);
  return Buffer.concat([kind, isset, ...(nullable ? [isnull] : []), ...cells]);
}

/** The rows of a scan's sidecar: cells of fixed width, and after them which are null, if any may be. */
export function decodeRows(columns: readonly RowColumn[], count: number, bytes: Buffer): Cell[][] {
  const nullable = columns.some((column) => column.nullable);
  const nulls = columns.length * CELL_BYTES;
  const width = nulls + (nullable ? bitmapBytes(columns.length) : 0);
  if (bytes.length < count * width) {
    throw new RangeError(`${count} rows of ${width} bytes in ${bytes.length} bytes`);
  }
  return Array.from({ length: count }, (_, row) => {
    const start = row * width;
    return columns.map((_column, index) => {
      if (nullable && hasBit(bytes, start + nulls, index)) return null;
      return bytes.readInt32LE(start + index * CELL_BYTES);
    });
  });
}

/** A cell as predicates hold it. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(CELL_BYTES);
  bytes.writeInt32LE(value);
  return bytes;
}

function bitmapBytes(bits: number): number {
  return Math.ceil(bits / 8);
}

function setBit(bitmap: Buffer, bit: number): void {
  const byte = bit >> 3;
  bitmap.writeUInt8(bitmap.readUInt8(byte) | (1 << (bit & 7)), byte);
}

function hasBit(bytes: Buffer, start: number, bit: number): boolean {
  return ((bytes.readUInt8(start + (bit >> 3)) >> (bit & 7)) & 1) === 1;
}

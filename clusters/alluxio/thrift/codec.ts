/**
 * Thrift's strict binary protocol (TBinaryProtocol): https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md.
 * Only what Alluxio's calls need.
 */

const TYPE = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** What a message is; the low byte of its first word. */
export const MESSAGE = { call: 1, reply: 2, exception: 3 } as const;
const VERSION_1 = 0x80010000;
const VERSION_MASK = 0xffff0000;

/** The bytes end before the value does: more may come. */
export class IncompleteError extends Error {
  override readonly name = 'IncompleteError';
}

/** A struct of these fields. */
export function struct(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([...fields, Buffer.from([TYPE.stop])]);
}

export function flagField(id: number, value: boolean): Buffer {
  return Buffer.concat([header(TYPE.bool, id), Buffer.from([value ? 1 : 0])]);
}

export function i32Field(id: number, value: number): Buffer {
  return Buffer.concat([header(TYPE.i32, id), i32(value)]);
}

export function i64Field(id: number, value: bigint): Buffer {
  return Buffer.concat([header(TYPE.i64, id), i64(value)]);
}

export function textField(id: number, value: string): Buffer {
  return Buffer.concat([header(TYPE.string, id), text(value)]);
}

/** @param value made by `struct` */
export function structField(id: number, value: Buffer): Buffer {
  return Buffer.concat([header(TYPE.struct, id), value]);
}

export function textListField(id: number, values: readonly string[]): Buffer {
  const count = i32(values.length);
  return Buffer.concat([
    ...[header(TYPE.list, id), Buffer.from([TYPE.string]), count],
    ...values.map(text),
  ]);
}

/** A map from text to i64. */
export function amountsField(id: number, amounts: Readonly<Record<string, bigint>>): Buffer {
  return mapField(id, TYPE.i64, Object.entries(amounts), i64);
}

/** A map from text to lists of i64, all of them empty. */
export function emptyListsField(id: number, names: readonly string[]): Buffer {
  const empty = Buffer.concat([Buffer.from([TYPE.i64]), i32(0)]);
  const entries = names.map((name) => [name, empty] as const);
  return mapField(id, TYPE.list, entries, (list) => list);
}

function mapField<T>(
  id: number,
  type: number,
  entries: readonly (readonly [string, T])[],
  encode: (value: T) => Buffer,
): Buffer {
  return Buffer.concat([
    ...[header(TYPE.map, id), Buffer.from([TYPE.string, type]), i32(entries.length)],
    ...entries.flatMap(([name, value]) => [text(name), encode(value)]),
  ]);
}

/** A call's message. @param name `Service:method`, as TMultiplexedProtocol has it @param body made by `struct` */
export function callMessage(name: string, sequence: number, body: Buffer): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32BE((VERSION_1 | MESSAGE.call) >>> 0);
  return Buffer.concat([word, text(name), i32(sequence), body]);
}

function header(type: number, id: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUInt8(type, 0);
  bytes.writeInt16BE(id, 1);
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function i64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([i32(bytes.length), bytes]);
}

/** A value as it was read: i64 as bigint, bytes as text. */
export type ThriftValue =
  | boolean
  | number
  | bigint
  | string
  | Struct
  | readonly ThriftValue[]
  | ReadonlyMap<string, ThriftValue>;

/** A struct's fields by id. A getter answers undefined for a field that is not there or not of its type. */
export class Struct {
  readonly #fields: ReadonlyMap<number, ThriftValue>;

  constructor(fields: ReadonlyMap<number, ThriftValue>) {
    this.#fields = fields;
  }

  field(id: number): ThriftValue | undefined {
    return this.#fields.get(id);
  }

  text(id: number): string | undefined {
    const value = this.field(id);
    return typeof value === 'string' ? value : undefined;
  }

  /** An integer of any width; exact up to 2^53. */
  number(id: number): number | undefined {
    const value = this.field(id);
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'number' ? value : undefined;
  }

  integer(id: number): bigint | undefined {
    const value = this.field(id);
    return typeof value === 'bigint' ? value : undefined;
  }

  flag(id: number): boolean | undefined {
    const value = this.field(id);
    return typeof value === 'boolean' ? value : undefined;
  }

  struct(id: number): Struct | undefined {
    const value = this.field(id);
    return value instanceof Struct ? value : undefined;
  }

  /** Those of a list that are structs. */
  structs(id: number): readonly Struct[] {
    const value = this.field(id);
    return Array.isArray(value) ? value.filter((item) => item instanceof Struct) : [];
  }
}

/** An answer as it is on the wire. */
export interface Message {
  readonly type: number;
  readonly sequence: number;
  readonly body: Struct;
}

/** Longer than any answer for what we store. */
const LONGEST = 64 * 1024 * 1024;

/** Reads values from bytes. @throws IncompleteError when they end too early, RangeError for what is no Thrift */
export class ThriftReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#offset;
  }

  message(): Message {
    const word = this.#bytes.readUInt32BE(this.#take(4));
    if ((word & VERSION_MASK) >>> 0 !== VERSION_1) {
      throw new RangeError(`first word ${word.toString(16)}, expected Thrift's version 1`);
    }
    this.#text();
    const sequence = this.#i32();
    return { type: word & 0xff, sequence, body: this.struct() };
  }

  struct(): Struct {
    const fields = new Map<number, ThriftValue>();
    for (;;) {
      const type = this.#byte();
      if (type === TYPE.stop) return new Struct(fields);
      const id = this.#bytes.readInt16BE(this.#take(2));
      fields.set(id, this.#value(type));
    }
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case TYPE.bool:
        return this.#byte() !== 0;
      case TYPE.byte:
        return this.#byte();
      case TYPE.double:
        return this.#bytes.readDoubleBE(this.#take(8));
      case TYPE.i16:
        return this.#bytes.readInt16BE(this.#take(2));
      case TYPE.i32:
        return this.#i32();
      case TYPE.i64:
        return this.#bytes.readBigInt64BE(this.#take(8));
      case TYPE.string:
        return this.#text();
      case TYPE.struct:
        return this.struct();
      case TYPE.set:
      case TYPE.list:
        return this.#list();
      case TYPE.map:
        return this.#map();
      default:
        throw new RangeError(`Thrift type ${type}, expected one of TBinaryProtocol`);
    }
  }

  #list(): readonly ThriftValue[] {
    const type = this.#byte();
    const count = this.#count();
    return Array.from({ length: count }, () => this.#value(type));
  }

  /** Keys as text: maps of Alluxio have plain ones. */
  #map(): ReadonlyMap<string, ThriftValue> {
    const [keys, values] = [this.#byte(), this.#byte()];
    const count = this.#count();
    const map = new Map<string, ThriftValue>();
    for (let n = 0; n < count; n++) {
      const key = this.#value(keys);
      if (typeof key === 'object') throw new RangeError('a map whose keys are no plain values');
      map.set(String(key), this.#value(values));
    }
    return map;
  }

  #text(): string {
    const length = this.#count();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #count(): number {
    const count = this.#i32();
    if (count < 0 || count > LONGEST) {
      throw new RangeError(`Thrift length ${count}, expected 0 to ${LONGEST}`);
    }
    return count;
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  #i32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  /** @returns where they begin */
  #take(count: number): number {
    const start = this.#offset;
    if (start + count > this.#bytes.length) throw new IncompleteError('more bytes are to come');
    this.#offset += count;
    return start;
  }
}

/**
 * Protocol Buffers' wire format, without schemas: messages are written from fields and read as maps from field numbers
 * to what stood there (https://protobuf.dev/programming-guides/encoding). Whoever uses it names the numbers.
 */

/** One encoded field; null is a field that is left out. */
export type Field = Buffer | null;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A message of these fields, in this order. */
export function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.filter((field) => field !== null));
}

/** int32, int64, uint32, uint64, bool and enum fields. A negative number takes ten bytes. */
export function varintField(number: number, value: number | bigint | boolean): Field {
  return Buffer.concat([varint((number << 3) | VARINT), varint(BigInt(value))]);
}

/** fixed64 fields: timestamps, mostly. */
export function fixed64Field(number: number, value: bigint): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint((number << 3) | FIXED64), bytes]);
}

/** string (UTF-8) and bytes fields. */
export function bytesField(number: number, value: string | Uint8Array): Field {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([varint((number << 3) | BYTES), varint(bytes.length), bytes]);
}

/** A field that is a message itself. */
export function messageField(number: number, ...fields: readonly Field[]): Field {
  return bytesField(number, message(...fields));
}

/** A base-128 number, as lengths before messages are written too. Negative ones as 64-bit two's complement. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/**
 * A base-128 number, signed as int64 is.
 * @returns the number and where the next byte is
 * @throws RangeError when the bytes end in it, or it has more than ten
 */
export function readVarint(bytes: Uint8Array, start: number): readonly [bigint, number] {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new RangeError('the message ends in a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return [BigInt.asIntN(64, value), start + index + 1];
  }
  throw new RangeError('a number of more than ten bytes');
}

/** A message that was read. Of a field that occurs more than once, the getters of one value give the last. */
export class Message {
  readonly #fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>;

  private constructor(fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>) {
    this.#fields = fields;
  }

  /** @throws RangeError for bytes that are no message */
  static read(bytes: Buffer): Message {
    const fields = new Map<number, (bigint | Buffer)[]>();
    let position = 0;
    while (position < bytes.length) {
      const [key, start] = readVarint(bytes, position);
      const [value, end] = readValue(bytes, start, Number(key & 7n));
      const number = Number(key >> 3n);
      const values = fields.get(number);
      if (values === undefined) fields.set(number, [value]);
      else values.push(value);
      position = end;
    }
    return new Message(fields);
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  /** @throws TypeError when the field is text or a message */
  number(number: number): number | undefined {
    const value = this.bigint(number);
    return value === undefined ? undefined : Number(value);
  }

  /** As `number`, for what may be beyond 2^53: timestamps. */
  bigint(number: number): bigint | undefined {
    const value = this.#last(number);
    if (typeof value === 'object') throw new TypeError(`field ${number} is no number`);
    return value;
  }

  /** @throws TypeError when the field is a number */
  bytes(number: number): Buffer | undefined {
    const value = this.#last(number);
    if (typeof value === 'bigint') throw new TypeError(`field ${number} is a number`);
    return value;
  }

  text(number: number): string | undefined {
    return this.bytes(number)?.toString('utf8');
  }

  message(number: number): Message | undefined {
    const bytes = this.bytes(number);
    return bytes === undefined ? undefined : Message.read(bytes);
  }

  /** All messages of a repeated field. */
  messages(number: number): readonly Message[] {
    return this.#all(number).flatMap((value) =>
      value instanceof Buffer ? [Message.read(value)] : [],
    );
  }

  /** All numbers of a repeated field, packed or not. */
  numbers(number: number): readonly number[] {
    return this.#all(number).flatMap((value) =>
      value instanceof Buffer ? unpack(value) : [Number(value)],
    );
  }

  #all(number: number): readonly (bigint | Buffer)[] {
    return this.#fields.get(number) ?? [];
  }

  #last(number: number): bigint | Buffer | undefined {
    return this.#fields.get(number)?.at(-1);
  }
}

function readValue(bytes: Buffer, start: number, type: number): readonly [bigint | Buffer, number] {
  switch (type) {
    case VARINT:
      return readVarint(bytes, start);
    case FIXED64:
      return [bytes.readBigUInt64LE(start), start + 8];
    case FIXED32:
      return [BigInt(bytes.readUInt32LE(start)), start + 4];
    case BYTES: {
      const [length, begin] = readVarint(bytes, start);
      const end = begin + Number(length);
      if (length < 0n || end > bytes.length) throw new RangeError('the message ends in a field');
      return [bytes.subarray(begin, end), end];
    }
    default:
      throw new RangeError(`wire type ${type}`);
  }
}

function unpack(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let position = 0; position < bytes.length;) {
    const [value, next] = readVarint(bytes, position);
    numbers.push(Number(value));
    position = next;
  }
  return numbers;
}

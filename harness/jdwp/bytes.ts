/**
 * Values of the Java Debug Wire Protocol as bytes (JDWP specification, "Detailed Command Information"): big-endian
 * integers, strings with their length before them, ids whose sizes the virtual machine tells.
 */

/** An object, thread, class or method, as the virtual machine names it. */
export type JdwpId = bigint;

/** Bytes an id takes, told by VirtualMachine.IDSizes. */
export interface IdSizes {
  readonly field: number;
  readonly method: number;
  readonly object: number;
  readonly referenceType: number;
  readonly frame: number;
}

/** Puts a command's data together. */
export class JdwpWriter {
  readonly #sizes: IdSizes;
  readonly #parts: Buffer[] = [];

  constructor(sizes: IdSizes) {
    this.#sizes = sizes;
  }

  byte(value: number): this {
    this.#parts.push(Buffer.from([value]));
    return this;
  }

  int(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    this.#parts.push(bytes);
    return this;
  }

  long(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    this.#parts.push(bytes);
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    this.int(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  id(kind: keyof IdSizes, value: JdwpId): this {
    const size = this.#sizes[kind];
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    this.#parts.push(bytes.subarray(8 - size));
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Takes a reply's or an event's data apart, in order. @throws RangeError when it ends too early */
export class JdwpReader {
  readonly #sizes: IdSizes;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer, sizes: IdSizes) {
    this.#bytes = bytes;
    this.#sizes = sizes;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#pass(1));
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#pass(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#pass(8));
  }

  text(): string {
    const length = this.int();
    const at = this.#pass(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  id(kind: keyof IdSizes): JdwpId {
    const size = this.#sizes[kind];
    const at = this.#pass(size);
    return BigInt(`0x${this.#bytes.toString('hex', at, at + size)}`);
  }

  #pass(length: number): number {
    const at = this.#at;
    if (length < 0 || at + length > this.#bytes.length) {
      const left = this.#bytes.length - at;
      throw new RangeError(`JDWP data ends early: ${length} bytes wanted, ${left} left`);
    }
    this.#at += length;
    return at;
  }
}

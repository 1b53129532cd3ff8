/**
 * Jute, ZooKeeper's serialization: big-endian integers, length-prefixed buffers and strings, counted vectors.
 * Source: zookeeper-jute/src/main/java/org/apache/jute/BinaryOutputArchive.java and BinaryInputArchive.java.
 */

/** Collects one record. Grows as needed; `finish` gives the frame with its 4-byte length in front. */
export class JuteWriter {
  private bytes = Buffer.allocUnsafe(128);
  private end = 4;

  int(value: number): this {
    this.reserve(4);
    this.end = this.bytes.writeInt32BE(value, this.end);
    return this;
  }

  long(value: bigint): this {
    this.reserve(8);
    this.end = this.bytes.writeBigInt64BE(value, this.end);
    return this;
  }

  boolean(value: boolean): this {
    this.reserve(1);
    this.end = this.bytes.writeUInt8(value ? 1 : 0, this.end);
    return this;
  }

  /** A length and the bytes; null is the length -1. */
  buffer(value: Uint8Array | null): this {
    if (value === null) return this.int(-1);
    this.int(value.length).reserve(value.length);
    this.bytes.set(value, this.end);
    this.end += value.length;
    return this;
  }

  /** UTF-8, with the length in bytes. */
  string(value: string): this {
    return this.buffer(Buffer.from(value, 'utf8'));
  }

  /** A count and the items. */
  vector<T>(items: readonly T[], write: (item: T) => void): this {
    this.int(items.length);
    items.forEach(write);
    return this;
  }

  /** The frame: length of the record, then the record. The writer must not be used afterwards. */
  finish(): Buffer {
    this.bytes.writeInt32BE(this.end - 4, 0);
    return this.bytes.subarray(0, this.end);
  }

  private reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + count));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }
}

/** Reads one record (a frame without its length). Reading past the end throws RangeError. */
export class JuteReader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  int(): number {
    const value = this.bytes.readInt32BE(this.position);
    this.position += 4;
    return value;
  }

  long(): bigint {
    const value = this.bytes.readBigInt64BE(this.position);
    this.position += 8;
    return value;
  }

  boolean(): boolean {
    const value = this.bytes.readUInt8(this.position);
    this.position += 1;
    return value !== 0;
  }

  /** A view of the frame's memory, or null for the length -1. */
  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    if (length < 0 || length > this.remaining) {
      throw new RangeError(`jute buffer of ${length} bytes, expected at most ${this.remaining}`);
    }
    const value = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return value;
  }

  string(): string {
    return this.buffer()?.toString('utf8') ?? '';
  }

  vector<T>(read: () => T): T[] {
    const count = this.int();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }
}

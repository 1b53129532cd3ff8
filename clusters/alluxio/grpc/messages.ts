/** Messages in the body of a gRPC call: a byte that says whether it is compressed, four of length, then the message. */
const PREFIX_BYTES = 5;

/** One message as it is sent, not compressed. */
export function messageFrame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Splits what arrives into messages. */
export class GrpcMessages {
  #parts: Buffer[] = [];
  #length = 0;

  /** Adds bytes and returns the messages that are whole now. @throws RangeError for one that is compressed */
  push(bytes: Buffer): Buffer[] {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    const messages: Buffer[] = [];
    for (;;) {
      const need = this.#needed();
      if (this.#length < need || this.#length < PREFIX_BYTES) return messages;
      const all = Buffer.concat(this.#parts);
      if (all[0] !== 0) throw new RangeError('a compressed gRPC message, which was not asked for');
      messages.push(all.subarray(PREFIX_BYTES, need));
      this.#parts = [all.subarray(need)];
      this.#length -= need;
    }
  }

  /** Bytes until the first message is whole, its prefix included. */
  #needed(): number {
    if (this.#length < PREFIX_BYTES) return PREFIX_BYTES;
    let [first = Buffer.alloc(0)] = this.#parts;
    if (first.length < PREFIX_BYTES) {
      first = Buffer.concat(this.#parts);
      this.#parts = [first];
    }
    return PREFIX_BYTES + first.readUInt32BE(1);
  }
}

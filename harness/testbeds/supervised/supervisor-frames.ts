/**
 * The words between the harness and a node's supervisor: frames of byte fields, and the Docker engine's own framing
 * around what the supervisor says.
 *
 * A frame is a 32-bit big-endian length and that many bytes: fields, each with a 32-bit length of its own (Perl's
 * `N/a*`). The first field is the number of the request, `0` for notices.
 */

/** Encodes one frame. */
export function encodeFrame(fields: readonly (string | Uint8Array)[]): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  for (const field of fields) {
    const bytes = typeof field === 'string' ? Buffer.from(field) : Buffer.from(field);
    parts.push(lengthOf(bytes.length), bytes);
    total += 4 + bytes.length;
  }
  return Buffer.concat([lengthOf(total), ...parts]);
}

function lengthOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Cuts a byte stream into frames; what is incomplete waits for more. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete now. */
  push(chunk: Buffer): Buffer[][] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[][] = [];
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readUInt32BE(0);
      if (this.#rest.length < end) break;
      frames.push(fieldsOf(this.#rest.subarray(4, end)));
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }
}

function fieldsOf(payload: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < payload.length;) {
    const end = at + 4 + payload.readUInt32BE(at);
    fields.push(payload.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/**
 * Undoes the engine's multiplexing of an attached container without a terminal: 8 bytes of header (stream number,
 * three zeros, big-endian length), then the bytes.
 */
export class StreamSplitter {
  #rest: Buffer = Buffer.alloc(0);
  readonly #out: (bytes: Buffer) => void;
  readonly #error: (bytes: Buffer) => void;

  constructor(out: (bytes: Buffer) => void, error: (bytes: Buffer) => void) {
    this.#out = out;
    this.#error = error;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 8) {
      const end = 8 + this.#rest.readUInt32BE(4);
      if (this.#rest.length < end) return;
      const bytes = this.#rest.subarray(8, end);
      const stream = this.#rest[0];
      this.#rest = this.#rest.subarray(end);
      if (stream === 2) this.#error(bytes);
      else this.#out(bytes);
    }
  }
}

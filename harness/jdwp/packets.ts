/**
 * Packets of the Java Debug Wire Protocol: 11 bytes of header (length, id, flags, then command set and command, or an
 * error code), then data.
 */

/** What both sides send first, without a header. */
export const HANDSHAKE = 'JDWP-Handshake';
const HEADER = 11;
const REPLY_FLAG = 0x80;
/** More than any reply we ask for; a length beyond it means that this is no debugger's port. */
const LONGEST = 64 << 20;

/** A command's place in the protocol. */
export interface JdwpCommand {
  readonly set: number;
  readonly command: number;
}

export type JdwpPacket =
  | { readonly reply: true; readonly id: number; readonly error: number; readonly data: Buffer }
  | ({ readonly reply: false; readonly id: number; readonly data: Buffer } & JdwpCommand);

export function encodeCommand(id: number, { set, command }: JdwpCommand, data: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(HEADER + data.length, 0);
  header.writeUInt32BE(id, 4);
  header.writeUInt8(set, 9);
  header.writeUInt8(command, 10);
  return Buffer.concat([header, data]);
}

/** Cuts a stream of bytes into packets, after the handshake. */
export class PacketReader {
  #rest = Buffer.alloc(0);
  #greeted = false;

  /** Whether the handshake was received. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** @throws when the other side is no Java debugger */
  push(chunk: Buffer): readonly JdwpPacket[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#greeted && !this.#takeHandshake()) return [];
    const packets: JdwpPacket[] = [];
    for (;;) {
      const packet = this.#takePacket();
      if (packet === null) return packets;
      packets.push(packet);
    }
  }

  #takeHandshake(): boolean {
    const length = Math.min(this.#rest.length, HANDSHAKE.length);
    if (this.#rest.toString('latin1', 0, length) !== HANDSHAKE.slice(0, length)) {
      throw new Error('no Java debugger answers there: another greeting than JDWP-Handshake');
    }
    if (this.#rest.length < HANDSHAKE.length) return false;
    this.#rest = this.#rest.subarray(HANDSHAKE.length);
    this.#greeted = true;
    return true;
  }

  #takePacket(): JdwpPacket | null {
    if (this.#rest.length < HEADER) return null;
    const length = this.#rest.readUInt32BE(0);
    if (length < HEADER || length > LONGEST) throw new Error(`JDWP packet of ${length} bytes`);
    if (this.#rest.length < length) return null;
    const packet = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    const id = packet.readUInt32BE(4);
    const data = packet.subarray(HEADER);
    if ((packet.readUInt8(8) & REPLY_FLAG) !== 0) {
      return { reply: true, id, error: packet.readUInt16BE(9), data };
    }
    return { reply: false, id, set: packet.readUInt8(9), command: packet.readUInt8(10), data };
  }
}

/**
 * The records of ZooKeeper's client protocol that this client uses.
 * Source: zookeeper-jute/src/main/resources/zookeeper.jute; opcodes and special xids from ZooDefs.java and
 * ClientCnxn.java.
 */
import type { JuteReader } from './jute.ts';
import { JuteWriter } from './jute.ts';

/** ZooDefs.OpCode. */
export const OPCODE = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  multi: 14,
  reconfig: 16,
  closeSession: -11,
} as const;

/** The xid of a watch event; this client sets no watches. */
export const WATCH_XID = -1;
/** The xid of a ping and of its answer. */
export const PING_XID = -2;

/** CreateMode.toFlag(). */
export const CREATE_FLAGS = { persistent: 0, ephemeral: 1, 'persistent-sequential': 2 } as const;
export type CreateMode = keyof typeof CREATE_FLAGS;

/** `class Stat`. Zxids and times are 64-bit: bigint. */
export interface Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

/** `class ConnectResponse`. */
export interface ConnectResponse {
  /** The negotiated session timeout in milliseconds; 0 or less when the session was refused (expired). */
  readonly timeoutMs: number;
  readonly sessionId: bigint;
}

/** `class ReplyHeader`. */
export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
}

/** `class ConnectRequest` for a new session, with the read-only flag that servers since 3.4 expect. */
export function connectRequest(timeoutMs: number): Buffer {
  const noPassword = Buffer.alloc(16);
  return new JuteWriter()
    .int(0)
    .long(0n)
    .int(timeoutMs)
    .long(0n)
    .buffer(noPassword)
    .boolean(false)
    .finish();
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  reader.int(); // protocolVersion, always 0
  return { timeoutMs: reader.int(), sessionId: reader.long() };
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return { xid: reader.int(), zxid: reader.long(), error: reader.int() };
}

/** A request without a body: ping, closeSession. */
export function bareRequest(xid: number, opcode: number): Buffer {
  return header(xid, opcode).finish();
}

/** `class CreateRequest`, with the open ACL (world:anyone, all permissions). */
export function createRequest(
  xid: number,
  path: string,
  data: Uint8Array,
  mode: CreateMode,
): Buffer {
  return openAcl(header(xid, OPCODE.create).string(path).buffer(data))
    .int(CREATE_FLAGS[mode])
    .finish();
}

/** One part of a multi: all parts are done in one transaction, or none. */
export type MultiPart =
  | { readonly create: string; readonly data: Uint8Array; readonly mode: CreateMode }
  /** Whatever its version. */
  | { readonly delete: string };

/** `class MultiTransactionRecord`: a `MultiHeader` before each part and after the last. */
export function multiRequest(xid: number, parts: readonly MultiPart[]): Buffer {
  const writer = header(xid, OPCODE.multi);
  for (const part of parts) {
    if ('create' in part) {
      multiHeader(writer, OPCODE.create).string(part.create).buffer(part.data);
      openAcl(writer).int(CREATE_FLAGS[part.mode]);
    } else {
      multiHeader(writer, OPCODE.delete).string(part.delete).int(-1);
    }
  }
  return writer.int(-1).boolean(true).int(-1).finish();
}

/** `class MultiResponse`: the error of the first part that had one of its own, or 0. */
export function readMultiError(reader: JuteReader): number {
  let found = 0;
  for (;;) {
    const type = reader.int();
    const done = reader.boolean();
    reader.int();
    if (done) return found;
    if (type === OPCODE.create) reader.string();
    if (type !== MULTI_ERROR) continue;
    const error = reader.int();
    if (found === 0 || found === ROLLED_BACK) found = error;
  }
}

/** The type of a part that was not done, and the code of those that were not done because of another. */
const MULTI_ERROR = -1;
const ROLLED_BACK = -2;

function multiHeader(writer: JuteWriter, type: number): JuteWriter {
  return writer.int(type).boolean(false).int(-1);
}

/** world:anyone, all permissions. */
function openAcl(writer: JuteWriter): JuteWriter {
  return writer.int(1).int(31).string('world').string('anyone');
}

/** `class DeleteRequest`. */
export function deleteRequest(xid: number, path: string, version: number): Buffer {
  return header(xid, OPCODE.delete).string(path).int(version).finish();
}

/** `class ExistsRequest`, `GetDataRequest`, `GetChildrenRequest`: a path, and no watch. */
export function readRequest(xid: number, opcode: number, path: string): Buffer {
  return header(xid, opcode).string(path).boolean(false).finish();
}

/** `class SetDataRequest`; version -1 means any. */
export function setDataRequest(
  xid: number,
  path: string,
  data: Uint8Array,
  version: number,
): Buffer {
  return header(xid, OPCODE.setData).string(path).buffer(data).int(version).finish();
}

/** `class ReconfigRequest`, incremental, whatever the configuration is now. */
export function reconfigRequest(
  xid: number,
  joining: string | null,
  leaving: string | null,
): Buffer {
  const text = (value: string | null): Buffer | null =>
    value === null ? null : Buffer.from(value);
  const writer = header(xid, OPCODE.reconfig).buffer(text(joining)).buffer(text(leaving));
  return writer.buffer(null).long(-1n).finish();
}

/** `class SyncRequest`. */
export function syncRequest(xid: number, path: string): Buffer {
  return header(xid, OPCODE.sync).string(path).finish();
}

export function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  };
}

function header(xid: number, opcode: number): JuteWriter {
  return new JuteWriter().int(xid).int(opcode);
}

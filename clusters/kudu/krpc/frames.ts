/**
 * KRPC's frames: a 4-byte length, a header and a body, each with its own length in front. Numbers of fields are those of
 * src/kudu/rpc/rpc_header.proto; the framing is docs/design-docs/rpc.md.
 */
import {
  bytesField,
  type Field,
  Message,
  message,
  messageField,
  readVarint,
  varint,
  varintField,
} from '../../wire/protobuf.ts';

/** What a client sends first: `hrpc`, version 9, service class 0, and 0 for SASL. */
export const PREAMBLE: Buffer = Buffer.from('68727063090000', 'hex');

/** Call ids of messages that are no calls. */
export const NEGOTIATION_CALL = -33;
export const CONTEXT_CALL = -3;

/**
 * The identity of one logical request: a server that gets it again answers what it answered first, if the service tracks
 * results (writes do, DDL does not).
 */
export interface RequestId {
  /** Of the client, the same for all its requests. */
  readonly client: string;
  readonly sequence: number;
  /** The earliest of the client's requests that has no answer yet: what is before it may be forgotten. */
  readonly firstIncomplete: number;
  /** From 1: how often this request was sent. */
  readonly attempt: number;
}

export interface CallHeader {
  readonly id: number;
  readonly service: string;
  readonly method: string;
  readonly timeoutMs: number;
  readonly requestId?: RequestId | undefined;
}

/** A frame of a call. */
export function callFrame(header: CallHeader, body: Buffer): Buffer {
  const { id, service, method, timeoutMs, requestId } = header;
  return frame(
    message(
      varintField(3, id),
      messageField(6, bytesField(1, service), bytesField(2, method)),
      varintField(10, timeoutMs),
      requestId === undefined ? null : requestIdField(requestId),
    ),
    body,
  );
}

/** A frame of the negotiation, or of the connection's context. */
export function setUpFrame(id: number, body: Buffer): Buffer {
  return frame(message(varintField(3, id)), body);
}

/** What a server sent. */
export interface AnswerFrame {
  readonly id: number;
  /** The body is an ErrorStatusPB. */
  readonly isError: boolean;
  readonly body: Buffer;
  /** Bytes after the body that it refers to by their place: rows. */
  readonly sidecars: readonly Buffer[];
}

/** @param bytes a frame without its length. @throws RangeError for anything else */
export function readAnswerFrame(bytes: Buffer): AnswerFrame {
  const [headerBytes, bodyStart] = delimited(bytes, 0);
  const [all] = delimited(bytes, bodyStart);
  const header = Message.read(headerBytes);
  const starts = header.numbers(3);
  const sidecars = starts.map((start, index) => all.subarray(start, starts[index + 1]));
  return {
    id: header.number(1) ?? 0,
    isError: header.number(2) === 1,
    body: all.subarray(0, starts[0]),
    sidecars,
  };
}

function requestIdField({ client, sequence, firstIncomplete, attempt }: RequestId): Field {
  return messageField(
    15,
    bytesField(1, client),
    varintField(2, sequence),
    varintField(3, firstIncomplete),
    varintField(4, attempt),
  );
}

function frame(header: Buffer, body: Buffer): Buffer {
  const bytes = Buffer.concat([varint(header.length), header, varint(body.length), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function delimited(bytes: Buffer, start: number): readonly [Buffer, number] {
  const [length, begin] = readVarint(bytes, start);
  const end = begin + Number(length);
  if (length < 0n || end > bytes.length) throw new RangeError('the frame ends too early');
  return [bytes.subarray(begin, end), end];
}

/** What Kudu's servers answer when they do not do as they were asked, before anybody says what it means. */
import type { Message } from '../../wire/protobuf.ts';

/**
 * Who says it: the RPC layer (rpc_header.proto, ErrorStatusPB), a master (master.proto, MasterErrorPB), a tablet server
 * (tserver.proto, TabletServerErrorPB), or a tablet server of one row (PerRowErrorPB, which has a status alone).
 */
export type KuduErrorLayer = 'rpc' | 'master' | 'tserver' | 'row';

/** By number, AppStatusPB.ErrorCode of src/kudu/common/wire_protocol.proto. */
const STATUSES: readonly string[] = [
  'OK',
  'NOT_FOUND',
  'CORRUPTION',
  'NOT_SUPPORTED',
  'INVALID_ARGUMENT',
  'IO_ERROR',
  'ALREADY_PRESENT',
  'RUNTIME_ERROR',
  'NETWORK_ERROR',
  'ILLEGAL_STATE',
  'NOT_AUTHORIZED',
  'ABORTED',
  'REMOTE_ERROR',
  'SERVICE_UNAVAILABLE',
  'TIMED_OUT',
  'UNINITIALIZED',
  'CONFIGURATION_ERROR',
  'INCOMPLETE',
  'END_OF_FILE',
  'CANCELLED',
  'IMMUTABLE',
];

/** A server's answer that is an error. */
export class KuduError extends Error {
  override readonly name = 'KuduError';
  readonly layer: KuduErrorLayer;
  /** The layer's own code; of a row, its status's number. */
  readonly number: number;
  /** `NOT_FOUND`; null where the layer has no status. */
  readonly status: string | null;
  /** `master/3 NOT_FOUND`, as the error tables name it. */
  readonly code: string;

  constructor(layer: KuduErrorLayer, number: number, status: string | null, text: string) {
    const code = `${layer}/${number}${status === null ? '' : ` ${status}`}`;
    super(`${code}: ${text}`);
    this.layer = layer;
    this.number = number;
    this.status = status;
    this.code = code;
  }
}

/** From an ErrorStatusPB. */
export function rpcError(error: Message): KuduError {
  return new KuduError('rpc', error.number(2) ?? 10, null, error.text(1) ?? 'no message');
}

/** From field 1 of an answer, MasterErrorPB or TabletServerErrorPB: both are a code and an AppStatusPB. */
export function serverError(layer: 'master' | 'tserver', error: Message): KuduError {
  const status = error.message(2);
  return new KuduError(layer, error.number(1) ?? 1, statusOf(status), textOf(status));
}

/** From one AppStatusPB of per_row_errors. */
export function rowError(status: Message | undefined): KuduError {
  return new KuduError('row', status?.number(1) ?? 999, statusOf(status), textOf(status));
}

function statusOf(status: Message | undefined): string {
  const number = status?.number(1) ?? 999;
  return STATUSES[number] ?? `STATUS_${number}`;
}

function textOf(status: Message | undefined): string {
  return status?.text(2) ?? 'no message';
}

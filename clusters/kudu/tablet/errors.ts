/**
 * What a tablet server's error tells about the effect of a write, as data. The default is *indefinite*.
 *
 * Holds for a request that is sent once, and for one that is sent again under the same request id: the server knows it
 * again (tserver.proto, `track_rpc_result` of Write), also after a change of leader, and answers as it did at first.
 *
 * Sources: [code] names the place where it is made, before the write is handed to Raft or, for the errors of one row, as
 * the outcome of applying it, which changed nothing; [seen] says that it was provoked on a live cluster (1.18.1) and what
 * the write did read back from another replica.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { type KuduError, type KuduErrorLayer } from '../krpc/kudu-error.ts';

/** What one answer means. */
export interface TabletError {
  readonly layer: KuduErrorLayer;
  /** Of the layer's own code; of a row, of its status. */
  readonly number: number;
  readonly name: string;
  /** The status that must stand beside it. Default: any. */
  readonly status?: string;
  /** Source of a regular expression that the message must match. Default: any message. */
  readonly message?: string;
  readonly outcome: 'definite' | 'indefinite';
  /** Set when definite: `refused`, no service; `rejected`, the server's own answer to this write. */
  readonly reason?: 'refused' | 'rejected';
  readonly source: string;
}

const ADMISSION = '[code] tablet_service.cc Write, before the write is submitted';
const LOOKUP = '[code] tablet_service.cc LookupTabletReplicaOrRespond, before all else';
const DECODED = '[code] row_operations.cc, decoded before the write is submitted';
const APPLIED = '[code] outcome of applying the one row, which changed nothing';
const UNKNOWN = '[code] may be said of a write that Raft has';

/** The first that fits counts. */
export const TABLET_ERRORS: readonly TabletError[] = [
  {
    ...rejected('tserver', 1, 'Row not in tablet partition', `${DECODED}; [seen]`),
    ...{ status: 'NOT_FOUND', message: 'Row not in tablet partition' },
  },
  {
    ...refused(
      'tserver',
      1,
      'not leader',
      '[code] raft_consensus.cc, before it is appended; [seen]',
    ),
    ...{ status: 'ILLEGAL_STATE', message: 'is not leader of this config' },
  },
  rejected('tserver', 2, 'INVALID_SCHEMA', ADMISSION),
  rejected('tserver', 3, 'INVALID_ROW_BLOCK', ADMISSION),
  rejected('tserver', 4, 'INVALID_MUTATION', ADMISSION),
  rejected('tserver', 5, 'MISMATCHED_SCHEMA', `${DECODED}; [seen]`),
  refused('tserver', 6, 'TABLET_NOT_FOUND', `${LOOKUP}; [seen]`),
  refused('tserver', 12, 'TABLET_NOT_RUNNING', LOOKUP),
  refused('tserver', 15, 'NOT_THE_LEADER', '[code] raft_consensus.cc, before it is appended'),
  rejected('tserver', 16, 'WRONG_SERVER_UUID', LOOKUP),
  refused('tserver', 19, 'THROTTLED', `${ADMISSION} (memory, the tablet’s queue)`),
  rejected('tserver', 21, 'NOT_AUTHORIZED', ADMISSION),
  rejected('row', 6, 'ALREADY_PRESENT', `${APPLIED} (an insert of a key that is there); [seen]`),
  rejected('row', 1, 'NOT_FOUND', `${APPLIED} (a key that is not there); [seen]`),
  rejected('row', 4, 'INVALID_ARGUMENT', `${APPLIED} (a row that cannot be); [seen]`),
  rejected('rpc', 2, 'ERROR_NO_SUCH_METHOD', '[code] service_if.cc, before the service; [seen]'),
  rejected('rpc', 3, 'ERROR_NO_SUCH_SERVICE', '[code] messenger.cc, before any service; [seen]'),
  {
    // The service too says so of whatever it calls unavailable, of a write that it has taken perhaps.
    ...refused('rpc', 4, 'ERROR_SERVER_TOO_BUSY', '[code] service_pool.cc: the call is not taken'),
    message: 'dropped due to backpressure|service queue is full',
  },
  unknown('rpc', 4, 'ERROR_SERVER_TOO_BUSY', UNKNOWN),
  rejected('rpc', 5, 'ERROR_INVALID_REQUEST', '[code] service_if.cc: no such message; [seen]'),
  unknown('tserver', 1, 'UNKNOWN_ERROR', `${UNKNOWN}: aborted by a new leader, timed out`),
  unknown('tserver', 20, 'TABLET_FAILED', UNKNOWN),
  unknown('rpc', 1, 'ERROR_APPLICATION', '[code] what the service says without a code of its own'),
  unknown('rpc', 6, 'ERROR_REQUEST_STALE', '[code] “unknown whether the request was executed”'),
  unknown('rpc', 7, 'ERROR_UNAVAILABLE', UNKNOWN),
  unknown('rpc', 11, 'FATAL_SERVER_SHUTTING_DOWN', UNKNOWN),
];

/**
 * What is no answer at all (codes of krpc/connection.ts): never definite once a write was sent. Both were seen with the
 * write done after all.
 */
export const NO_ANSWERS: readonly string[] = ['TIMED_OUT', 'CONNECTION_LOST'];

/** Errors of a read are none of its effects: it has none. They tell why it was not served. */
export const SCAN_ERRORS: readonly TabletError[] = [
  rejected(
    'tserver',
    13,
    'INVALID_SNAPSHOT',
    '[code] HandleScanAtSnapshot: not yet, or too old; [seen]',
  ),
  rejected('tserver', 7, 'SCANNER_EXPIRED', '[code] scanners.cc; [seen]'),
];

/** The error that a client throws for the answer to a write. */
export function writeOutcome(error: KuduError): DefiniteError | IndefiniteError {
  const details = { code: error.code, cause: error };
  const entry = TABLET_ERRORS.find((each) => isOf(each, error));
  return entry?.reason === undefined
    ? new IndefiniteError(error.message, details)
    : new DefiniteError(entry.reason, error.message, details);
}

/** The error that a client throws for the answer to a read: it had no effect, whatever it says. */
export function readOutcome(error: KuduError): DefiniteError {
  const entry = [...SCAN_ERRORS, ...TABLET_ERRORS].find((each) => isOf(each, error));
  const details = { code: error.code, cause: error };
  return new DefiniteError(entry?.reason ?? 'refused', error.message, details);
}

function isOf({ layer, number, status, message }: TabletError, error: KuduError): boolean {
  return (
    layer === error.layer &&
    number === error.number &&
    (status === undefined || status === error.status) &&
    (message === undefined || new RegExp(message).test(error.message))
  );
}

function rejected(
  layer: KuduErrorLayer,
  number: number,
  name: string,
  source: string,
): TabletError {
  return { layer, number, name, outcome: 'definite', reason: 'rejected', source };
}

function refused(layer: KuduErrorLayer, number: number, name: string, source: string): TabletError {
  return { layer, number, name, outcome: 'definite', reason: 'refused', source };
}

function unknown(layer: KuduErrorLayer, number: number, name: string, source: string): TabletError {
  return { layer, number, name, outcome: 'indefinite', source };
}

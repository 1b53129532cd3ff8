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
import { DefiniteError, type IndefiniteError } from '../../../harness/client.ts';
import {
  CARRIER_ERRORS,
  entryOf,
  type ErrorEntry,
  outcomeOf,
  refused,
  rejected,
  unknown,
} from '../krpc/error-table.ts';
import type { KuduError } from '../krpc/kudu-error.ts';

const ADMISSION = '[code] tablet_service.cc Write, before the write is submitted';
const LOOKUP = '[code] tablet_service.cc LookupTabletReplicaOrRespond, before all else';
const DECODED = '[code] row_operations.cc, decoded before the write is submitted';
const APPLIED = '[code] outcome of applying the one row, which changed nothing';
const UNKNOWN = '[code] may be said of a write that Raft has';

/** The first that fits counts. */
export const TABLET_ERRORS: readonly ErrorEntry[] = [
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
  unknown('tserver', 1, 'UNKNOWN_ERROR', `${UNKNOWN}: aborted by a new leader, timed out`),
  unknown('tserver', 20, 'TABLET_FAILED', UNKNOWN),
  ...CARRIER_ERRORS,
];

/**
 * What is no answer at all (codes of krpc/connection.ts): never definite once a write was sent. Both were seen with the
 * write done after all.
 */
export const NO_ANSWERS: readonly string[] = ['TIMED_OUT', 'CONNECTION_LOST'];

/** Errors of a read are none of its effects: it has none. They tell why it was not served. */
export const SCAN_ERRORS: readonly ErrorEntry[] = [
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
  return outcomeOf(TABLET_ERRORS, error);
}

/** The error that a client throws for the answer to a read: it had no effect, whatever it says. */
export function readOutcome(error: KuduError): DefiniteError {
  const entry = entryOf([...SCAN_ERRORS, ...TABLET_ERRORS], error);
  const details = { code: error.code, cause: error };
  return new DefiniteError(entry?.reason ?? 'refused', error.message, details);
}

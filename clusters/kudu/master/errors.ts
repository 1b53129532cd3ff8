/**
 * What a master's error tells about the effect of a request that was sent *once*, as data. The default is *indefinite*.
 *
 * Of a request that is sent again after no answer none of this holds: masters do not know a request again (KUDU-1537,
 * master.proto has no `track_rpc_result`), so the second answer tells what the second attempt met, and TABLE_NOT_FOUND
 * may be the first attempt's own work. Whoever resends must not look here.
 *
 * Sources: [code] names the place in src/kudu/master/catalog_manager.cc or src/kudu/rpc where it is made, before anything
 * is written to the catalog; [seen] says that it was also provoked on live clusters and its effect read back. No answer at
 * all (TIMED_OUT, CONNECTION_LOST) tells nothing.
 */
import type { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import {
  CARRIER_ERRORS,
  type ErrorEntry,
  outcomeOf,
  refused,
  rejected,
  unknown,
} from '../krpc/error-table.ts';
import { KuduError } from '../krpc/kudu-error.ts';

const VALIDATED = '[code] validated before the catalog is written';

const BEFORE_ALL = '[code] ScopedLeaderSharedLock, before the request is looked at';

/** The first that fits counts. */
export const MASTER_ERRORS: readonly ErrorEntry[] = [
  unknown('master', 1, 'UNKNOWN_ERROR', '[code] has no meaning of its own'),
  rejected('master', 2, 'INVALID_SCHEMA', `${VALIDATED} (ApplyAlterSchemaSteps …); [seen]`),
  rejected('master', 3, 'TABLE_NOT_FOUND', `${VALIDATED} (FindAndLockTable); [seen]`),
  rejected('master', 4, 'TABLE_ALREADY_PRESENT', `${VALIDATED} (names in use); [seen]`),
  rejected('master', 5, 'TOO_MANY_TABLETS', `${VALIDATED}; [seen]`),
  refused('master', 6, 'CATALOG_MANAGER_NOT_INITIALIZED', BEFORE_ALL),
  {
    ...refused('master', 7, 'NOT_THE_LEADER', `${BEFORE_ALL}; [seen]`),
    status: 'ILLEGAL_STATE',
  },
  {
    ...unknown('master', 7, 'NOT_THE_LEADER', '[code] it led when it wrote: others may commit it'),
    status: 'SERVICE_UNAVAILABLE',
  },
  rejected('master', 8, 'REPLICATION_FACTOR_TOO_HIGH', `${VALIDATED}; [seen]`),
  rejected('master', 10, 'EVEN_REPLICATION_FACTOR', `${VALIDATED}; [seen]`),
  rejected('master', 11, 'ILLEGAL_REPLICATION_FACTOR', `${VALIDATED}; [seen]`),
  ...CARRIER_ERRORS,
];

/** The error that a client throws for an error of a request that it has sent once. */
export function masterOutcome(error: KuduError): DefiniteError | IndefiniteError {
  return outcomeOf(MASTER_ERRORS, error);
}

/** Runs a request that is sent once; its KuduError becomes what it tells. */
export async function settleOnce<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw error instanceof KuduError ? masterOutcome(error) : error;
  }
}

/**
 * What a master's error tells about the effect of a request that was sent *once*, as data. The default is *indefinite*.
 *
 * Of a request that is sent again after no answer none of this holds: masters do not know a request again (KUDU-1537,
 * master.proto has no `track_rpc_result`), so the second answer tells what the second attempt met, and TABLE_NOT_FOUND
 * may be the first attempt's own work. Whoever resends must not look here.
 *
 * Sources: [code] names the place in src/kudu/master/catalog_manager.cc or src/kudu/rpc where it is made, before anything
 * is written to the catalog; [seen] says that it was also provoked on live clusters and its effect read back.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { KuduError } from '../krpc/kudu-error.ts';

/** An answer that certainly had no effect. */
export interface DefiniteMasterError {
  /** MasterErrorPB's code, or ErrorStatusPB's. */
  readonly layer: 'master' | 'rpc';
  readonly number: number;
  readonly name: string;
  /** The status that must stand beside it. Default: any. */
  readonly status?: string;
  readonly reason: 'refused' | 'rejected';
  readonly source: string;
}

const VALIDATED = '[code] validated before the catalog is written';

export const DEFINITE_MASTER_ERRORS: readonly DefiniteMasterError[] = [
  rejected(
    2,
    'INVALID_SCHEMA',
    `${VALIDATED} (ValidateClientSchema, ApplyAlterSchemaSteps); [seen]`,
  ),
  rejected(3, 'TABLE_NOT_FOUND', `${VALIDATED} (FindAndLockTable); [seen]`),
  rejected(
    4,
    'TABLE_ALREADY_PRESENT',
    `${VALIDATED} (CreateTable, AlterTable: names in use); [seen]`,
  ),
  rejected(5, 'TOO_MANY_TABLETS', `${VALIDATED}; [seen]`),
  {
    ...{ layer: 'master', number: 6, name: 'CATALOG_MANAGER_NOT_INITIALIZED', reason: 'refused' },
    source: '[code] ScopedLeaderSharedLock, before the request is looked at',
  },
  {
    ...{ layer: 'master', number: 7, name: 'NOT_THE_LEADER', status: 'ILLEGAL_STATE' },
    reason: 'refused',
    source: '[code] ScopedLeaderSharedLock, before the request is looked at; [seen]',
  },
  rejected(8, 'REPLICATION_FACTOR_TOO_HIGH', `${VALIDATED}; [seen]`),
  rejected(10, 'EVEN_REPLICATION_FACTOR', `${VALIDATED}; [seen]`),
  rejected(11, 'ILLEGAL_REPLICATION_FACTOR', `${VALIDATED}; [seen]`),
  {
    ...{ layer: 'rpc', number: 2, name: 'ERROR_NO_SUCH_METHOD', reason: 'rejected' },
    source: '[code] service_if.cc, before the service sees it; [seen]',
  },
  {
    ...{ layer: 'rpc', number: 3, name: 'ERROR_NO_SUCH_SERVICE', reason: 'rejected' },
    source: '[code] messenger.cc, before any service sees it; [seen]',
  },
  {
    ...{ layer: 'rpc', number: 4, name: 'ERROR_SERVER_TOO_BUSY', reason: 'refused' },
    source: '[code] service_pool.cc: the queue is full, the call is not taken',
  },
  {
    ...{ layer: 'rpc', number: 5, name: 'ERROR_INVALID_REQUEST', reason: 'rejected' },
    source: '[code] service_if.cc: the request is not a message of the method; [seen]',
  },
];

/**
 * Answers that look definite and are not. They need no entry, being the default; they are listed because a reader of a
 * history meets them.
 */
export const INDEFINITE_MASTER_ERRORS: readonly string[] = [
  'master/7 SERVICE_UNAVAILABLE: no longer the leader (it was when it wrote: the write may yet be committed by another)',
  'master/1 …: UNKNOWN_ERROR has no meaning of its own',
  'rpc/1 Not authorized (the layer’s code for anything that an application answers)',
  'TIMED_OUT, CONNECTION_LOST: no answer',
];

/** The error that a client throws for an error of a request that it has sent once. */
export function masterOutcome(error: KuduError): DefiniteError | IndefiniteError {
  const details = { code: error.code, cause: error };
  const entry = DEFINITE_MASTER_ERRORS.find(
    ({ layer, number, status }) =>
      layer === error.layer &&
      number === error.number &&
      (status === undefined || status === error.status),
  );
  return entry === undefined
    ? new IndefiniteError(error.message, details)
    : new DefiniteError(entry.reason, error.message, details);
}

/** Runs a request that is sent once; its KuduError becomes what it tells. */
export async function settleOnce<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw error instanceof KuduError ? masterOutcome(error) : error;
  }
}

function rejected(number: number, name: string, source: string): DefiniteMasterError {
  return { layer: 'master', number, name, reason: 'rejected', source };
}

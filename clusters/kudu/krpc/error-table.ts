/**
 * Tables of what an answer tells about the effect of the request that it answers: data, and how they are read. An answer
 * that no entry fits tells nothing: *indefinite*.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { KuduError, KuduErrorLayer } from './kudu-error.ts';

/** What one answer means. */
export interface ErrorEntry {
  readonly layer: KuduErrorLayer;
  /** Of the layer's own code; of a row, of its status. */
  readonly number: number;
  readonly name: string;
  /** The status that must stand beside it. Default: any. */
  readonly status?: string;
  /** Source of a regular expression that the message must match. Default: any message. */
  readonly message?: string;
  readonly outcome: 'definite' | 'indefinite';
  /** Set when definite: `refused`, no service; `rejected`, the server's own answer to this request. */
  readonly reason?: 'refused' | 'rejected';
  /** `[code]` and the place where it is made; `[seen]` if it was provoked live and its effect read back. */
  readonly source: string;
}

/** Answers of the layer that carries requests, the same of every service; a table ends with them. */
export const CARRIER_ERRORS: readonly ErrorEntry[] = [
  unknown('rpc', 1, 'ERROR_APPLICATION', '[code] what the service says without a code of its own'),
  rejected('rpc', 2, 'ERROR_NO_SUCH_METHOD', '[code] service_if.cc, before the service; [seen]'),
  rejected('rpc', 3, 'ERROR_NO_SUCH_SERVICE', '[code] messenger.cc, before any service; [seen]'),
  {
    // A service too says so of whatever it calls unavailable, of a request that it has taken perhaps.
    ...refused('rpc', 4, 'ERROR_SERVER_TOO_BUSY', '[code] service_pool.cc: the call is not taken'),
    message: 'dropped due to backpressure|service queue is full',
  },
  unknown('rpc', 4, 'ERROR_SERVER_TOO_BUSY', '[code] said of what is unavailable, taken or not'),
  rejected('rpc', 5, 'ERROR_INVALID_REQUEST', '[code] service_if.cc: no such message; [seen]'),
  unknown('rpc', 6, 'ERROR_REQUEST_STALE', '[code] “unknown whether the request was executed”'),
  unknown('rpc', 7, 'ERROR_UNAVAILABLE', '[code] said of what is unavailable, taken or not'),
  unknown('rpc', 11, 'FATAL_SERVER_SHUTTING_DOWN', '[code] the request may have been taken'),
];

/** The first entry that fits. */
export function entryOf(table: readonly ErrorEntry[], error: KuduError): ErrorEntry | undefined {
  return table.find(
    ({ layer, number, status, message }) =>
      layer === error.layer &&
      number === error.number &&
      (status === undefined || status === error.status) &&
      (message === undefined || new RegExp(message).test(error.message)),
  );
}

/** The error that a client throws for the answer to a request that may change something. */
export function outcomeOf(
  table: readonly ErrorEntry[],
  error: KuduError,
): DefiniteError | IndefiniteError {
  const details = { code: error.code, cause: error };
  const reason = entryOf(table, error)?.reason;
  return reason === undefined
    ? new IndefiniteError(error.message, details)
    : new DefiniteError(reason, error.message, details);
}

/** An entry for the server's own answer to this request: it had no effect. */
export function rejected(
  layer: KuduErrorLayer,
  number: number,
  name: string,
  source: string,
): ErrorEntry {
  return { layer, number, name, outcome: 'definite', reason: 'rejected', source };
}

/** An entry for an answer that there is no service: the request had no effect. */
export function refused(
  layer: KuduErrorLayer,
  number: number,
  name: string,
  source: string,
): ErrorEntry {
  return { layer, number, name, outcome: 'definite', reason: 'refused', source };
}

/** An entry for an answer that tells nothing of the effect. */
export function unknown(
  layer: KuduErrorLayer,
  number: number,
  name: string,
  source: string,
): ErrorEntry {
  return { layer, number, name, outcome: 'indefinite', source };
}

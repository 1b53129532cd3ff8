/**
 * What an error of etcd tells about the request's effect, as data. The default is *indefinite*: an error is definite
 * only if it is in this table.
 *
 * Sources: [code] names the place in etcd's source (v3.5) where the error is made, always before the request is
 * proposed to raft or as the outcome of applying it; [seen] says that it was also provoked on a live cluster (3.5.35).
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';

/** An answer of the gateway that certainly had no effect. */
export interface DefiniteAnswer {
  /** gRPC status code (`code` of the gateway's body). */
  readonly grpc: number;
  /** Source of a regular expression that the message must match. */
  readonly message: string;
  /** `refused`: nobody to serve it; `rejected`: etcd's own answer to this request. */
  readonly reason: 'refused' | 'rejected';
  readonly source: string;
}

const RPC_ERRORS = 'api/v3rpc/rpctypes/error.go';

/** The answers that prove that nothing happened. */
export const DEFINITE_ANSWERS: readonly DefiniteAnswer[] = [
  {
    grpc: 3,
    message:
      'key is not provided|value is provided|lease is provided|invalid range_end|invalid sort',
    reason: 'rejected',
    source: `[code] server/etcdserver/api/v3rpc/key.go checkPutRequest, checkRangeRequest; [seen]`,
  },
  {
    grpc: 3,
    message: 'duplicate key given in txn request|too many operations in txn request',
    reason: 'rejected',
    source: `[code] server/etcdserver/api/v3rpc/key.go checkTxnRequest; [seen]`,
  },
  {
    grpc: 3,
    message: 'etcdserver: request is too large',
    reason: 'rejected',
    source: `[code] server/etcdserver/v3_server.go processInternalRaftRequestOnce, before propose; [seen]`,
  },
  {
    grpc: 5,
    message: 'requested lease not found|etcdserver: key not found',
    reason: 'rejected',
    source: `[code] ${RPC_ERRORS}; outcome of apply, which changed nothing; [seen]`,
  },
  {
    grpc: 8,
    message: 'etcdserver: too many requests|mvcc: database space exceeded',
    reason: 'rejected',
    source: `[code] v3_server.go processInternalRaftRequestOnce and apply.go quotaApplierV3; not seen`,
  },
  {
    grpc: 9,
    message: 'lease already exists',
    reason: 'rejected',
    source: `[code] ${RPC_ERRORS}; outcome of apply, which changed nothing; not seen`,
  },
  {
    grpc: 11,
    message: 'mvcc: required revision (is a future revision|has been compacted)',
    reason: 'rejected',
    source: `[code] server/mvcc/kvstore_txn.go rangeKeys; [seen]`,
  },
];

/**
 * Answers that look definite and are not. They need no entry, being the default; they are listed because a reader
 * of a history meets them. Source: provoked on a live cluster (kill of the leader, leader cut off, followers paused).
 */
export const INDEFINITE_ANSWERS: readonly string[] = [
  '503/14 etcdserver: request timed out (5 s and two election timeouts after the proposal)',
  '503/14 etcdserver: request timed out, possibly due to previous leader failure',
  '503/14 etcdserver: request timed out, possibly due to connection lost',
  '503/14 etcdserver: leader changed',
  '503/14 etcdserver: no leader (a stopped server says so too, of requests it has proposed)',
];

/** What the gateway answered: always `{error, code, message}` with a status other than 200. */
export interface GatewayAnswer {
  readonly http: number;
  readonly grpc: number | undefined;
  readonly message: string;
}

/** The typed error of an answer. */
export function answerError(answer: GatewayAnswer): DefiniteError | IndefiniteError {
  const code = `${answer.http}/${answer.grpc ?? '-'}`;
  const definite = DEFINITE_ANSWERS.find(
    (entry) => entry.grpc === answer.grpc && new RegExp(entry.message).test(answer.message),
  );
  if (definite === undefined) return new IndefiniteError(answer.message, { code });
  return new DefiniteError(definite.reason, answer.message, { code });
}

/**
 * The typed error of a broken connection. Only a connect that failed proves that nothing was sent; a reset (of a
 * kept socket too) does not, since the request may have been read before.
 */
export function connectionError(error: Error): DefiniteError | IndefiniteError {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const details = code === undefined ? { cause: error } : { cause: error, code };
  if (syscall === 'connect') return new DefiniteError('refused', error.message, details);
  return new IndefiniteError(error.message, details);
}

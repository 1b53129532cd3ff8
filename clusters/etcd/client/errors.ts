/**
 * What an error of etcd tells about the request's effect, as data. The default is *indefinite*: an error is definite
 * only if it is in this table.
 *
 * Sources: [code] names the place in etcd's source (v3.5) where the error is made, always before the request is
 * proposed to raft or as the outcome of applying it; [seen] says that it is also provoked on a live cluster, and what it
 * did read back through another member (test/systems/etcd-errors.test.ts).
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
  /** Requests to which it is definite. Default: all. */
  readonly paths?: readonly string[];
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
    grpc: 3,
    message: '^(invalid character|unexpected end of JSON|json: |proto: )',
    reason: 'rejected',
    source: `[code] grpc-gateway, decoding the body, before etcd has it; [seen]`,
  },
  {
    grpc: 2,
    message: 'mutex: session is expired',
    reason: 'rejected',
    source: `[code] server/etcdserver/api/v3lock/lock.go, a waiter whose lease ended: the lock is not its; [seen]`,
  },
  {
    grpc: 5,
    message: 'requested lease not found',
    reason: 'rejected',
    source: `[code] ${RPC_ERRORS}; outcome of apply, which changed nothing; [seen]`,
  },
  {
    grpc: 3,
    message: 'etcdserver: key not found',
    reason: 'rejected',
    source: `[code] ${RPC_ERRORS}; checked before a transaction writes anything; [seen]`,
  },
  {
    grpc: 8,
    message: 'etcdserver: too many requests',
    reason: 'rejected',
    source: `[code] v3_server.go processInternalRaftRequestOnce, before propose; not seen: it takes 5000 entries that are not applied`,
  },
  {
    grpc: 9,
    message: 'lease already exists',
    reason: 'rejected',
    source: `[code] ${RPC_ERRORS}; outcome of apply, which changed nothing; [seen]`,
  },
  {
    grpc: 11,
    message: 'mvcc: required revision (is a future revision|has been compacted)',
    reason: 'rejected',
    source: `[code] server/mvcc/kvstore_txn.go rangeKeys; [seen]`,
    // Not of a transaction: the members that the client did not ask leave its range requests out, and write what it
    // writes (https://github.com/etcd-io/etcd/issues/18667; 3.5.2, 3.5.35 and 3.6.5 do).
    paths: ['/v3/kv/range', '/v3/kv/compaction'],
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
  '429/8 etcdserver: mvcc: database space exceeded (apply.go quotaApplierV3 writes first, and answers so after)',
  '400/11 mvcc: required revision is a future revision, or has been compacted, in a transaction',
  '503/14 etcdserver: no leader (a stopped server says so too, of requests it has proposed)',
];

/** What the gateway answered to a request for `path`: always `{error, code, message}` with a status other than 200. */
export interface GatewayAnswer {
  readonly path: string;
  readonly http: number;
  readonly grpc: number | undefined;
  readonly message: string;
}

/** The typed error of an answer. */
export function answerError(answer: GatewayAnswer): DefiniteError | IndefiniteError {
  const code = `${answer.http}/${answer.grpc ?? '-'}`;
  const definite = DEFINITE_ANSWERS.find(
    ({ grpc, message, paths }) =>
      grpc === answer.grpc &&
      new RegExp(message).test(answer.message) &&
      paths?.includes(answer.path) !== false,
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

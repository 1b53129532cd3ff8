/**
 * What a gRPC status of Alluxio 2.x tells about a call's effect, as data. The default is *indefinite*: a status is
 * definite only if it is in this table.
 *
 * Numbers are gRPC's (https://grpc.github.io/grpc/core/md_doc_statuscodes.html); Alluxio's exceptions get theirs in
 * alluxio.exception.status.AlluxioStatusException. [code] names where the answer is made; [seen] says that it was
 * provoked on a live cluster of 2.9.6 too (test/systems/alluxio-grpc-errors.test.ts).
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';

export const OK = 0;
export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
export const FAILED_PRECONDITION = 9;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;

/** A status that certainly had no effect. */
export interface DefiniteStatus {
  readonly status: number;
  /** Source of a regular expression that the message must match. */
  readonly message: string;
  /** `refused`: nobody to serve it; `rejected`: the master's own answer to this request. */
  readonly reason: 'refused' | 'rejected';
  readonly meaning: string;
  readonly source: string;
}

/** The statuses that prove that nothing happened. */
export const DEFINITE_STATUSES: readonly DefiniteStatus[] = [
  {
    status: UNIMPLEMENTED,
    message: '^Method not found: ',
    reason: 'refused',
    meaning: 'a standby: masters serve these only while they lead',
    source: '[code] io.grpc.internal.ServerImpl, before any handler; [seen]',
  },
  {
    status: UNAVAILABLE,
    message: 'Alluxio master is in safe mode',
    reason: 'refused',
    meaning: 'a new leader that waits for its workers',
    source: '[code] DefaultBlockMaster.getWorkerInfoList, before it looks; not seen',
  },
  {
    status: NOT_FOUND,
    message: '^Path .* does not exist|^.* does not exist',
    reason: 'rejected',
    meaning: 'no such path, or no such parent',
    source: '[code] DefaultFileSystemMaster, LockedInodePath.getInode, before the journal; [seen]',
  },
  {
    status: ALREADY_EXISTS,
    message: 'already exists',
    reason: 'rejected',
    meaning: 'the path, or the destination of a rename, is there',
    source: '[code] InodeTree.createPath, DefaultFileSystemMaster.renameInternal; [seen]',
  },
  {
    status: INVALID_ARGUMENT,
    message: 'is invalid|[Ii]nvalid path|must be|cannot be',
    reason: 'rejected',
    meaning: 'a path or an option that is none',
    source: '[code] alluxio.grpc.GrpcUtils, PathUtils.validatePath, before anything; [seen]',
  },
  {
    status: FAILED_PRECONDITION,
    message: 'No master found to delegate backup',
    reason: 'rejected',
    meaning: 'no standby is connected to this leader yet',
    source: '[code] BackupLeaderRole.backup, before the tracker is reset; [seen]',
  },
  {
    status: INTERNAL,
    message: 'Backup in progress',
    reason: 'rejected',
    meaning: 'another backup has not ended',
    source: '[code] BackupLeaderRole.backup, the first thing it looks at; [seen]',
  },
];

/** Statuses that look definite and are not. They need no entry, being the default; a reader of a history meets them. */
export interface IndefiniteStatus {
  readonly status: number;
  readonly message: string;
  readonly meaning: string;
  readonly source: string;
}

export const INDEFINITE_STATUSES: readonly IndefiniteStatus[] = [
  {
    status: INTERNAL,
    message: 'UnavailableException: Failed to complete request',
    meaning:
      'applied in memory, the journal not written: seen by reads of a deposed leader, gone afterwards',
    source:
      '[code] RaftJournalWriter.flush; [seen] of a leader that was paused through an election',
  },
  {
    status: FAILED_PRECONDITION,
    message: 'Failed to delegate the backup',
    meaning: 'a standby may have taken the request and be writing the backup, with its answer lost',
    source: '[code] BackupLeaderRole.scheduleRemoteBackup; not seen',
  },
  {
    status: 1,
    message: '',
    meaning: 'cancelled: the server stopped serving, as it does when it steps down',
    source: '[code] io.grpc.internal.ServerImpl.shutdownNow',
  },
];

/** The typed error of a call that ended with a status. */
export function answerError(status: number, message: string): DefiniteError | IndefiniteError {
  const code = String(status);
  const definite = DEFINITE_STATUSES.find(
    (entry) => entry.status === status && new RegExp(entry.message).test(message),
  );
  const text = message === '' ? `gRPC status ${code}` : message;
  if (definite === undefined) return new IndefiniteError(text, { code });
  return new DefiniteError(definite.reason, text, { code });
}

/**
 * What an error of Alluxio 1.x tells about a call's effect, as data. The default is *indefinite*: an answer is definite
 * only if it is in this table and known to be made before anything is changed.
 *
 * Numbers are those of alluxio.thrift and gRPC (core/common/src/main/java/alluxio/exception/status/Status.java); which
 * exception gets which is in AlluxioStatusException.from. [code] names where the answer is made; [seen] says that it was
 * provoked on live clusters of 1.7.1 and 1.8.1 too, and what the call did read back (test/systems/alluxio-errors.test.ts).
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';

export interface StatusMeaning {
  readonly name: string;
  readonly outcome: 'definite' | 'indefinite';
  /** Of a definite one: `refused`, nobody to serve it; `rejected`, the master's own answer. */
  readonly reason?: 'refused' | 'rejected';
  readonly meaning: string;
  readonly source: string;
}

const INODES =
  '[code] DefaultFileSystemMaster and InodeTree look at the locked path before they journal';

/** By number. What is not here is indefinite. */
export const STATUSES: Readonly<Record<number, StatusMeaning>> = {
  1: indefinite('CANCELED', 'the master gave it up somewhere on the way'),
  2: indefinite('UNKNOWN', 'an exception that has no status'),
  3: rejected('INVALID_ARGUMENT', 'no path, or a path into itself', `${INODES}; [seen]`),
  4: indefinite('DEADLINE_EXCEEDED', 'the master waited for something in vain'),
  5: rejected(
    'NOT_FOUND',
    'no such path, or no such parent; of a worker: its id is not registered with this master (from 1.8.1 on)',
    `${INODES}; DefaultBlockMaster.commitBlock looks for the worker first; [seen]`,
  ),
  6: rejected(
    'ALREADY_EXISTS',
    'the path, or the destination of a rename, is there; the file is completed',
    `${INODES}; [seen]`,
  ),
  7: rejected('PERMISSION_DENIED', 'the user may not do that', '[code] checked before; not seen'),
  8: indefinite('RESOURCE_EXHAUSTED', 'no space: part of it may be done'),
  9: rejected('FAILED_PRECONDITION', 'the directory is not empty', `${INODES}; [seen]`),
  10: indefinite('ABORTED', 'given up on the way'),
  11: rejected('OUT_OF_RANGE', 'an offset past the end', '[code] checked first; not seen'),
  12: rejected('UNIMPLEMENTED', 'the server has no such call', '[code] nothing runs; not seen'),
  13: indefinite(
    'INTERNAL',
    'the call failed half-way: up to 1.8.0 a commitBlock for a worker that is not registered yet has journaled the ' +
      'block before it fails with a NullPointerException; [seen]',
  ),
  14: indefinite(
    'UNAVAILABLE',
    'safe mode (nothing done), a worker’s id that is not known (1.7, nothing done), or a master that lost its ' +
      'leadership before the journal was flushed; [seen]',
  ),
  15: indefinite('DATA_LOSS', 'what was stored cannot be read'),
  16: rejected('UNAUTHENTICATED', 'no user', '[code] checked before anything is done; not seen'),
};

function rejected(name: string, meaning: string, source: string): StatusMeaning {
  return { name, outcome: 'definite', reason: 'rejected', meaning, source };
}

function indefinite(name: string, meaning: string): StatusMeaning {
  return { name, outcome: 'indefinite', meaning, source: '[code] RpcUtils.call' };
}

/** Answers of UNAVAILABLE that are made before anything is done. */
const UNDONE: readonly { readonly words: RegExp; readonly reason: 'refused' | 'rejected' }[] = [
  // DefaultBlockMaster.getWorkerInfoList, before it looks: a new leader that waits for its workers
  { words: /^Alluxio master is in safe mode/, reason: 'refused' },
  // DefaultBlockMaster.commitBlock, 1.7: the worker is looked for first
  { words: /^No worker with workerId \d+ is found/, reason: 'rejected' },
];

/** Thrift's own (TApplicationException): these are made before the call's code is run. */
const UNKNOWN_METHOD = 1;

/** An exception that a call declares, before the caller says what it means for its operation. */
export class AlluxioError extends Error {
  override readonly name = 'AlluxioError';
  readonly status: number;
  /** `NOT_FOUND`, …; `UNKNOWN(n)` for a number that is not in the table. */
  readonly code: string;
  /** The server's own words. */
  readonly words: string;

  constructor(call: string, status: number, words: string) {
    const code = STATUSES[status]?.name ?? `UNKNOWN(${status})`;
    super(`${call}: ${code}: ${words}`);
    this.status = status;
    this.code = code;
    this.words = words;
  }
}

/** Thrift itself could not make the call, or not answer it. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
  readonly type: number;

  constructor(call: string, type: number, words: string) {
    super(`${call}: TApplicationException ${type}: ${words}`);
    this.type = type;
  }
}

/** The error that a client throws for this answer: DefiniteError or IndefiniteError, by the table. */
export function outcomeOf(error: AlluxioError | ApplicationError): DefiniteError | IndefiniteError {
  if (error instanceof ApplicationError) {
    const details = { code: `THRIFT(${error.type})`, cause: error };
    return error.type === UNKNOWN_METHOD
      ? new DefiniteError('rejected', error.message, details)
      : new IndefiniteError(error.message, details);
  }
  const details = { code: error.code, cause: error };
  const undone = UNDONE.find(({ words }) => words.test(error.words));
  const reason = undone?.reason ?? STATUSES[error.status]?.reason;
  return reason === undefined
    ? new IndefiniteError(error.message, details)
    : new DefiniteError(reason, error.message, details);
}

/** Runs one operation's calls; a server's error becomes what the table says it means. */
export async function settle<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AlluxioError || error instanceof ApplicationError) throw outcomeOf(error);
    throw error;
  }
}

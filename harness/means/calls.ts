/** System calls of a node's server, failed, delayed or answered without being done. */
import type { Armed } from '../nemesis.ts';

/** What happens to matching calls (strace(1), "Tampering"). */
export interface CallFault {
  /** Names of system calls: `fsync`, `fdatasync`, `write`, `pwrite64`. */
  readonly calls: readonly string[];
  /** Only calls on this file of the node; with `*` in its name on all that match when it begins. Default: any. */
  readonly path?: string;
  /** Milliseconds before the call is made. Default: 0. */
  readonly delayMs?: number;
  /** `EIO`, `ENOSPC`: the call is not made and fails with it. Default: it is made. */
  readonly error?: string;
  /** The call is not made and answers 0: a lie, for fsync. Default: false. */
  readonly lie?: boolean;
  /** Only each n-th call. Default: each. */
  readonly every?: number;
}

/** Tampering with one server. */
export interface TamperedCalls extends Armed {
  /** The server was started again: it is tampered with too, if the fault has been fired. */
  again(): void;
}

export interface NodeCalls {
  /** Makes it ready. @throws when there is no such file */
  tamper(fault: CallFault): Promise<TamperedCalls>;
}

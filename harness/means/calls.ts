/** System calls of a node's server, failed, delayed or answered without being done. */
import type { Armed } from '../nemesis.ts';

/** What happens to matching calls (strace(1), "Tampering"). */
export interface CallFault {
  /** Names of system calls: `fsync`, `fdatasync`, `write`, `pwrite64`. */
  readonly calls: readonly string[];
  /** Only calls on this file or directory of the node. Default: any. */
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

export interface NodeCalls {
  tamper(fault: CallFault): Promise<Armed>;
}

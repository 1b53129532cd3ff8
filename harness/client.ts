/**
 * Clients: how one worker talks to one node, and how it says what it knows of an operation's outcome.
 */
import type { Invocation, NodeName, Value } from './operation.ts';

/**
 * A client of one node, used by one worker, one operation at a time. Never retries, never reconnects behind the
 * worker's back in a way that would send an operation twice.
 */
export interface Client {
  /**
   * Connects. `signal` is aborted at the client's first missed deadline or at the end of the run: everything
   * in flight must then be given up and closed.
   */
  open(node: NodeName, signal: AbortSignal): Promise<void>;
  /**
   * Sends one operation and resolves with the value of its `ok` completion. Throws DefiniteError or
   * IndefiniteError; anything else thrown is a bug in the client and ends the run as `harness-failure`.
   */
  invoke(operation: Invocation): Promise<Value>;
  close(): Promise<void>;
  /** The session with the system; a new name after every reconnect. */
  session?(): string;
}

/** The operation certainly had no effect: it was sent at most once, and was refused or rejected. Becomes `fail`. */
export class DefiniteError extends Error {
  override readonly name = 'DefiniteError';
  readonly reason: 'refused' | 'rejected';
  readonly code: string | undefined;
  /** @param reason `refused`: no service; `rejected`: the system's own answer. */
  constructor(reason: 'refused' | 'rejected', message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.code = options.code;
  }
}

/** The operation may have happened, or may yet. Becomes `info` (or `fail`, for an `f` the workload calls a pure read). */
export class IndefiniteError extends Error {
  override readonly name = 'IndefiniteError';
  readonly code: string | undefined;
  constructor(message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
  }
}

export interface ErrorDetails {
  /** The system's own code. */
  readonly code?: string;
  readonly cause?: unknown;
}

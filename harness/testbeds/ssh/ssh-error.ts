/** What goes wrong with an SSH connection, told apart by what is to be done about it. */

export type SshProblem =
  /** The host's key is not the one that was expected, or not known. */
  | 'host-key-refused'
  | 'authentication-failed'
  /** No connection came about: no route, refused, no answer in time, dropped before authentication. */
  | 'host-unreachable'
  /** There was a connection, and it is gone: what was asked last may have happened or not. */
  | 'connection-lost'
  /** The server opens no more channels on this connection (`MaxSessions`). */
  | 'channel-refused'
  /** The host is not as it must be: no Perl, not root, foreign data, another run. */
  | 'host-not-usable';

/** One of these, with what was expected and what to do. */
export class SshError extends Error {
  override readonly name = 'SshError';
  readonly problem: SshProblem;
  /** As in the hosts file. */
  readonly host: string;

  constructor(problem: SshProblem, host: string, words: string, cause?: unknown) {
    super(`${host}: ${words}`, cause === undefined ? {} : { cause });
    this.problem = problem;
    this.host = host;
  }
}

/** An error as ssh2 tells it. */
export interface ClientError {
  readonly message: string;
  /** Where it arose: `client-socket`, `client-authentication`, `client-timeout`, `handshake` … */
  readonly level?: string;
  readonly code?: string;
}

/**
 * Names an error that ended an attempt to connect. What is wrong with the host's key is known before (host-key.ts).
 * @param target `user@address:port`
 */
export function connectProblem(host: string, target: string, error: ClientError): SshError {
  const { level, message } = error;
  if (level === 'client-authentication') {
    return new SshError(
      'authentication-failed',
      host,
      `${target} refuses every way to log in that its entry gives (${message}); expected its identityFile, agent ` +
        "or passwordVariable to be accepted: check the user and the host's authorized_keys",
      error,
    );
  }
  return new SshError(
    'host-unreachable',
    host,
    `${target} cannot be reached: ${message}; expected an SSH server there: check address, port and firewall, and ` +
      'MaxStartups in its sshd_config where many connect at once',
    error,
  );
}

/** Names what an established connection ended of. */
export function lossProblem(host: string, target: string, reason: string): SshError {
  return new SshError(
    'connection-lost',
    host,
    `the connection to ${target} is lost: ${reason}; what was asked of it last may have happened or not. Look whether ` +
      'the host runs and answers; it heals itself, and `faultline heal --hosts` removes what is left',
  );
}

/** Whether another attempt may end otherwise: the host was not reached, or dropped us before it asked who we are. */
export function worthRetrying(error: unknown): boolean {
  return error instanceof SshError && error.problem === 'host-unreachable';
}

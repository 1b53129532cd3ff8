/**
 * What ZooKeeper's error codes tell about an operation's outcome, as data.
 *
 * Codes and names: KeeperException.Code (zookeeper-server/src/main/java/org/apache/zookeeper/KeeperException.java).
 * `definite` only where the request was certainly not applied: the leader evaluates a request before it proposes it
 * (PrepRequestProcessor), and an error found there becomes an error transaction that changes nothing.
 *
 * Provoked on a real ensemble, with what they did read back through another server (test/systems/zookeeper-errors.test.ts):
 * those that this client's requests can meet. SESSIONEXPIRED it meets as a lost connection: it never resumes a session.
 */
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';

export interface ErrorMeaning {
  readonly name: string;
  readonly outcome: 'definite' | 'indefinite';
  /** Set when definite: `refused`, no service; `rejected`, the system's own answer. */
  readonly reason?: 'refused' | 'rejected';
  /** Where this is said. */
  readonly source: string;
}

const PREPARE = 'PrepRequestProcessor.java: evaluated by the leader before it is proposed';
const GUIDE =
  'ZooKeeper Programmer’s Guide, error handling: a lost connection leaves the outcome unknown';
const CODES = 'KeeperException.java: meaning not stated precisely; taken as unknown';

/** By code of `ReplyHeader.err`. A code that is not here is indefinite. */
export const ERRORS: Readonly<Record<number, ErrorMeaning>> = {
  [-1]: { name: 'SYSTEMERROR', outcome: 'indefinite', source: CODES },
  [-2]: { name: 'RUNTIMEINCONSISTENCY', outcome: 'indefinite', source: CODES },
  [-3]: { name: 'DATAINCONSISTENCY', outcome: 'indefinite', source: CODES },
  [-4]: { name: 'CONNECTIONLOSS', outcome: 'indefinite', source: GUIDE },
  [-5]: { name: 'MARSHALLINGERROR', outcome: 'indefinite', source: CODES },
  [-6]: rejected('UNIMPLEMENTED', 'ZooKeeperServer.java: unknown request types are refused'),
  [-7]: { name: 'OPERATIONTIMEOUT', outcome: 'indefinite', source: CODES },
  [-8]: rejected('BADARGUMENTS'),
  [-12]: { name: 'UNKNOWNSESSION', outcome: 'indefinite', source: CODES },
  [-13]: rejected('NEWCONFIGNOQUORUM'),
  [-14]: rejected('RECONFIGINPROGRESS'),
  [-100]: { name: 'APIERROR', outcome: 'indefinite', source: CODES },
  [-101]: rejected('NONODE'),
  [-102]: rejected('NOAUTH'),
  [-103]: rejected('BADVERSION'),
  [-108]: rejected('NOCHILDRENFOREPHEMERALS'),
  [-110]: rejected('NODEEXISTS'),
  [-111]: rejected('NOTEMPTY'),
  [-112]: { name: 'SESSIONEXPIRED', outcome: 'indefinite', source: GUIDE },
  [-114]: rejected('INVALIDACL'),
  [-115]: rejected(
    'AUTHFAILED',
    'FinalRequestProcessor.java and ZooKeeperServer.java: closed unserved',
  ),
  [-118]: { name: 'SESSIONMOVED', outcome: 'indefinite', source: CODES },
  [-119]: rejected(
    'NOTREADONLY',
    'ReadOnlyRequestProcessor.java: a read-only server refuses writes',
  ),
  [-122]: { name: 'REQUESTTIMEOUT', outcome: 'indefinite', source: CODES },
  [-123]: rejected('RECONFIGDISABLED'),
  [-125]: rejected(
    'QUOTAEXCEEDED',
    'ZooKeeperServer.java: quota is checked before the request is queued',
  ),
  [-127]: rejected('THROTTLEDOP', 'KeeperException.java: “throttled and not executed at all”'),
};

/** Socket errors that say that nothing listens or nothing can be reached, when raised before a request was sent. */
export const REFUSED_BEFORE_SENDING: readonly string[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
];

/** A server's answer with an error code, before the caller says what it means for its operation. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError';
  readonly number: number;
  /** `NONODE`, `BADVERSION`, …; `UNKNOWN(n)` for a code that is not in the table. */
  readonly code: string;

  constructor(number: number, request: string) {
    const code = ERRORS[number]?.name ?? `UNKNOWN(${number})`;
    super(`${request}: ${code}`);
    this.number = number;
    this.code = code;
  }
}

/** The error that a client throws for this answer: DefiniteError or IndefiniteError, by the table. */
export function outcomeOf(error: KeeperError): DefiniteError | IndefiniteError {
  const meaning = ERRORS[error.number];
  const details = { code: error.code, cause: error };
  return meaning?.reason === undefined
    ? new IndefiniteError(error.message, details)
    : new DefiniteError(meaning.reason, error.message, details);
}

function rejected(name: string, source: string = PREPARE): ErrorMeaning {
  return { name, outcome: 'definite', reason: 'rejected', source };
}

/** What an error tells about a note's outcome, as data. */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';

export interface ErrorMeaning {
  readonly meaning: string;
  readonly outcome: 'definite' | 'indefinite';
  /** Why the outcome is known, or why it is not. */
  readonly because: string;
}

/** By the code of the socket's error, or of the node's answer. A code that is not here is indefinite. */
export const ERRORS: Readonly<Record<string, ErrorMeaning>> = {
  ECONNREFUSED: {
    meaning: 'nothing listens: the process is dead',
    outcome: 'definite',
    because: 'raised by connect, before anything was sent',
  },
  EHOSTUNREACH: {
    meaning: 'no way to the node: its host is lost',
    outcome: 'definite',
    because: 'raised by connect, before anything was sent',
  },
  NOT_IN: {
    meaning: 'the node is not in the cluster',
    outcome: 'definite',
    because: 'the node answers so in place of multicasting anything (join-node.ts, note)',
  },
  ECONNRESET: {
    meaning: 'the process died, or its host was lost',
    outcome: 'indefinite',
    because: 'it may have multicast the note before, and the group delivers what was multicast',
  },
  ECONNABORTED: {
    meaning: 'the client closed at its deadline',
    outcome: 'indefinite',
    because: 'the note may wait behind a request to join, and come back later',
  },
};

/** The error that a client throws for this code. */
export function errorOf(code: string, message: string, cause?: unknown): Error {
  const details = { code, ...(cause === undefined ? {} : { cause }) };
  return ERRORS[code]?.outcome === 'definite'
    ? new DefiniteError('refused', message, details)
    : new IndefiniteError(message, details);
}

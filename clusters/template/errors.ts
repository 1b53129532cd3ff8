/**
 * What the server's errors say of an operation that was sent once. Only where it certainly had no effect is an error
 * definite; whatever is not in the table may have happened.
 */
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';

export interface KnownError {
  /** The answer's first word. */
  readonly code: string;
  /** `refused`: no service; `rejected`: the server looked at it and did nothing; null: it may have happened. */
  readonly reason: 'refused' | 'rejected' | null;
  readonly why: string;
}

/** Of Redis 7.0 (src/server.c, processCommand). */
export const ERRORS: readonly KnownError[] = [
  { code: 'LOADING', reason: 'refused', why: 'checked before the command: the log is being read' },
  {
    code: 'MISCONF',
    reason: 'refused',
    why: 'checked before the command: the log cannot be written',
  },
  { code: 'OOM', reason: 'rejected', why: 'checked before the command: no memory is left' },
  { code: 'READONLY', reason: 'refused', why: 'checked before the command: a replica was asked' },
  { code: 'WRONGTYPE', reason: 'rejected', why: 'the command looks at the type before it writes' },
  { code: 'ERR', reason: null, why: 'one word for many things' },
];

/** The error that an answer (`OOM command not allowed …`) stands for. */
export function errorOf(answer: string): DefiniteError | IndefiniteError {
  const code = answer.split(' ', 1)[0] ?? '';
  const known = ERRORS.find((error) => error.code === code);
  return known === undefined || known.reason === null
    ? new IndefiniteError(answer, { code })
    : new DefiniteError(known.reason, answer, { code });
}

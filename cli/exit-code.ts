/** Exit codes, as Jepsen's. */
import type { Validity } from '../harness/checker.ts';

export const EXIT = { valid: 0, invalid: 1, unknown: 2, wrongUse: 254, crash: 255 } as const;

/** The exit code of a verdict. */
export function exitCodeOf(validity: Validity): number {
  return EXIT[validity];
}

/** Bad input: what was wrong, what was expected. Exit 254. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

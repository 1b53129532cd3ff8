/** Exit codes, as Jepsen's. */
import type { Validity } from '../harness/checker.ts';
import { validityBesideKnown } from '../harness/known-issue.ts';
import type { RunResult } from '../harness/test.ts';

export const EXIT = { valid: 0, invalid: 1, unknown: 2, wrongUse: 254, crash: 255 } as const;

/** The exit code of a verdict. */
export function exitCodeOf(validity: Validity): number {
  return EXIT[validity];
}

/** The exit code of a run. @param allowKnown what is known does not count */
export function exitCodeOfRun(
  { validity, verdicts }: Pick<RunResult, 'validity' | 'verdicts'>,
  allowKnown: boolean,
): number {
  return EXIT[allowKnown ? validityBesideKnown(verdicts) : validity];
}

/** Bad input: what was wrong, what was expected. Exit 254. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the thread that judges online is given, and what it tells. Plain data: it crosses threads. */
import type { Anomaly, CheckerRef } from '../checker.ts';

export interface OnlineTask {
  /** The path of history.jsonl. */
  readonly history: string;
  /** With `module` ready to be imported, and `online` set. */
  readonly checkers: readonly CheckerRef[];
}

/** The first violation that a checker found. */
export interface OnlineViolation {
  readonly checker: string;
  readonly anomaly: Anomaly;
  /** Index of the operation with which it became certain. */
  readonly operation: number;
}

export type OnlineReport =
  | { readonly kind: 'violation'; readonly violation: OnlineViolation }
  /** A checker threw: a bug of ours. The run is judged afterwards all the same. */
  | { readonly kind: 'failed'; readonly checker: string; readonly message: string }
  /** Asked to stop, and everything written until then has been judged. */
  | { readonly kind: 'done'; readonly operations: number };

/** What the thread that judges files is told, and what it answers. Plain data: it crosses threads. */
import type { Certificate } from '../checkers/certificate.ts';
import type { HistoryVerdict, JudgingOptions } from '../checkers/judging/history-judge.ts';
import type { Operation } from '../harness/operation.ts';

/** One file, or several that are one history together. */
export interface FileTask {
  readonly files: readonly string[];
  readonly format: string;
  /** Null: as the file, the format or the operations tell. */
  readonly model: string | null;
  /** What was asked for; it overrides what the file says. */
  readonly options: Partial<JudgingOptions>;
  /** Of each history. */
  readonly timeMs: number;
  /** Cases at the beginning that were judged already. */
  readonly skip: number;
  /** Which of a case's own fields is wanted back. Null: none. */
  readonly field: string | null;
  /** Whether certificates are to be checked. */
  readonly validate: boolean;
}

/** A certificate, and what the validator says of it. */
export interface CheckedCertificate {
  readonly kind: Certificate['kind'];
  /** Of transactions. */
  readonly anomaly: string | null;
  /** Null: it proves what it says. */
  readonly problem: string | null;
}

/** An operation that proves something, and where it stands. */
export interface ShownOperation {
  readonly operation: Operation;
  readonly line: number;
}

/** What came of one history. */
export interface CaseResult {
  readonly number: number;
  readonly name: string | null;
  readonly model: string;
  readonly verdict: HistoryVerdict;
  readonly operations: number;
  readonly milliseconds: number;
  /** The operations named by the first anomalies. */
  readonly shown: readonly ShownOperation[];
  /** What the file's own verdict rests on and the file does not hold. Null: nothing. */
  readonly lacks: string | null;
  /** The field asked for. */
  readonly field: unknown;
  readonly checked: readonly CheckedCertificate[];
}

export type JudgeSign =
  /** It is alive: a case was begun or is being read. */
  | { readonly kind: 'reading'; readonly number: number; readonly name: string | null }
  /** What was read is given to the judge, or all of it was: a budget begins. */
  | { readonly kind: 'judging'; readonly number: number }
  | { readonly kind: 'case'; readonly result: CaseResult }
  /** Bad input: said as it is. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done' };

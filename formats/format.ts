/** Histories recorded by others: what a reader of one format is, and what it gives. */
import type { Operation } from '../harness/operation.ts';
import type { JudgingOptions } from '../checkers/judging/history-judge.ts';
import type { SourceFile } from './source-file.ts';

/** Some operations in a row, and the line of the file each of them began on (from 1). */
export interface OperationBatch {
  readonly operations: readonly Operation[];
  readonly lines: readonly number[];
}

/**
 * One history of a file. `batches` can be gone through once, and must be before the next case is asked for. Indexes count
 * from 0 in the order of the file; `node` is empty.
 */
export interface HistoryCase {
  /** Null where the file is one history. */
  readonly name: string | null;
  /** The model that the file itself names. Default: the format's, else asked for or guessed. */
  readonly model?: string;
  /** What the file itself, or the nature of its format, says about judging. */
  readonly options?: Partial<JudgingOptions>;
  /** What its verdict rests on and the file does not hold: then nothing can be compared with the verdict it tells. */
  readonly lacks?: string;
  /** The file's own fields about this case, such as the verdict expected. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly batches: AsyncIterable<OperationBatch> | Iterable<OperationBatch>;
}

/** Bounds on what is held in memory at once. */
export interface ReadingLimits {
  /** Characters of one line, or of one operation where a format does not go by lines. Default: 268 435 456. */
  readonly recordLength: number;
  /** Levels of brackets within brackets. Default: 1 000. */
  readonly depth: number;
}

/** What a string of V8 can hold, halved. */
export const READING_LIMITS: ReadingLimits = { recordLength: 2 ** 28, depth: 1_000 };

/** What `--format` names. */
export interface HistoryFormat {
  readonly name: string;
  /** One line for `--help` and the documentation. */
  readonly title: string;
  /** The model its histories are of, where there is but one. */
  readonly model?: string;
  /** Several files are one history (a session each). Default: each file is read for itself. */
  readonly joinsFiles?: boolean;
  /**
   * @throws HistoryFormatError naming file and line.
   */
  read(sources: readonly SourceFile[], limits: ReadingLimits): AsyncIterable<HistoryCase>;
}

/** A file does not hold what its format says. */
export class HistoryFormatError extends Error {
  override readonly name = 'HistoryFormatError';
  readonly file: string;
  /** From 1; 0 when it concerns the file as a whole. */
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(line === 0 ? `${file}: ${message}` : `${file}:${String(line)}: ${message}`);
    this.file = file;
    this.line = line;
  }
}

/** The beginning of a text, on one line, for error messages. */
export function excerptOf(text: string, most = 60): string {
  const short = text.length <= most ? text : `${text.slice(0, most)}…`;
  return short.replaceAll(/\s+/g, ' ');
}

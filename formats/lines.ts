/** A file by lines, without ever holding more of it than a chunk and the line being read. */
import type { ReadingLimits } from './format.ts';
import type { SourceFile } from './source-file.ts';

/** Lines in a row, without their ends. */
export interface LineBatch {
  readonly lines: readonly string[];
  /** The number of the first of them, from 1. */
  readonly first: number;
}

/**
 * The lines of a file.
 * @throws HistoryFormatError when one is longer than the limit.
 */
export async function* readLines(
  source: SourceFile,
  { recordLength }: ReadingLimits,
): AsyncGenerator<LineBatch> {
  // What came of the line that the last chunk ended in. Joined only when its end is found.
  let parts: string[] = [];
  let length = 0;
  let first = 1;
  for await (const text of source.texts()) {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      parts.push(text);
      length += text.length;
    } else {
      parts.push(text.slice(0, end));
      const lines = parts.join('').split('\n');
      yield { lines, first };
      first += lines.length;
      parts = [text.slice(end + 1)];
      length = text.length - end - 1;
    }
    source.line = first;
    if (length > recordLength) throw tooLong(source, recordLength);
  }
  const last = parts.join('');
  if (last !== '') yield { lines: [last], first };
}

/** A line, or an operation, that would have to be held in memory as one string. */
export function tooLong(source: SourceFile, recordLength: number): Error {
  return source.problem(
    `longer than ${String(recordLength)} characters; expected one line an operation ` +
      '(or a format that is read by operations, such as jepsen-edn and jepsen-json)',
  );
}

/** Our own recordings: a `history.jsonl`, or a run directory. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { JournalFormatError, parseOperation } from '../harness/journal-lines.ts';
import type { Operation } from '../harness/operation.ts';
import type { HistoryFormat, OperationBatch, ReadingLimits } from './format.ts';
import { parseJson } from './json-text.ts';
import { readLines } from './lines.ts';
import { SourceFile } from './source-file.ts';

export const FAULTLINE: HistoryFormat = {
  name: 'faultline',
  title: 'a history.jsonl of faultline, or a run directory',
  async *read(sources, limits) {
    for (const source of sources) yield { name: null, batches: batchesOf(source, limits) };
  },
};

async function* batchesOf(
  given: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const inRun = historyOfRun(given.path);
  const source = inRun === null ? given : new SourceFile(inRun);
  let index = 0;
  let time = 0;
  for await (const { lines, first } of readLines(source, limits)) {
    const operations: Operation[] = [];
    const numbers: number[] = [];
    for (const [offset, text] of lines.entries()) {
      if (text === '') continue;
      const line = first + offset;
      try {
        const operation = parseOperation(parseJson(text, source, line), index, time);
        operations.push(operation);
        time = operation.time;
      } catch (error) {
        if (error instanceof JournalFormatError) throw source.problem(error.message, line);
        throw error;
      }
      numbers.push(line);
      index++;
    }
    yield { operations, lines: numbers };
  }
}

/** The history of a run directory, gzipped or not; null when there is none. */
export function historyOfRun(directory: string): string | null {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  for (const name of ['history.jsonl', 'history.jsonl.gz']) {
    const path = join(directory, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  }
  return null;
}

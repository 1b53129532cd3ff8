/** The text histories of AWDIT: `r key value` and `w key value`, `-----` ends a transaction, `=====` a session. */
import {
  excerptOf,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { addTransaction, type MicroOperation } from './cobra.ts';
import { readLines } from './lines.ts';
import { OperationReader } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

const MICRO = /^([rw])\s+(-?[0-9]+)\s+(-?[0-9]+)$/;

export const AWDIT: HistoryFormat = {
  name: 'awdit',
  title: 'lines `r key value` and `w key value`; ----- ends a transaction, ===== a session',
  model: 'rw-register',
  async *read(sources, limits) {
    for (const source of sources) {
      yield { name: null, options: { realtime: false }, batches: batchesOf(source, limits) };
    }
  },
};

/**
 * A read of 0 that nothing wrote is a read of the initial value. Whether something did is known at the end, so this
 * format is held in memory.
 */
async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const transactions: { session: number; line: number; parts: MicroOperation[] }[] = [];
  const writesOfZero = new Set<unknown>();
  let session = 0;
  let parts: MicroOperation[] = [];
  let began = 1;
  const endTransaction = (): void => {
    if (parts.length > 0) transactions.push({ session, line: began, parts });
    parts = [];
  };
  for await (const { lines, first } of readLines(source, limits)) {
    for (const [offset, text] of lines.entries()) {
      const line = text.trim();
      if (/^-{3,}$/.test(line)) endTransaction();
      else if (/^={3,}$/.test(line)) {
        endTransaction();
        session++;
      } else if (line !== '') {
        const micro = microOf(line, source, first + offset);
        if (parts.length === 0) began = first + offset;
        if (micro[0] === 'w' && micro[2] === 0) writesOfZero.add(micro[1]);
        parts.push(micro);
      }
    }
  }
  endTransaction();
  const reader = new OperationReader(source);
  for (const { session: of, line, parts: micros } of transactions) {
    const known = micros.map((micro): MicroOperation => {
      const isInitial = micro[0] === 'r' && micro[2] === 0 && !writesOfZero.has(micro[1]);
      return isInitial ? ['r', micro[1], null] : micro;
    });
    addTransaction(reader, of, known, line);
    if (reader.waiting >= 4_096) yield reader.take();
  }
  if (reader.waiting > 0) yield reader.take();
}

function microOf(line: string, source: SourceFile, number: number): MicroOperation {
  const match = MICRO.exec(line);
  if (match === null) {
    throw source.problem(
      `expected "r key value", "w key value", ----- or =====, got ${excerptOf(line)}`,
      number,
    );
  }
  const [, f, key = '', value = ''] = match;
  return [f === 'r' ? 'r' : 'w', exact(key), exact(value)];
}

function exact(digits: string): number | string {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

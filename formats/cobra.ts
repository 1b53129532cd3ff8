/** Logs of sessions of transactions, as Cobra's: decoded to JSON, or the binary logs themselves. No real time. */
import type { Value } from '../harness/operation.ts';
import {
  excerptOf,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { fieldsOf, listIn, parseJson, shown } from './json-text.ts';
import { readLines } from './lines.ts';
import { OperationReader } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';
import { cobraTransactions } from './cobra-binary.ts';

/** A read or a write of a transaction. */
export type MicroOperation = readonly ['r' | 'w', Value, Value];

const SESSIONS_ONLY = { realtime: false } as const;

export const COBRA_JSONL: HistoryFormat = {
  name: 'cobra-jsonl',
  title: 'one JSON transaction a line: {s: session, t: index in it, ops: [["r"|"w", key, value]]}',
  model: 'rw-register',
  async *read(sources, limits) {
    for (const source of sources) {
      yield { name: null, options: SESSIONS_ONLY, batches: batchesOf(source, limits) };
    }
  },
};

export const COBRA_RAW: HistoryFormat = {
  name: 'cobra-raw',
  title: 'binary logs, one file a session, together one history',
  model: 'rw-register',
  joinsFiles: true,
  async *read(sources) {
    yield { name: null, options: SESSIONS_ONLY, batches: rawBatches(sources) };
  },
};

/** A transaction of a session: its call and its answer, one after the other; without a commit it may have happened. */
export function addTransaction(
  reader: OperationReader,
  session: number,
  transaction: readonly MicroOperation[],
  line: number,
  committed = true,
): void {
  const asked = transaction.map(([f, key, value]) => [f, key, f === 'r' ? null : value]);
  reader.push(session, 'invoke', 'txn', asked, line);
  if (committed) reader.push(session, 'ok', 'txn', transaction, line);
  else reader.push(session, 'info', 'txn', asked, line);
}

async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const reader = new OperationReader(source);
  const last = new Map<number, number>();
  for await (const { lines, first } of readLines(source, limits)) {
    for (const [offset, text] of lines.entries()) {
      if (text === '' || text === '\r') continue;
      const line = first + offset;
      const { s, t, ops } = fieldsOf(parseJson(text, source, line), 'a transaction', source, line);
      if (typeof s !== 'number' || !Number.isSafeInteger(s) || s < 0) {
        throw source.problem(`s: expected a session, a whole number, got ${shown(s)}`, line);
      }
      if (typeof t === 'number') {
        const before = last.get(s);
        if (before !== undefined && t <= before) {
          throw source.problem(
            `t: expected more than ${String(before)}, the transaction before in session ${String(s)}, got ${String(t)}`,
            line,
          );
        }
        last.set(s, t);
      }
      const transaction = listIn(ops, 'ops', source, line).map((op) => microOf(op, source, line));
      addTransaction(reader, s, transaction, line);
    }
    if (reader.waiting > 0) yield reader.take();
  }
}

function microOf(operation: unknown, source: SourceFile, line: number): MicroOperation {
  const parts: readonly unknown[] = Array.isArray(operation) ? operation : [];
  const [f, key, value] = parts;
  if ((f !== 'r' && f !== 'w') || key === undefined) {
    const got = excerptOf(JSON.stringify(operation));
    throw source.problem(`expected ["r"|"w", key, value], got ${got}`, line);
  }
  return [f, key as Value, (value ?? null) as Value];
}

async function* rawBatches(sources: readonly SourceFile[]): AsyncGenerator<OperationBatch> {
  const [whole] = sources;
  if (whole === undefined) return;
  // One numbering for all sessions; what is wrong with a file is said by its own source.
  const reader = new OperationReader(whole);
  for (const [session, source] of sources.entries()) {
    let count = 0;
    for await (const { parts, committed } of cobraTransactions(source)) {
      addTransaction(reader, session, parts, ++count, committed);
      if (reader.waiting >= 4_096) yield reader.take();
    }
  }
  if (reader.waiting > 0) yield reader.take();
}

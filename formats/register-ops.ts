/** Operations with the ranks of their two ends: `{p, f, v, call, ret, type, out}`, ret null when it never completed. */
import { unknownName } from '../harness/nearest.ts';
import type { OperationType, Value } from '../harness/operation.ts';
import {
  excerptOf,
  type HistoryCase,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { fieldsOf, listIn, parseJson, shown } from './json-text.ts';
import { readLines } from './lines.ts';
import { OperationReader } from './operation-reader.ts';
import { RankedOperations, type RankedOperation } from './ranked-operations.ts';
import type { SourceFile } from './source-file.ts';

export const REGISTER_OPS: HistoryFormat = {
  name: 'register-ops',
  title: 'one JSON operation a line: {p, f, v, call, ret, type, out}, in the order of the calls',
  model: 'cas-register',
  async *read(sources, limits) {
    for (const source of sources) yield { name: null, batches: batchesOf(source, limits) };
  },
};

export const REGISTER_CASES: HistoryFormat = {
  name: 'register-cases',
  title: 'one JSON history a line: {id, ops: [[p, f, v, call, ret, type, out]]}',
  model: 'cas-register',
  async *read(sources, limits) {
    for (const source of sources) yield* casesOf(source, limits);
  },
};

async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const reader = new OperationReader(source);
  const ranked = new RankedOperations(source, reader);
  for await (const { lines, first } of readLines(source, limits)) {
    for (const [offset, text] of lines.entries()) {
      if (text === '' || text === '\r') continue;
      const line = first + offset;
      const { p, f, v, call, ret, type, out } = fieldsOf(
        parseJson(text, source, line),
        'an operation',
        source,
        line,
      );
      ranked.add(checked([p, f, v, call, ret, type, out], source, line), line);
    }
    if (reader.waiting > 0) yield reader.take();
  }
  ranked.end();
  if (reader.waiting > 0) yield reader.take();
}

async function* casesOf(source: SourceFile, limits: ReadingLimits): AsyncGenerator<HistoryCase> {
  for await (const { lines, first } of readLines(source, limits)) {
    for (const [offset, text] of lines.entries()) {
      if (text.trim() === '') continue;
      const line = first + offset;
      const fields = fieldsOf(parseJson(text, source, line), 'a history', source, line);
      const { ops, ...rest } = fields;
      const list = listIn(ops, 'ops', source, line).map((operation) =>
        checked(listIn(operation, 'an operation', source, line), source, line),
      );
      list.sort((a, b) => a.call - b.call);
      const reader = new OperationReader(source);
      const ranked = new RankedOperations(source, reader);
      for (const operation of list) ranked.add(operation, line);
      ranked.end();
      yield { name: nameOf(rest['id'], line), fields: rest, batches: [reader.take()] };
    }
  }
}

const TYPES: readonly unknown[] = ['ok', 'fail', 'info'];

/** `[p, f, v, call, ret, type, out]`. @throws HistoryFormatError */
function checked(parts: readonly unknown[], source: SourceFile, line: number): RankedOperation {
  const [process, f, input, call, end, type, output] = parts;
  const wrong = (name: string, expected: string, got: unknown): never => {
    throw source.problem(`${name}: expected ${expected}, got ${shown(got)}`, line);
  };
  if (!isCount(process)) return wrong('p', 'a whole number', process);
  if (typeof f !== 'string') return wrong('f', 'a name', f);
  if (!isCount(call)) return wrong('call', 'a rank, a whole number', call);
  if (end !== null && end !== undefined && !isCount(end))
    return wrong('ret', 'a rank or null', end);
  if (typeof end === 'number' && end <= call)
    return wrong('ret', `a rank above call ${String(call)}`, end);
  if (!TYPES.includes(type)) {
    throw source.problem(unknownName('type', excerptOf(String(type)), TYPES.map(String)), line);
  }
  return {
    process,
    f,
    input: (input ?? null) as Value,
    output: (output ?? null) as Value,
    call,
    end: end ?? null,
    type: type as OperationType,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function nameOf(id: unknown, line: number): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : `line-${String(line)}`;
}

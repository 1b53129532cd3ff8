/** Histories with the verdict that Elle gave: one case a line, or one history with a header line. */
import type { JudgingOptions } from '../checkers/judging/history-judge.ts';
import {
  excerptOf,
  type HistoryCase,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { fieldsOf, listIn, parseJson } from './json-text.ts';
import { readLines } from './lines.ts';
import { OperationReader } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Adds one operation as its format writes it. */
type AddOperation = (
  operations: OperationReader,
  operation: unknown,
  source: SourceFile,
  line: number,
) => void;

export const ELLE_GOLDEN: HistoryFormat = {
  name: 'elle-golden',
  title:
    'one JSON object a line: {workload, opts, history: [{index, process, type, f, value}], result}',
  read: (sources, limits) => casesOf(sources, limits, addFields),
};

export const ELLE_ORACLE: HistoryFormat = {
  name: 'elle-oracle',
  title:
    'one JSON object a line: {id, workload, opts, history: [[index, process, type, value]], result}',
  read: (sources, limits) => casesOf(sources, limits, addTuple),
};

export const ELLE_PERF: HistoryFormat = {
  name: 'elle-perf',
  title:
    'a header line {id, workload, opts, result}, then one [index, process, type, value] a line',
  async *read(sources, limits) {
    for (const source of sources) yield await historyWithHeader(source, limits);
  },
};

async function* casesOf(
  sources: readonly SourceFile[],
  limits: ReadingLimits,
  add: AddOperation,
): AsyncGenerator<HistoryCase> {
  for (const source of sources) {
    let count = 0;
    for await (const { lines, first } of readLines(source, limits)) {
      for (const [offset, text] of lines.entries()) {
        if (text.trim() === '') continue;
        const line = first + offset;
        const fields = fieldsOf(parseJson(text, source, line), 'a case', source, line);
        yield caseOf(fields, ++count, source, line, add);
      }
    }
  }
}

function caseOf(
  fields: Fields,
  count: number,
  source: SourceFile,
  line: number,
  add: AddOperation,
): HistoryCase {
  const { history, ...rest } = fields;
  const reader = new OperationReader(source);
  for (const operation of listIn(history, 'history', source, line)) {
    add(reader, operation, source, line);
  }
  return { ...describe(rest, count, source, line), batches: [reader.take()] };
}

async function historyWithHeader(source: SourceFile, limits: ReadingLimits): Promise<HistoryCase> {
  const batches = readLines(source, limits);
  const next = await batches.next();
  const { lines, first } = next.done === true ? { lines: [], first: 1 } : next.value;
  const at = lines.findIndex((line) => line.trim() !== '');
  if (at < 0) throw source.problem('expected a header line such as {"workload": …}', 1);
  const line = first + at;
  const header = fieldsOf(parseJson(lines[at] ?? '', source, line), 'a header', source, line);
  const rest = { lines: lines.slice(at + 1), first: line + 1 };
  async function* operations(): AsyncGenerator<OperationBatch> {
    const reader = new OperationReader(source);
    yield read(rest, reader);
    for await (const batch of batches) yield read(batch, reader);
  }
  const read = (
    batch: { readonly lines: readonly string[]; readonly first: number },
    reader: OperationReader,
  ): OperationBatch => {
    for (const [offset, text] of batch.lines.entries()) {
      const number = batch.first + offset;
      if (text !== '' && text !== '\r') {
        addTuple(reader, parseJson(text, source, number), source, number);
      }
    }
    return reader.take();
  };
  return { ...describe(header, 1, source, line), name: null, batches: operations() };
}

function addFields(
  reader: OperationReader,
  operation: unknown,
  source: SourceFile,
  line: number,
): void {
  const { process, type, f, value, time } = fieldsOf(operation, 'an operation', source, line);
  reader.add({ process, type, f: f ?? 'txn', value, time }, line);
}

function addTuple(
  reader: OperationReader,
  operation: unknown,
  source: SourceFile,
  line: number,
): void {
  const parts = listIn(operation, 'an operation [index, process, type, value]', source, line);
  if (parts.length !== 4) {
    throw source.problem(
      `expected [index, process, type, value], got ${excerptOf(JSON.stringify(parts))}`,
      line,
    );
  }
  reader.add({ process: parts[1], type: parts[2], f: 'txn', value: parts[3] }, line);
}

/** What stands beside the operations. */
function describe(
  fields: Fields,
  count: number,
  source: SourceFile,
  line: number,
): Omit<HistoryCase, 'batches'> {
  const { workload, id, test, opts, testing } = fields;
  const options = fieldsOf(opts ?? {}, 'opts', source, line);
  const lacks = lackedBy(testing, options);
  const name =
    typeof id === 'string' ? id : `${typeof test === 'string' ? test : 'case'}-${String(count)}`;
  return {
    name,
    fields,
    ...(typeof workload === 'string' ? { model: workload } : {}),
    ...(lacks === null ? {} : { lacks }),
    options: elleOptions(options, source, line),
  };
}

/**
 * Elle may be told the order of the transactions, by their indexes. Captured tests of it name the option and do not hold
 * it; without it Elle finds their histories valid.
 */
function lackedBy(testing: unknown, opts: Fields): string | null {
  const option = 'transaction-order';
  const isAboutIt = typeof testing === 'string' && testing.includes(option);
  return isAboutIt && opts[option] === undefined ? `opts without ${option}` : null;
}

const VERSION_ORDERS = ['wfr-keys', 'sequential-keys', 'linearizable-keys'] as const;

/**
 * Elle's options as ours. Without consistency models Elle holds a history against strict serializability; where they
 * are null, against the anomalies named only.
 */
function elleOptions(opts: Fields, source: SourceFile, line: number): Partial<JudgingOptions> {
  const models = opts['consistency-models'];
  const names = (value: unknown, what: string): string[] =>
    listIn(value ?? [], what, source, line).map(String);
  const anomalies = names(opts['anomalies'], 'anomalies');
  return {
    consistency:
      models === undefined ? ['strict-serializable'] : names(models, 'consistency-models'),
    ...(anomalies.length > 0 ? { anomalies } : {}),
    versionOrders: VERSION_ORDERS.filter((order) => opts[`${order}?`] === true),
  };
}

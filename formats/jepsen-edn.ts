/** Operation maps in EDN, as Jepsen, Knossos and Elle write them: one after another, or in a vector. */
import { EdnReader, type EdnRecord } from './edn-reader.ts';
import {
  excerptOf,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { OperationReader, type LooseOperation } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

/** What an operation map says, by the names of its members. */
type Reading = (fields: Readonly<Record<string, unknown>>) => LooseOperation;

const JEPSEN: Reading = (fields) => fields as unknown as LooseOperation;
/** A map's keys stand beside the values: `{:f :append, :key "0", :value "x"}`. */
const PORCUPINE: Reading = (fields) => ({
  ...(fields as unknown as LooseOperation),
  value: [fields['key'] ?? null, fields['value'] ?? null],
});

export const JEPSEN_EDN: HistoryFormat = {
  name: 'jepsen-edn',
  title: 'EDN operation maps of Jepsen, Knossos and Elle: a vector of them, or one after another',
  read: (sources, limits) => casesOf(sources, limits, JEPSEN),
};

export const PORCUPINE_KV: HistoryFormat = {
  name: 'porcupine-kv',
  title: 'EDN operation maps of a key-value store, with the key beside the value',
  model: 'kv',
  read: (sources, limits) => casesOf(sources, limits, PORCUPINE),
};

async function* casesOf(
  sources: readonly SourceFile[],
  limits: ReadingLimits,
  reading: Reading,
): AsyncGenerator<{ name: null; batches: AsyncGenerator<OperationBatch> }> {
  for (const source of sources) yield { name: null, batches: batchesOf(source, limits, reading) };
}

async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
  reading: Reading,
): AsyncGenerator<OperationBatch> {
  const reader = new EdnReader(source, limits);
  const operations = new OperationReader(source);
  const addAll = (records: readonly EdnRecord[]): void => {
    for (const { value, line } of records) operations.add(reading(mapIn(value, line)), line);
  };
  const mapIn = (value: unknown, line: number): Readonly<Record<string, unknown>> => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
    const got = excerptOf(JSON.stringify(value));
    throw source.problem(`expected an operation map such as {:type :invoke …}, got ${got}`, line);
  };
  for await (const text of source.texts()) {
    addAll(reader.push(text));
    source.line = reader.line;
    if (operations.waiting > 0) yield operations.take();
  }
  addAll(reader.end());
  if (operations.waiting > 0) yield operations.take();
}

/** Operation maps as JSON objects: a list of them, or one after another. */
import type { HistoryFormat, OperationBatch, ReadingLimits } from './format.ts';
import { JsonRecords, type JsonRecord } from './json-records.ts';
import { fieldsOf, parseJson } from './json-text.ts';
import { OperationReader, type LooseOperation } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

export const JEPSEN_JSON: HistoryFormat = {
  name: 'jepsen-json',
  title: 'JSON operation objects with the members of Jepsen: a list of them, or one after another',
  async *read(sources, limits) {
    for (const source of sources) yield { name: null, batches: batchesOf(source, limits) };
  },
};

async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const reader = new JsonRecords(source, limits);
  const operations = new OperationReader(source);
  const add = ({ text, line }: JsonRecord): void => {
    const fields = fieldsOf(parseJson(text, source, line), 'an operation', source, line);
    operations.add(withoutColons(fields), line);
  };
  for await (const text of source.texts()) {
    for (const record of reader.push(text)) add(record);
    source.line = reader.line;
    if (operations.waiting > 0) yield operations.take();
  }
  reader.end();
}

/** Some exporters write keywords with their colon. */
function withoutColons(fields: Readonly<Record<string, unknown>>): LooseOperation {
  const loose = fields as unknown as LooseOperation;
  const { type, f, process } = loose;
  if (!isKeyword(type) && !isKeyword(f) && !isKeyword(process)) return loose;
  const bare = (word: unknown): unknown => (isKeyword(word) ? word.slice(1) : word);
  return { ...loose, type: bare(type), f: bare(f), process: bare(process) };
}

function isKeyword(word: unknown): word is string {
  return typeof word === 'string' && word.startsWith(':');
}

/** Lines of a Jepsen log: `INFO  jepsen.util - <process>\t:<type>\t:<f>\t<value>`. Other lines are not looked at. */
import { EdnReader } from './edn-reader.ts';
import {
  excerptOf,
  type HistoryFormat,
  type OperationBatch,
  type ReadingLimits,
} from './format.ts';
import { readLines } from './lines.ts';
import { OperationReader } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

/** Logs also carry an error after the value; it says nothing that is judged. */
const OPERATION = /jepsen\.util\s+-\s+(\S+)\s+:(\w+)\s+:(\S+)\s+(.*)$/;
const OF_JEPSEN = /jepsen\.util\s+-\s/;

export const JEPSEN_LOG: HistoryFormat = {
  name: 'jepsen-log',
  title: 'the log of a Jepsen run: lines of jepsen.util with process, type, f and value',
  async *read(sources, limits) {
    for (const source of sources) yield { name: null, batches: batchesOf(source, limits) };
  },
};

async function* batchesOf(
  source: SourceFile,
  limits: ReadingLimits,
): AsyncGenerator<OperationBatch> {
  const operations = new OperationReader(source);
  for await (const { lines, first } of readLines(source, limits)) {
    for (const [offset, line] of lines.entries()) {
      const number = first + offset;
      const match = OPERATION.exec(line.trimEnd());
      if (match === null) {
        if (!OF_JEPSEN.test(line)) continue;
        const got = excerptOf(line);
        throw source.problem(`expected <process> :<type> :<f> <value>, got ${got}`, number);
      }
      const [, process = '', type, f, value = ''] = match;
      operations.add(
        {
          process: /^-?[0-9]+$/.test(process) ? Number(process) : process,
          type,
          f,
          value: valueOf(value, source, limits, number),
        },
        number,
      );
    }
    if (operations.waiting > 0) yield operations.take();
  }
}

/** Read as the only member of a map, because lists would be gone into. */
function valueOf(text: string, source: SourceFile, limits: ReadingLimits, line: number): unknown {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  if (text === 'nil') return null;
  const reader = new EdnReader(source, limits, line);
  const records = [...reader.push(`{:value (${text}\n)}`), ...reader.end()];
  const [record] = records;
  const { value } = (record?.value ?? {}) as { value?: readonly unknown[] };
  // A value may be followed by the error.
  return value?.[0] ?? null;
}

/** Which format a file is in, by what it begins with. */
import { statSync } from 'node:fs';
import { historyOfRun } from './faultline.ts';
import { HistoryFormatError } from './format.ts';
import { SourceFile } from './source-file.ts';

/** Looked at; what is beyond does not matter. */
const HEAD_BYTES = 65_536;

/**
 * The name of the format, null when none fits.
 * @throws HistoryFormatError when there is nothing to look at.
 */
export async function guessFormat(path: string): Promise<string | null> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    if (historyOfRun(path) !== null) return 'faultline';
    throw new HistoryFormatError(
      path,
      0,
      'is a directory without a history.jsonl; expected a file or a run directory',
    );
  }
  const head = await headOf(path);
  if (head.length === 0) throw new HistoryFormatError(path, 0, 'is empty; expected a history');
  if (isCobraLog(head)) return 'cobra-raw';
  return ofText(head.toString('utf8').replace(/^\uFEFF/, ''));
}

async function headOf(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of new SourceFile(path).chunks()) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, HEAD_BYTES);
}

/** A start record, and after it another record; text has no such bytes. */
function isCobraLog(head: Buffer): boolean {
  return (
    head[0] === 0x53 &&
    head.length >= 9 &&
    head.subarray(1, 9).includes(0) &&
    (head.length === 9 || 'RWCS'.includes(String.fromCharCode(head[9] ?? 0)))
  );
}

function ofText(text: string): string | null {
  const lines = text.split('\n');
  const first = lines.find((line) => line.trim() !== '')?.trim() ?? '';
  if (lines.some((line) => /jepsen\.util\s+-\s+\S+\s+:/.test(line))) return 'jepsen-log';
  if (/^(?:[rw]\s+-?\d+\s+-?\d+|-{3,}|={3,})$/.test(first)) return 'awdit';
  const json = objectOf(first);
  if (json !== null) return ofJson(json, lines.slice(lines.indexOf(first) + 1));
  if (/^(?:\[\s*)?\{\s*"[^"]*"\s*:/.test(text.trimStart())) return ofLongJson(first);
  if (/^(?:[[({#;\s]|\\)/.test(text)) return ofEdn(text);
  return null;
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function ofJson(fields: Readonly<Record<string, unknown>>, rest: readonly string[]): string | null {
  const has = (...names: string[]): boolean => names.every((name) => name in fields);
  if (has('history') && Array.isArray(fields['history'])) {
    const [operation] = fields['history'] as readonly unknown[];
    return Array.isArray(operation) ? 'elle-oracle' : 'elle-golden';
  }
  if (has('workload')) return rest.some((line) => line.startsWith('[')) ? 'elle-perf' : null;
  if (has('p', 'f', 'call')) return 'register-ops';
  if (has('s', 'ops')) return 'cobra-jsonl';
  if (has('ops')) return 'register-cases';
  if (has('index', 'time', 'process', 'type', 'f', 'node')) return 'faultline';
  if (has('type')) return 'jepsen-json';
  return null;
}

/** The first line is longer than what was looked at, or the objects are in a list. */
function ofLongJson(first: string): string | null {
  if (first.startsWith('[')) return 'jepsen-json';
  const history = /"history"\s*:\s*\[\s*(\[|\{)/.exec(first);
  if (history !== null) return history[1] === '[' ? 'elle-oracle' : 'elle-golden';
  if (/"ops"\s*:\s*\[\s*\[/.test(first)) {
    return /^\{\s*"s"\s*:/.test(first) ? 'cobra-jsonl' : 'register-cases';
  }
  if (/"type"\s*:/.test(first)) return 'jepsen-json';
  return null;
}

function ofEdn(text: string): string | null {
  if (!/:(?:type|process|f)\s/.test(text)) return null;
  const start = text.slice(0, 4_096);
  return /:key\s/.test(start) && /:f\s+:(?:get|put|append)\b/.test(start)
    ? 'porcupine-kv'
    : 'jepsen-edn';
}

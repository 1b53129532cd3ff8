/**
 * Reads a run directory back, trusting nothing: a half-written last line is dropped with a warning, anything else that
 * is not as it was written is an error that names file, line and what was expected.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from './event.ts';
import { MalformedHistoryError, pairs } from './history.ts';
import { JournalFormatError, parseEvent, parseFault, parseOperation } from './journal-lines.ts';
import type { FaultRecord } from './nemesis.ts';
import type { Nanoseconds, Operation } from './operation.ts';

/** Up to when all journals are complete; rewritten with every flush. */
export const WATERMARK_FILE = 'watermark';
/** How many lines each journal has; written when all were closed. */
export const CLOSED_FILE = 'closed.json';

/** A journal does not hold what was written to it. */
export class CorruptJournalError extends Error {
  override readonly name = 'CorruptJournalError';
  readonly file: string;
  /** From 1; 0 when it concerns the file as a whole. */
  readonly line: number;
  constructor(file: string, line: number, message: string) {
    super(line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`);
    this.file = file;
    this.line = line;
  }
}

/** A run as it was stored. */
export interface StoredRun {
  /** spec.json. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly history: Operation[];
  readonly events: RunEvent[];
  readonly faults: FaultRecord[];
  /** What a reader should know of its state, a sentence each. */
  readonly warnings: string[];
  /**
   * The run did not end in good order, and is cut to the time up to which all its journals are complete: to be judged
   * for safety only.
   */
  readonly cutOff: boolean;
}

type Journals = Pick<StoredRun, 'history' | 'events' | 'faults' | 'warnings'> & { torn: boolean };

/**
 * Reads a run directory.
 * @throws CorruptJournalError
 */
export function readRun(directory: string): StoredRun {
  const spec = readSpec(join(directory, 'spec.json'));
  const run = parseRun((name) => join(directory, name));
  const closed = checkClosed(directory, run);
  if (closed) return { ...run, spec, cutOff: false };
  const limit = completeUntil(directory, run);
  run.warnings.push(
    `the run was cut off: its journals are complete up to ${(limit / 1e9).toFixed(3)} s, and it is judged up to there`,
  );
  return { spec, ...cut(run, limit), warnings: run.warnings, cutOff: true };
}

/** @param source the path of a journal, or what is in it. @throws CorruptJournalError */
export function parseRun(source: (name: string) => string | Buffer): Journals {
  const warnings: string[] = [];
  const torn: string[] = [];
  const read = <T>(name: string, parse: (value: unknown, position: number) => T): T[] =>
    readLines(source(name), name, parse, (warning) => {
      warnings.push(warning);
      torn.push(name);
    });
  let lastTime: Nanoseconds = 0;
  const history = read('history.jsonl', (value, position) => {
    const operation = parseOperation(value, position, lastTime);
    lastTime = operation.time;
    return operation;
  });
  checkPairs(history);
  const events = read('events.jsonl', parseEvent);
  const faults = read('faults.jsonl', parseFault);
  return { history, events, faults, warnings, torn: torn.length > 0 };
}

function readSpec(path: string): Readonly<Record<string, unknown>> {
  if (!existsSync(path)) {
    throw new CorruptJournalError(path, 0, 'no such file; expected a run directory with spec.json');
  }
  try {
    const spec = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (typeof spec === 'object' && spec !== null && !Array.isArray(spec)) {
      return spec as Record<string, unknown>;
    }
  } catch (error) {
    throw new CorruptJournalError(path, 0, `not JSON: ${(error as Error).message}`);
  }
  throw new CorruptJournalError(path, 0, 'expected a JSON object');
}

function checkPairs(history: readonly Operation[]): void {
  try {
    pairs(history);
  } catch (error) {
    if (!(error instanceof MalformedHistoryError)) throw error;
    throw new CorruptJournalError('history.jsonl', error.position + 1, error.message);
  }
}

/** Whether the run ended in good order. @throws CorruptJournalError when lines were lost since */
function checkClosed(directory: string, run: Journals): boolean {
  const path = join(directory, CLOSED_FILE);
  if (!existsSync(path)) return false;
  if (run.torn) return false;
  const counts = readSpec(path);
  const found = {
    'history.jsonl': run.history,
    'events.jsonl': run.events,
    // What a guardian adds for a harness that hangs is not of the harness's own count.
    'faults.jsonl': run.faults.filter((record) => !('by' in record)),
  };
  for (const [name, lines] of Object.entries(found)) {
    const expected = Number(counts[name] ?? 0);
    if (expected !== lines.length) {
      throw new CorruptJournalError(
        name,
        0,
        `has ${lines.length} lines, expected ${expected} (${CLOSED_FILE}): lines were lost or added`,
      );
    }
  }
  return true;
}

/** The watermark, or failing that the least of the journals' last times. */
function completeUntil(directory: string, run: Journals): Nanoseconds {
  const path = join(directory, WATERMARK_FILE);
  const written = existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : NaN;
  if (Number.isSafeInteger(written)) return written;
  return Math.min(run.history.at(-1)?.time ?? 0, run.events.at(-1)?.notAfter ?? 0);
}

function cut(
  { history, events, faults }: Journals,
  limit: Nanoseconds,
): Omit<Journals, 'warnings' | 'torn'> {
  return {
    history: history.filter(({ time }) => time <= limit),
    events: events.filter(({ notAfter }) => notAfter <= limit),
    faults: faults.filter((record) => record.state === 'intended' || record.notAfter <= limit),
  };
}

/** Large files do not fit into one string; what is read of them at once is garbage that should die young. */
const READ_BYTES = 1 << 16;

/** @returns what is parsed of each line; a missing file has none */
function readLines<T>(
  source: string | Buffer,
  name: string,
  parse: (value: unknown, position: number) => T,
  warn: (warning: string) => void,
): T[] {
  const results: T[] = [];
  const take = (line: string): void => {
    results.push(parseLine(line, name, results.length, parse));
  };
  const rest = typeof source === 'string' ? eachLine(source, take) : eachLineOf(source, take);
  if (rest.length > 0) {
    warn(
      `${name}: the last line (${results.length + 1}) is half-written (${rest.length} bytes); it was dropped`,
    );
  }
  return results;
}

function parseLine<T>(
  line: string,
  name: string,
  position: number,
  parse: (value: unknown, position: number) => T,
): T {
  try {
    return parse(JSON.parse(line), position);
  } catch (error) {
    if (error instanceof JournalFormatError) {
      throw new CorruptJournalError(name, position + 1, error.message);
    }
    if (!(error instanceof SyntaxError)) throw error;
    const shown = line.length > 80 ? `${line.slice(0, 80)}…` : line;
    throw new CorruptJournalError(
      name,
      position + 1,
      `expected a line of JSON, got ${JSON.stringify(shown)} (${error.message})`,
    );
  }
}

/** Calls back with each whole line of the file; returns what follows the last newline. */
function eachLine(path: string, take: (line: string) => void): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, 'r');
  try {
    let block: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    let held = 0;
    for (;;) {
      if (held === block.length) block = Buffer.concat([block, Buffer.alloc(held)]);
      const size = readSync(file, block, held, block.length - held, null);
      const bytes = block.subarray(0, held + size);
      if (size === 0) return bytes;
      const rest = eachLineOf(bytes, take);
      held = rest.copy(block);
    }
  } finally {
    closeSync(file);
  }
}

/** Decodes up to the last newline at once; that byte never occurs inside another character. */
function eachLineOf(bytes: Buffer, take: (line: string) => void): Buffer {
  const end = bytes.lastIndexOf(10);
  if (end < 0) return bytes;
  for (const line of bytes.toString('utf8', 0, end).split('\n')) take(line);
  return bytes.subarray(end + 1);
}

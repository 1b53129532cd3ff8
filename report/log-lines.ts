/** Lines of the nodes' logs on the run's time axis, around the failure. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface LogLine {
  readonly node: string;
  /** Microseconds since the run began. */
  readonly at: number;
  readonly line: string;
}

const MARGIN_MICROS = 2_000_000;
const MOST_LINES = 400;
const LINE_LIMIT = 300;
const LONGEST_FILE = 64 * 1024 * 1024;

/** Lines within the window that carry a time of their own (nodes' clocks are the host's; UTC). */
export function logLinesAround(
  nodesDirectory: string,
  spec: Readonly<Record<string, unknown>>,
  window: { readonly from: number; readonly to: number; readonly failure: boolean },
): readonly LogLine[] {
  const began = spec['began'] as { wallMillis: number; monotonicNanos: number } | undefined;
  if (!window.failure || began === undefined || !existsSync(nodesDirectory)) return [];
  const origin = began.wallMillis * 1000 - began.monotonicNanos / 1000;
  const lines = readdirSync(nodesDirectory).flatMap((node) =>
    logFiles(join(nodesDirectory, node)).flatMap((file) => linesOf(node, file, origin)),
  );
  return lines
    .filter(({ at }) => at >= window.from - MARGIN_MICROS && at <= window.to + MARGIN_MICROS)
    .sort((a, b) => rank(a, window) - rank(b, window))
    .slice(0, MOST_LINES)
    .sort((a, b) => a.at - b.at);
}

/** Which lines to keep when there are too many: warnings and errors first, then those nearest to the failure's ends. */
function rank(
  { at, line }: LogLine,
  window: { readonly from: number; readonly to: number },
): number {
  const distance = Math.min(Math.abs(at - window.from), Math.abs(at - window.to));
  return isWarning(line) ? distance - 1e12 : distance;
}

/** Whether a log line is of level WARN or above, as log4j, logback and zap (JSON) write it. */
export function isWarning(line: string): boolean {
  return /\b(WARN|WARNING|ERROR|FATAL|PANIC)\b|"level":"(warn|error|fatal|panic)"/.test(line);
}

function logFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(directory, name));
}

function linesOf(node: string, file: string, originMicros: number): LogLine[] {
  const text = readFileSync(file, 'utf8').slice(-LONGEST_FILE);
  return text.split('\n').flatMap((line) => {
    const wall = wallMicros(line, originMicros);
    return wall === null
      ? []
      : [{ node, at: wall - originMicros, line: line.slice(0, LINE_LIMIT) }];
  });
}

/**
 * The time a log line tells, in microseconds since 1970: ISO 8601 date and time, or a time of day (of the run's day).
 */
export function wallMicros(line: string, originMicros: number): number | null {
  const iso = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,](\d{1,6})/.exec(line);
  if (iso !== null) return fromParts(iso[1] ?? '', iso[2] ?? '', iso[3] ?? '');
  const time = /\b(\d\d:\d\d:\d\d)[.,](\d{1,6})/.exec(line.slice(0, 60));
  if (time === null) return null;
  const day = new Date(originMicros / 1000).toISOString().slice(0, 10);
  const micros = fromParts(day, time[1] ?? '', time[2] ?? '');
  // A run over midnight: a time of day before the beginning belongs to the next day.
  return micros < originMicros - 60_000_000 ? micros + 86_400_000_000 : micros;
}

function fromParts(day: string, time: string, fraction: string): number {
  return new Date(`${day}T${time}Z`).getTime() * 1000 + Number(fraction.padEnd(6, '0'));
}

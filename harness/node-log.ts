/** The end of a node's log, for messages: what a server says last is most often why it does not serve. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeName } from './operation.ts';

/** So much of a log's end is looked at. */
const TAIL_BYTES = 16 * 1024;
const LINES = 8;
const LONGEST_LINE = 300;

/**
 * The last lines of a node's logs as they are on disk by now, each with two spaces before it.
 * @param directory the run's; null when none is kept. @returns one line in words when there is nothing to show
 */
export function lastLogLines(directory: string | null, node: NodeName): string {
  const lines = directory === null ? [] : logsOf(join(directory, 'nodes', node)).flatMap(endOf);
  if (lines.length === 0) return `${node} logged nothing`;
  const shown = lines.slice(-LINES).map((line) => `  ${line.slice(0, LONGEST_LINE)}`);
  return [`${node} logged last:`, ...shown].join('\n');
}

function logsOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.sort().map((name) => join(folder, name));
}

/** The lines of a file's end, without empty ones. */
function endOf(path: string): readonly string[] {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - from);
    const length = readSync(descriptor, bytes, 0, bytes.length, from);
    const lines = bytes.toString('utf8', 0, length).split('\n');
    // The first may be only half there.
    const whole = from === 0 ? lines : lines.slice(1);
    return whole.map((line) => line.trimEnd()).filter((line) => line !== '');
  } finally {
    closeSync(descriptor);
  }
}

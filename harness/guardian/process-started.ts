/** Which process a pid means: pids are used again, start times are not. */
import { readFileSync } from 'node:fs';

/** The start time of a live process from /proc (field 22 of stat, proc(5)), or null when there is none. */
export function processStarted(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and parentheses; fields are counted after its closing one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, whatever its parent does about it.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null; // No such process.
  }
}

/** Which process a pid means: pids are used again, start times are not. */
import { readFileSync } from 'node:fs';

/** The start time of a live process from /proc (field 22 of stat, proc(5)), or null when there is none. */
export function processStarted(pid: number): string | null {
  const fields = fieldsFromState(pid);
  // A zombie is dead, whatever its parent does about it.
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

/** The letter of a process's state (field 3 of stat, proc(5)), or null when there is no such process. */
export function processState(pid: number): string | null {
  return fieldsFromState(pid)[0] ?? null;
}

/** Field 3 of stat and those behind it. None: no such process. */
function fieldsFromState(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and parentheses; fields are counted after its closing one.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // It ended.
  }
}

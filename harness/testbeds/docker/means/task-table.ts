/** The threads of a node's server as the host's kernel knows them (proc(5), /proc/PID/task/TID). */
import { readdirSync, readFileSync } from 'node:fs';

/** One thread. */
export interface Task {
  /** Of the process, on the host. */
  readonly pid: number;
  /** On the host. */
  readonly tid: number;
  /** At most 15 bytes of its name. */
  readonly name: string;
}

/** What a thread has done so far. */
export interface TaskActivity {
  /** `R`, `S`, `D`, … */
  readonly state: string;
  /** How often it left the processor, of itself or not. */
  readonly switches: number;
}

/** Threads of these processes. Empty: they have ended. */
export function tasksOf(pids: readonly number[]): readonly Task[] {
  return pids.flatMap((pid) =>
    list(`/proc/${pid}/task`).flatMap((tid): Task[] => {
      const name = read(`/proc/${pid}/task/${tid}/comm`);
      return name === null ? [] : [{ pid, tid: Number(tid), name: name.trimEnd() }];
    }),
  );
}

/** Null: it has ended. */
export function activityOf({ pid, tid }: Task): TaskActivity | null {
  const status = read(`/proc/${pid}/task/${tid}/status`);
  if (status === null) return null;
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s+(\\S+)`, 'mu').exec(status)?.[1] ?? '';
  return {
    state: field('State'),
    switches:
      Number(field('voluntary_ctxt_switches')) + Number(field('nonvoluntary_ctxt_switches')),
  };
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // it ended
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // it ended
  }
}

/**
 * The fast path on a host where we are root and the engine runs beside us: the server's own process, by its host pid,
 * signalled in the call itself.
 */
import { readFileSync } from 'node:fs';
import { processStarted } from './leftovers.ts';

export class HostProcess {
  readonly pid: number;
  readonly #started: string;

  constructor(pid: number, started: string) {
    this.pid = pid;
    this.#started = started;
  }

  /** Signals its process group, now; false when that very process is no more (its pid is never taken for it). */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean {
    if (processStarted(this.pid) !== this.#started) return false;
    try {
      return process.kill(-this.pid, name);
    } catch {
      return false; // it ended just now; the supervisor, which is asked as well, tells
    }
  }
}

/**
 * Whether a host pid that the engine names is a supervisor of ours: not so when the engine runs in a virtual machine,
 * elsewhere, or in another pid namespace.
 */
export function isSupervisor(hostPid: number, title: string): boolean {
  if (process.getuid?.() !== 0 || hostPid <= 0) return false;
  const commandLine = read(`/proc/${hostPid}/cmdline`);
  return commandLine?.split('\0')[0]?.trim() === title;
}

/** The child of a supervisor whose pid in the node is this one. Null: cannot be told. */
export function findServer(supervisorHostPid: number, pidInNode: number): HostProcess | null {
  const children = read(`/proc/${supervisorHostPid}/task/${supervisorHostPid}/children`);
  for (const child of (children ?? '').trim().split(' ')) {
    const status = read(`/proc/${child}/status`);
    const inner = /^NSpid:.*\s(\d+)$/m.exec(status ?? '')?.[1];
    const started = processStarted(Number(child));
    if (Number(inner) === pidInNode && started !== null)
      return new HostProcess(Number(child), started);
  }
  return null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // gone, or not ours to see: then there is no fast path
  }
}

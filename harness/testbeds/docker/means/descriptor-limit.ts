/** RLIMIT_NOFILE of a process that runs. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `soft:hard`; null: it has ended. */
export function descriptorLimit(pid: number): string | null {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    const found = /^Max open files\s+(\S+)\s+(\S+)/mu.exec(limits);
    return found === null ? null : `${found[1]}:${found[2]}`;
  } catch {
    return null;
  }
}

/**
 * Sets it by prlimit(1), in about 5 ms.
 * @param limit `soft:hard`, or only the soft one
 * @throws what prlimit says
 */
export function setDescriptorLimit(pid: number, limit: string): void {
  const wanted = limit.includes(':') ? limit : `${limit}:${hardOf(pid)}`;
  const argv = ['--pid', String(pid), `--nofile=${wanted}`];
  const { status, stderr, error } = spawnSync('prlimit', argv, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`prlimit ${argv.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

function hardOf(pid: number): string {
  return descriptorLimit(pid)?.split(':')[1] ?? '';
}

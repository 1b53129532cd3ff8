/** What strace is told, for a fault of system calls (strace(1), "Tampering"). */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CallFault } from '../../../means/calls.ts';

const MICROSECONDS = 1000;

/** Without whom to trace. @param paths that calls must be on; none: any */
export function straceArgv(fault: CallFault, paths: readonly string[]): readonly string[] {
  const calls = fault.calls.join(',');
  const { delayMs = 0, error, lie = false, every = 1 } = fault;
  const changes = [
    ...(delayMs > 0 ? [`delay_enter=${Math.round(delayMs * MICROSECONDS)}`] : []),
    ...(error === undefined ? [] : [`error=${error}`]),
    ...(lie ? ['retval=0'] : []),
    ...(every > 1 ? [`when=${every}+${every}`] : []),
  ];
  return [
    // Threads, nothing but the calls, no data.
    ...['-f', '-qq', '-s', '0'],
    ...paths.flatMap((path) => ['-P', path]),
    ...[
      '-e',
      'signal=none',
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${[calls, ...changes].join(':')}`,
    ],
  ];
}

/**
 * The files that a path of the node means: a pattern in its last part (`/data/wal/*.wal`) all that match now.
 * @param root the node's files as the host sees them
 */
export function filesAt(root: string, path: string): readonly string[] {
  const name = basename(path);
  if (!name.includes('*')) return [path];
  const folder = dirname(path);
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const wanted = new RegExp(`^${parts.join('.*')}$`);
  try {
    const names = readdirSync(join(root, folder));
    return names.filter((one) => wanted.test(one)).map((one) => join(folder, one));
  } catch {
    return []; // No such folder yet.
  }
}

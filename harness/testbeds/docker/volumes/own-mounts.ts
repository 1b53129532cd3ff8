/** The file systems of its own that a node has mounted, as its mount table tells (proc_pid_mountinfo(5)). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILESYSTEMS_FOLDER } from './own-filesystem.ts';

/** One such file system. */
export interface OwnMount {
  /** Where it is in the node: `/data`. */
  readonly path: string;
  /** `/dev/loop3`. */
  readonly device: string;
  /** Major and minor number of the device: `7:3`. */
  readonly numbers: string;
  /** Options of the file system itself: `rw,emergency_ro`. */
  readonly options: string;
}

/** Those of a run that this process sees mounted. @param pid on the host; one that is gone has none */
export function ownMounts(pid: number, runId: string): readonly OwnMount[] {
  const folder = `${join(FILESYSTEMS_FOLDER, runId)}/`;
  return parseMounts(textOf(`/proc/${pid}/mountinfo`)).filter(({ numbers }) =>
    textOf(`/sys/dev/block/${numbers}/loop/backing_file`).startsWith(folder),
  );
}

/** The mounts of loop devices in a mount table. */
export function parseMounts(mountinfo: string): readonly OwnMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , numbers = '', root = '', path = ''] = left.split(' ');
    const [type = '', device = '', options = ''] = right.split(' ');
    if (type !== 'ext4' || !device.startsWith('/dev/loop') || root !== '/') return [];
    return [{ path: unescape(path), device, numbers, options }];
  });
}

/** Where the host's mount table has this device; null: nowhere. */
export function mountPointOnHost(numbers: string): string | null {
  const found = parseMounts(textOf('/proc/self/mountinfo')).find((one) => one.numbers === numbers);
  return found?.path ?? null;
}

/** Blanks are written as octal. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // The process is gone, or this is no loop device.
  }
}

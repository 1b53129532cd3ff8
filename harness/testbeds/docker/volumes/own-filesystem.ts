/**
 * Data volumes on file systems of their own: a sparse file, ext4 on it, a loop device. What happens to such a volume as
 * a whole (power loss, no space, frozen, read-only) happens to nothing else on the host.
 *
 * Everything of a run lies in one folder that is named for it and tells who made it, so that it is found and removed
 * when the run is long dead: loop devices are found again by the files behind them.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { processStarted } from '../../../guardian/process-started.ts';

/** Where all runs' file systems are. */
export const FILESYSTEMS_FOLDER = '/var/lib/faultline/volumes';
const OWNER = 'owner.json';
const SUFFIX = '.ext4';
/** Sparse: what is never written takes no space. etcd and ZooKeeper set 64 MiB aside for each log file. */
const SIZE_BYTES = 1 << 30;
const COMMAND_LIMIT_MS = 20_000;

/** The programs that it takes, with the Debian package of each. */
const PROGRAMS = { losetup: 'mount', 'mkfs.ext4': 'e2fsprogs', debugfs: 'e2fsprogs', perl: 'perl' };

/** All that a run has there. */
export interface RunFilesystems {
  readonly run: string;
  /** Who made it: pid and its start time, so that a reused pid is not taken for it. Null: not to be told. */
  readonly pid: number | null;
  readonly started: string | null;
  /** Names of its volumes. */
  readonly volumes: readonly string[];
}

/** Why volumes cannot have file systems of their own, or null. @param engineIsHere whether its host is this one */
export function lackOfOwnFilesystems(engineIsHere: boolean): string | null {
  const prefix = 'file systems of their own for data volumes need';
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !engineIsHere)
    return `${prefix} root on the engine's host`;
  if (!existsSync('/dev/loop-control')) return `${prefix} loop devices (the kernel has none)`;
  const missing = Object.entries(PROGRAMS).find(([program]) => !installed(program));
  if (missing === undefined) return null;
  return `${prefix} ${missing[0]} on the host (Debian's package ${missing[1]})`;
}

/** Whether a program is to be had. */
export function installed(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/**
 * Makes an empty file system.
 * @returns its loop device, `/dev/loop3`
 * @throws with what mkfs.ext4(8) or losetup(8) said
 */
export async function createFilesystem(runId: string, volume: string): Promise<string> {
  const folder = join(FILESYSTEMS_FOLDER, runId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = { pid: process.pid, started: processStarted(process.pid) };
  writeFileSync(join(folder, OWNER), JSON.stringify(owner));
  const image = imageOf(runId, volume);
  writeFileSync(image, '');
  truncateSync(image, SIZE_BYTES);
  // No blocks kept for root (-m 0), so that full is full; an error makes it read-only, as the kernel's documentation
  // recommends (ext4(5), "errors"); nothing is left to be written after the first mount.
  const lazy = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-e', 'remount-ro', '-E', lazy, image]);
  // A new volume is empty; e2fsck(8) makes the folder again when it needs it.
  await run('debugfs', ['-w', '-R', 'rmdir lost+found', image]);
  return run('losetup', ['--find', '--show', image]);
}

/** Everything that there is, by run. */
export function listFilesystems(): readonly RunFilesystems[] {
  if (!existsSync(FILESYSTEMS_FOLDER)) return [];
  try {
    return readdirSync(FILESYSTEMS_FOLDER).map((run) => {
      const files = readdirSync(join(FILESYSTEMS_FOLDER, run));
      const volumes = files.filter((name) => name.endsWith(SUFFIX));
      return {
        run,
        ...ownerOf(run),
        volumes: volumes.map((name) => name.slice(0, -SUFFIX.length)),
      };
    });
  } catch {
    return []; // Not ours to see (not root), or removed meanwhile.
  }
}

/**
 * Detaches and deletes what a run has there, when nothing is mounted any more.
 * @throws with what losetup(8) said: a file system that is still in use is not removed
 */
export async function removeFilesystems(runId: string): Promise<void> {
  const folder = join(FILESYSTEMS_FOLDER, runId);
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  await Promise.all(names.map((name) => detach(join(folder, name))));
  rmSync(folder, { recursive: true, force: true });
}

/** What removes them by hand. */
export function removalCommand(runId: string): string {
  const folder = join(FILESYSTEMS_FOLDER, runId);
  const detaching = `losetup -nO NAME -j "$f" | xargs -r losetup -d`;
  return `for f in ${folder}/*${SUFFIX}; do ${detaching}; done; rm -r ${folder}`;
}

/** The file behind a volume's loop device. */
export function imageOf(runId: string, volume: string): string {
  return join(FILESYSTEMS_FOLDER, runId, `${volume}${SUFFIX}`);
}

async function detach(image: string): Promise<void> {
  const devices = await run('losetup', ['--noheadings', '--output', 'NAME', '--associated', image]);
  for (const device of devices.split('\n').map((line) => line.trim())) {
    if (device !== '') await run('losetup', ['--detach', device]);
  }
}

function ownerOf(run: string): Pick<RunFilesystems, 'pid' | 'started'> {
  try {
    const text = readFileSync(join(FILESYSTEMS_FOLDER, run, OWNER), 'utf8');
    const { pid, started } = JSON.parse(text) as { pid?: unknown; started?: unknown };
    if (typeof pid === 'number' && typeof started === 'string') return { pid, started };
  } catch {
    // Killed before it was written, or being removed: then nobody owns it.
  }
  return { pid: null, started: null };
}

async function run(program: string, argv: readonly string[]): Promise<string> {
  const { PATH = '' } = process.env;
  const result = await execa(program, argv, {
    reject: false,
    timeout: COMMAND_LIMIT_MS,
    env: { PATH: `${PATH}:/usr/sbin:/sbin` },
  });
  if (result.exitCode === 0) return result.stdout.trim();
  const said = result.stderr.trim() || result.shortMessage || 'it failed';
  throw new Error(`${program}: ${said}`);
}

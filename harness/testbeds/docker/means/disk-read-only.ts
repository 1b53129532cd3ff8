/**
 * A file system that went read-only, as ext4 does after an error (errors=remount-ro): writes fail with EROFS, also of
 * files that are open. `mount -o remount,ro` refuses while a server has files open for writing.
 */
import { existsSync, writeFileSync } from 'node:fs';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import type { OwnMount } from '../volumes/own-mounts.ts';
import { type DiskNode, diskNode, diskNodeNow, seeOptions, seeWrites } from './disk-node.ts';
import { remountUndo } from './disk-remount.ts';

export async function readOnly(host: NodeHost): Promise<Armed> {
  const node = diskNode(host);
  const missing = node.mounts.map(switchOf).find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`the kernel has no ${missing}`);
  return new ReadOnly(node);
}

class ReadOnly implements Armed {
  readonly undo: Undo;
  readonly #node: DiskNode;
  #started: Observation | null = null;

  constructor(node: DiskNode) {
    this.#node = node;
    this.undo = remountUndo(node);
  }

  /** An error of the file system, told to it by hand (Documentation/ABI/testing/sysfs-fs-ext4). */
  fire(): void {
    for (const mount of this.#node.mounts) writeFileSync(switchOf(mount), 'faultline');
  }

  /** The write that fires it is answered when it is in force. */
  done(): Promise<void> {
    return Promise.resolve();
  }

  async verify(): Promise<Verification> {
    const writes = await seeWrites(this.#node, 'EROFS');
    const now = diskNodeNow(this.#node.host);
    const option = seeOptions(now, 'emergency_ro', true);
    // Kernels before 6.15 show it as `ro`.
    const older = seeOptions(now, 'ro', true);
    const observations = [writes, option.confirms ? option : older];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    const { host } = this.#node;
    await host.crash();
    await host.start();
    const now = host.incarnation();
    const seen = now === null ? 'started, and ended by itself' : `started as ${now}`;
    this.#started = { means: `server of ${host.name}`, seen, confirms: true };
  }

  async verifyHealed(): Promise<Verification> {
    const { host } = this.#node;
    const now = diskNodeNow(host);
    const not = { means: `server of ${host.name}`, seen: 'not started', confirms: false };
    const observations = [await seeWrites(now, 'ok'), this.#started ?? not];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }
}

function switchOf({ device }: OwnMount): string {
  return `/sys/fs/ext4/${device.replace('/dev/', '')}/trigger_fs_error`;
}

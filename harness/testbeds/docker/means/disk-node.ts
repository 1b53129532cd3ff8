/** A node as the faults of its volumes see it: where they are, and whether they can be written. */
import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '../../../nemesis.ts';
import type { NodeHost } from '../node-host.ts';
import { type OwnMount, ownMounts } from '../volumes/own-mounts.ts';

export interface DiskNode {
  readonly host: NodeHost;
  /** At least one. Taken when the fault was made ready. */
  readonly mounts: readonly OwnMount[];
  /** The node's files as the host sees them then. */
  readonly root: string;
}

/** @throws when the node is down, or has no volume with a file system of its own */
export function diskNode(host: NodeHost): DiskNode {
  const pid = host.initPid();
  if (pid === null) throw new Error(`${host.name} is down: its volumes are not mounted`);
  const mounts = ownMounts(pid, host.runId);
  if (mounts.length === 0) throw new Error(`${host.name} has no volume with its own file system`);
  return { host, mounts, root: `/proc/${pid}/root` };
}

/** The same after a restart; null while the node is down. */
export function diskNodeNow(host: NodeHost): DiskNode | null {
  try {
    return diskNode(host);
  } catch {
    return null; // Down, or its volumes are gone: told as such by whoever looks.
  }
}

/** Tries to make a small file on each volume. @returns for each `ok`, or the error's code: `EIO`, `ENOSPC`, `EROFS` */
export function tryToWrite(node: DiskNode, bytes = 1): Promise<readonly string[]> {
  return Promise.all(
    node.mounts.map(({ path }) => writeProbe(join(node.root, path, probeName(node)), bytes)),
  );
}

/** Whether all of them could be written, or none, for that reason. */
export async function seeWrites(
  node: DiskNode | null,
  wanted: string,
  bytes = 1,
): Promise<Observation> {
  if (node === null)
    return { means: 'write to the volume', seen: 'the node is down', confirms: false };
  const results = await tryToWrite(node, bytes);
  return {
    means: `write to ${node.mounts.map(({ path }) => path).join(' and ')} of ${node.host.name}`,
    seen: results.join(', '),
    confirms: results.every((result) => result === wanted),
  };
}

/** Bytes that can still be written to each volume. */
export function freeBytes(node: DiskNode): Promise<readonly number[]> {
  return Promise.all(
    node.mounts.map(async ({ path }) => {
      const { bavail, bsize } = await statfs(join(node.root, path));
      return bavail * bsize;
    }),
  );
}

/** What the node's mount table says of each volume now, against what it is to say. */
export function seeOptions(node: DiskNode | null, option: string, present: boolean): Observation {
  const means = 'mount table';
  if (node === null) return { means, seen: 'the node is down', confirms: false };
  const options = node.mounts.map((mount) => mount.options);
  const confirms = options.every((text) => text.split(',').includes(option) === present);
  return { means: `${means} of ${node.host.name}`, seen: options.join(' '), confirms };
}

/** A file that only faultline makes. */
function probeName({ host }: DiskNode): string {
  return `.faultline-probe-${host.runId}`;
}

async function writeProbe(path: string, bytes: number): Promise<string> {
  try {
    const file = await open(path, 'w');
    try {
      await file.write(Buffer.alloc(bytes));
      await file.sync();
    } finally {
      await file.close();
      await unlink(path).catch(() => undefined); // Read-only since just now: it goes with the volume.
    }
    return 'ok';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

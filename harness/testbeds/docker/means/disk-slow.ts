/**
 * A slow disk: the node's control group may write only so much to its volumes' devices (blkio.throttle of cgroup v1,
 * io.max of v2; Documentation/admin-guide/cgroup-v1/blkio-controller.rst, cgroup-v2.rst).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Value } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { type DiskNode, diskNode, seeWrites } from './disk-node.ts';

/** One line in one file of the control group, and the line that takes it back. */
interface Throttle {
  readonly file: string;
  readonly line: string;
  readonly whole: string;
}

export interface Slowness {
  /** Default: not limited. */
  readonly bytesPerSecond?: number;
  /** Default: not limited. */
  readonly writesPerSecond?: number;
}

const CGROUPS = '/sys/fs/cgroup';

export async function diskSlow(host: NodeHost, slowness: Slowness): Promise<Armed> {
  const node = diskNode(host);
  const throttles = throttlesOf(node, slowness);
  const missing = throttles.find(({ file }) => !existsSync(file));
  if (missing !== undefined) throw new Error(`the host has no ${missing.file}`);
  return new DiskSlow(node, throttles, slowness);
}

class DiskSlow implements Armed {
  readonly undo: Undo;
  readonly #node: DiskNode;
  readonly #throttles: readonly Throttle[];
  readonly #slowness: Slowness;

  constructor(node: DiskNode, throttles: readonly Throttle[], slowness: Slowness) {
    this.#node = node;
    this.#throttles = throttles;
    this.#slowness = slowness;
    const settings: Value = throttles.map(({ file, whole }) => ({ file, line: whole }));
    this.undo = [{ act: 'clear-throttle', node: node.host.name, settings }];
  }

  fire(): void {
    for (const { file, line } of this.#throttles) writeFileSync(file, line);
  }

  /** The write that fires it is answered when it is in force. */
  done(): Promise<void> {
    return Promise.resolve();
  }

  async verify(): Promise<Verification> {
    const observations = [this.#settings(true), await this.#timedWrite()];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  heal(): Promise<void> {
    return undoAll(this.undo, this.#node.host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    const observations = [this.#settings(false), await seeWrites(this.#node, 'ok')];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  #settings(limited: boolean): Observation {
    const { host, mounts } = this.#node;
    const lines = [...new Set(this.#throttles.map(({ file }) => file))]
      .flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []))
      .filter((line) => mounts.some(({ numbers }) => line.startsWith(`${numbers} `)));
    const seen = lines.length === 0 ? 'no limit' : lines.join('; ');
    return { means: `limits of ${host.name}`, seen, confirms: lines.length > 0 === limited };
  }

  /** As much as the limit lets through in a third of a second takes about that long, from inside the node. */
  async #timedWrite(): Promise<Observation> {
    const { host, mounts } = this.#node;
    const means = `a synced write in ${host.name}`;
    const [mount] = mounts;
    if (mount === undefined) return { means, seen: 'no volume', confirms: false };
    const { bytesPerSecond, writesPerSecond } = this.#slowness;
    // Writes of one block each when those are counted; each is a bio of its own because it is synced by itself.
    const count = bytesPerSecond === undefined ? Math.ceil((writesPerSecond ?? 1) / 3) : 1;
    const bytes = bytesPerSecond === undefined ? 4096 : Math.ceil(bytesPerSecond / 3);
    const file = join(mount.path, `.faultline-timed-${host.runId}`);
    const argv = ['perl', '-e', TIMED_WRITE, file, String(count), String(bytes)];
    const { stdout } = await host.exec(argv, { timeoutMs: 8000 });
    const took = Number(stdout);
    const seen = `${count} of ${bytes} bytes took ${stdout} ms`;
    return { means, seen, confirms: took >= 150 };
  }
}

/** Milliseconds that it takes to write and sync, and nothing else. */
const TIMED_WRITE = `
use strict; use Time::HiRes 'time'; use IO::Handle;
my ($file, $count, $bytes) = @ARGV;
my $began = time;
sysopen(my $f, $file, 01101, 0600) or die $!;
for (1 .. $count) { syswrite $f, 'x' x $bytes; $f->sync }
printf '%d', (time - $began) * 1000; unlink $file;`;

function throttlesOf({ root, mounts }: DiskNode, slowness: Slowness): readonly Throttle[] {
  const { bytesPerSecond: bytes, writesPerSecond: writes } = slowness;
  const groups = readFileSync(join(root, '..', 'cgroup'), 'utf8').split('\n');
  const blkio = groups.find((line) => /^\d+:([^:]*,)?blkio(,[^:]*)?:/.test(line));
  if (blkio === undefined)
    return mounts.map(({ numbers }) => unified(groups, numbers, bytes, writes));
  const folder = join(CGROUPS, 'blkio', blkio.split(':').slice(2).join(':'));
  return mounts.flatMap(({ numbers }) =>
    [
      { what: 'bps', limit: bytes },
      { what: 'iops', limit: writes },
    ].flatMap(({ what, limit }) => {
      if (limit === undefined) return [];
      const file = join(folder, `blkio.throttle.write_${what}_device`);
      return [{ file, line: `${numbers} ${limit}`, whole: `${numbers} 0` }];
    }),
  );
}

function unified(
  groups: readonly string[],
  numbers: string,
  bytes: number | undefined,
  writes: number | undefined,
): Throttle {
  const own = groups.find((line) => line.startsWith('0::'))?.slice(3) ?? '/';
  return {
    file: join(CGROUPS, own, 'io.max'),
    line: `${numbers} wbps=${bytes ?? 'max'} wiops=${writes ?? 'max'}`,
    whole: `${numbers} wbps=max wiops=max`,
  };
}

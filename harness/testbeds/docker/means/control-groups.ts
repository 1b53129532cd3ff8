/** A node's control groups on the host, version 1 or 2 (cgroups(7)). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** The files by which a resource is limited, and by which its limit is seen at work. */
export interface LimitFiles {
  readonly limit: string;
  /** A file with the line or value that grows when the limit is met. */
  readonly events: string;
  /** The name of that line; null: the file holds nothing but the value. */
  readonly counter: string | null;
  /** How much is in use; null: not told as one value. */
  readonly usage: string | null;
  /** What is written when there is no limit. */
  readonly none: string;
}

/** Of version 2, by resource; relative to the one group. */
const VERSION_2 = {
  cpu: { limit: 'cpu.max', events: 'cpu.stat', counter: 'nr_throttled', usage: null, none: 'max' },
  memory: {
    ...{ limit: 'memory.max', events: 'memory.events', counter: 'max' },
    ...{ usage: 'memory.current', none: 'max' },
  },
  pids: {
    ...{ limit: 'pids.max', events: 'pids.events', counter: 'max' },
    ...{ usage: 'pids.current', none: 'max' },
  },
} as const satisfies Readonly<Record<string, LimitFiles>>;

const VERSION_1 = {
  cpu: { ...VERSION_2.cpu, limit: 'cpu.cfs_quota_us', none: '-1' },
  memory: {
    ...{ limit: 'memory.limit_in_bytes', events: 'memory.failcnt', counter: null },
    ...{ usage: 'memory.usage_in_bytes', none: '-1' },
  },
  pids: VERSION_2.pids,
} as const satisfies Readonly<Record<string, LimitFiles>>;

export type LimitedResource = keyof typeof VERSION_2;

export interface ControlGroup extends LimitFiles {
  readonly version: 1 | 2;
}

/** The files of this resource for the group that the process is in, with whole paths. Null: there are none here. */
export function controlGroup(pid: number, resource: LimitedResource): ControlGroup | null {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const own = new RegExp(`^\\d+:(?:[^:]*,)?${resource}(?:,[^:]*)?:(.*)$`, 'mu').exec(groups)?.[1];
  const unified = /^0::(.*)$/mu.exec(groups)?.[1];
  const found =
    own === undefined
      ? { version: 2 as const, folder: join(ROOT, unified ?? ''), files: VERSION_2[resource] }
      : { version: 1 as const, folder: join(ROOT, resource, own), files: VERSION_1[resource] };
  const { version, folder, files } = found;
  if (!existsSync(join(folder, files.limit))) return null;
  const usage = files.usage === null ? null : join(folder, files.usage);
  const paths = { limit: join(folder, files.limit), events: join(folder, files.events), usage };
  return { ...files, ...paths, version };
}

/** How often the limit was met so far. */
export function timesMet({ events, counter }: ControlGroup): number {
  const text = readFileSync(events, 'utf8');
  if (counter === null) return Number(text);
  return Number(new RegExp(`^${counter} (\\d+)$`, 'mu').exec(text)?.[1] ?? 0);
}

/** Bytes of memory that cannot be given up. */
export function anonymousMemory(group: ControlGroup): number {
  const text = readFileSync(join(group.limit, '..', 'memory.stat'), 'utf8');
  const name = group.version === 1 ? 'total_rss' : 'anon';
  return Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(text)?.[1] ?? 0);
}

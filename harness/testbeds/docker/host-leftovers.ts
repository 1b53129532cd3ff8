/**
 * What runs leave on the engine's host besides what is in the engine, each kind recognised by its own names. Means that
 * make such things have their kind in the list at the end.
 */
import { existsSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostChainOf, hostChains, removeHostChain } from './host-chain.ts';
import { thawRun } from './volumes/agent.ts';
import { listFilesystems, removeFilesystems } from './volumes/own-filesystem.ts';

/** One thing of a run on the host. */
export interface HostThing {
  readonly run: string;
  /** By which it is removed. */
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** The process that made it, with its start time, where that is known. */
  readonly owner?: { readonly pid: number; readonly started: string };
}

/** One kind of such things. */
export interface HostLeftovers {
  /** `chain`: the word that `faultline ls` shows. */
  readonly kind: string;
  /**
   * What there is of any run; nothing where we may not look.
   * @param runs ids of all runs that are known otherwise, for names that do not hold the whole id
   */
  list(runs: readonly string[]): Promise<readonly HostThing[]>;
  /** What must be done before the run's containers can be ended. Default: nothing. */
  release?(thing: Pick<HostThing, 'id'>): Promise<void>;
  /** When the run's containers are gone. One that is gone counts as done. @throws when it could not */
  remove(thing: Pick<HostThing, 'id'>): Promise<void>;
}

/** A file with a loop device that a volume is mounted from. Of each run as one thing: they are deleted together. */
const filesystems: HostLeftovers = {
  kind: 'filesystem',
  list: async () =>
    listFilesystems().map(({ run, pid, started, volumes }) => ({
      ...{ run, id: run, name: volumes.join(' '), state: 'ext4' },
      ...(pid === null || started === null ? {} : { owner: { pid, started } }),
    })),
  // A container on a frozen file system cannot be ended.
  release: ({ id }) => thawRun(id),
  remove: ({ id }) => removeFilesystems(id),
};

/** A packet-filter chain of the host. */
const chains: HostLeftovers = {
  kind: 'chain',
  list: async (runs) => {
    const owners = new Map(runs.map((run) => [hostChainOf(run), run]));
    const found = await hostChains();
    return found.map((name) => ({
      ...{ run: owners.get(name) ?? name.replace(/^FL-/, ''), id: name, name, state: 'iptables' },
    }));
  },
  remove: ({ id }) => removeHostChain(id),
};

/** Where cgroups are in which a thread can be frozen (cgroup v1, and the one tree of v2). */
const CGROUP_FOLDERS = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup'];
/** `fl-<run>-<what>`, a run's id being its time and seed. */
const CGROUP = /^fl-(\d{8}T\d{9}Z-\d+(?:-\d+)?)-/;

/** A cgroup beside the containers' own, in which threads are frozen. */
const cgroups: HostLeftovers = {
  kind: 'cgroup',
  list: async (runs) =>
    CGROUP_FOLDERS.flatMap((folder) => namesIn(folder).map((name) => ({ folder, name })))
      .filter(({ name }) => name.startsWith('fl-'))
      .flatMap(({ folder, name }) => {
        const known = runs.find((one) => name.startsWith(`fl-${one}-`));
        const run = known ?? CGROUP.exec(name)?.[1];
        return run === undefined ? [] : [{ run, id: join(folder, name), name, state: 'freezer' }];
      }),
  release: async ({ id }) => {
    for (const [file, thawed] of [
      ['freezer.state', 'THAWED'],
      ['cgroup.freeze', '0'],
    ] as const) {
      if (existsSync(join(id, file))) writeFileSync(join(id, file), thawed);
    }
  },
  remove: async ({ id }) => {
    if (existsSync(id)) rmdirSync(id);
  },
};

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No such tree here.
  }
}

export const HOST_LEFTOVERS: readonly HostLeftovers[] = [filesystems, chains, cgroups];

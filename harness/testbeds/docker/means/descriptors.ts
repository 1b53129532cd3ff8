/** No more open files for the processes of a server (RLIMIT_NOFILE, getrlimit(2)), by prlimit(1). */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo, UndoAct } from '../../../undo.ts';
import { processStarted } from '../../../guardian/process-started.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { descriptorLimit, setDescriptorLimit } from './descriptor-limit.ts';

interface Limited {
  readonly pid: number;
  readonly started: string;
  readonly before: string;
  readonly limit: number;
}

/** @throws when its processes are not to be seen from here, or there is no prlimit */
export function squeezeDescriptors(host: NodeHost, spare: number): Armed {
  if (spawnSync('prlimit', ['--version']).status !== 0) {
    throw new Error('prlimit is not installed on the host');
  }
  const limited = host.serverPids().flatMap((pid): Limited[] => {
    const [started, before] = [processStarted(pid), descriptorLimit(pid)];
    if (started === null || before === null) return [];
    return [{ pid, started, before, limit: limitFor(openFiles(pid), spare) }];
  });
  if (limited.length === 0) throw new Error(`${host.name}: needs root on the engine's host`);
  return new DescriptorLimit(host, limited);
}

/** Numbers of its open files. */
function openFiles(pid: number): ReadonlySet<number> {
  return new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
}

/** The limit is one of numbers, and whoever opens a file gets the lowest that is free. */
function limitFor(open: ReadonlySet<number>, spare: number): number {
  let limit = 0;
  for (let free = 0; open.has(limit) || free++ < spare;) limit++;
  return limit;
}

function freeBelow(open: ReadonlySet<number>, limit: number): number {
  return limit - [...open].filter((number) => number < limit).length;
}

class DescriptorLimit implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #limited: readonly Limited[];

  constructor(host: NodeHost, limited: readonly Limited[]) {
    this.#host = host;
    this.#limited = limited;
    this.undo = limited.map(({ pid, started, before }): UndoAct => ({
      act: 'restore-descriptors',
      ...{ node: host.name, pid, started, limit: before },
    }));
  }

  fire(): void {
    for (const { pid, limit } of this.#limited) setDescriptorLimit(pid, String(limit));
  }

  async done(): Promise<void> {
    // In force as it is set.
  }

  async verify(): Promise<Verification> {
    const observations = this.#limited.flatMap(({ pid, started, limit }): Observation[] => {
      if (processStarted(pid) !== started) {
        return [{ means: `process ${pid}`, seen: 'has ended', confirms: false }];
      }
      const soft = descriptorLimit(pid)?.split(':')[0];
      const open = openFiles(pid);
      const free = freeBelow(open, limit);
      return [
        {
          means: `limits of process ${pid}`,
          seen: soft ?? 'none',
          confirms: soft === String(limit),
        },
        {
          means: `files of process ${pid}`,
          seen: `${open.size} open, ${free} more may be opened`,
          // Files that were open and are closed since may be opened again.
          confirms: free <= open.size,
        },
      ];
    });
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  heal(): Promise<void> {
    return undoAll(this.undo, this.#host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    const observations = this.#limited.map(({ pid, started, before }): Observation => {
      const lives = processStarted(pid) === started;
      const now = lives ? descriptorLimit(pid) : null;
      const confirms = !lives || now === before;
      return { means: `limits of process ${pid}`, seen: now ?? 'has ended', confirms };
    });
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }
}

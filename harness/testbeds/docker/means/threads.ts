/**
 * Single threads of a node's server, stopped by the freezer of cgroup v1, which freezes tasks and not processes
 * (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst). The thread is moved into a group of ours that is frozen
 * already. Version 2 freezes whole processes only.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lack } from '../../../means.ts';
import type { NodeThreads } from '../../../means/threads.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import { MILLISECOND } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { runName } from '../run-labels.ts';
import { undoAll } from '../undo/perform.ts';
import { activityOf, type Task, tasksOf } from './task-table.ts';

const FREEZER = '/sys/fs/cgroup/freezer';
/** Frozen threads are looked at twice, so long apart. */
const STILL = 30 * MILLISECOND;
let made = 0;

/** Needs root on the engine's host, and cgroup v1 there. */
export function threadsMeans(host: NodeHost): NodeThreads | Lack {
  if (!existsSync(join(FREEZER, 'cgroup.procs'))) {
    return new Lack('freezing a single thread needs the freezer of cgroup v1 on this host');
  }
  if (process.getuid?.() !== 0) return new Lack("needs root on the engine's host");
  return {
    names: async () => tasksOf(serverOf(host)).map(({ name }) => name),
    pause: async (pattern) => makePause(host, new RegExp(pattern, 'u')),
  };
}

/** @throws when its processes are not to be seen from here */
function serverOf(host: NodeHost): readonly number[] {
  const pids = host.serverPids();
  if (pids.length > 0) return pids;
  const dead = host.incarnation() === null;
  const why = dead ? 'its server does not run' : "needs root on the engine's host";
  throw new Error(`${host.name}: ${why}`);
}

/** @throws when no thread matches */
function makePause(host: NodeHost, pattern: RegExp): Armed {
  const tasks = tasksOf(serverOf(host));
  const chosen = tasks.filter(({ name }) => pattern.test(name));
  const [first] = chosen;
  if (first === undefined) {
    const names = [...new Set(tasks.map(({ name }) => name))].join(', ');
    throw new Error(`${host.name}: no thread matches ${pattern.source}; there are ${names}`);
  }
  made++;
  const cgroup = join(FREEZER, `${runName(host.runId, host.name)}-threads-${made}`);
  const home = join(FREEZER, freezerOf(first));
  mkdirSync(cgroup);
  // Before anything is in it, so that what comes is frozen as it comes.
  writeFileSync(join(cgroup, 'freezer.state'), 'FROZEN');
  return new ThreadPause(host, chosen, tasks, cgroup, home);
}

/** The container's own group: `/docker/0123…`. */
function freezerOf({ pid, tid }: Task): string {
  const text = readFileSync(`/proc/${pid}/task/${tid}/cgroup`, 'utf8');
  const found = /^\d+:freezer:(.*)$/mu.exec(text)?.[1];
  if (found === undefined) throw new Error(`thread ${tid} is in no freezer group`);
  return found;
}

class ThreadPause implements Armed {
  readonly undo: Undo;
  readonly #host: NodeHost;
  readonly #chosen: readonly Task[];
  readonly #others: readonly Task[];
  readonly #cgroup: string;
  readonly #incarnation: string | null;

  constructor(
    host: NodeHost,
    chosen: readonly Task[],
    all: readonly Task[],
    cgroup: string,
    home: string,
  ) {
    this.#host = host;
    this.#chosen = chosen;
    this.#others = all.filter((task) => !chosen.includes(task));
    this.#cgroup = cgroup;
    this.#incarnation = host.incarnation();
    this.undo = [{ act: 'thaw-threads', node: host.name, cgroup, home }];
  }

  fire(): void {
    if (this.#host.incarnation() !== this.#incarnation) {
      throw new Error(
        `${this.#host.name}: its server is another one since the fault was made ready`,
      );
    }
    for (const { tid } of this.#chosen) writeFileSync(join(this.#cgroup, 'tasks'), String(tid));
  }

  async done(): Promise<void> {
    // Frozen as it was moved.
  }

  async verify(): Promise<Verification> {
    const state = readFileSync(join(this.#cgroup, 'freezer.state'), 'utf8').trim();
    const inside = readFileSync(join(this.#cgroup, 'tasks'), 'utf8').trim().split('\n');
    const count = this.#chosen.filter(({ tid }) => inside.includes(String(tid))).length;
    const all = this.#chosen.length;
    const observations: Observation[] = [
      {
        means: `freezer of ${this.#host.name}`,
        seen: `${state}, ${count} of ${all} threads in it`,
        confirms: state === 'FROZEN' && count === all,
      },
      await this.#schedulings(),
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  /** Frozen threads are not scheduled; the server's others may be. */
  async #schedulings(): Promise<Observation> {
    const count = (tasks: readonly Task[]): readonly (number | undefined)[] =>
      tasks.map((task) => activityOf(task)?.switches);
    const [mine, theirs] = [count(this.#chosen), count(this.#others)];
    await this.#host.context.clock.sleep(STILL);
    const moved = (tasks: readonly Task[], before: readonly unknown[]): number =>
      count(tasks).filter((switches, index) => switches !== before[index]).length;
    const ran = moved(this.#chosen, mine);
    const names = [...new Set(this.#chosen.map(({ name }) => name))].join(', ');
    const others = `${moved(this.#others, theirs)} of ${this.#others.length} others did`;
    const seen = ran === 0 ? `${names} did not run, ${others}` : `${ran} of ${names} ran`;
    return { means: "kernel's count of switches", seen, confirms: ran === 0 };
  }

  heal(): Promise<void> {
    return undoAll(this.undo, this.#host.hands);
  }

  async verifyHealed(): Promise<Verification> {
    const gone = !existsSync(this.#cgroup);
    const states = this.#chosen.map((task) => (activityOf(task) === null ? null : this.#at(task)));
    const back = states.filter((place) => place !== null && !place.includes('/fl-')).length;
    const ended = states.filter((place) => place === null).length;
    const observations: Observation[] = [
      {
        means: `freezer of ${this.#host.name}`,
        seen: gone ? 'our group is gone' : 'our group is there',
        confirms: gone,
      },
      {
        means: 'groups of the threads',
        seen: `${back} back in their container's, ${ended} ended, of ${states.length}`,
        confirms: back + ended === states.length,
      },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  #at(task: Task): string | null {
    try {
      return freezerOf(task);
    } catch {
      return null; // It ended.
    }
  }

  disarm(): void {
    rmdirSync(this.#cgroup);
  }
}
